"""What a program prints is shown as it comes and kept as the run's log."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mlstudio.cli.main import main
from mlstudio.cli.run_output import LONGEST_LINE, Channel, Lines, OutputLog
from mlstudio.entities.experiments import ComponentRecord, ListRequest
from mlstudio.jobs.run_log import save_log
from mlstudio.store import open_store


def the_component(experiment: str) -> ComponentRecord:
    (found,) = open_store().list_components(ListRequest(limit=10), experiment=experiment).items
    return found


def kept(experiment: str) -> bytes:
    return Path(urlsplit(the_component(experiment).outputs["output.log"].value).path).read_bytes()


def fed(tmp_path: Path, *parts: bytes) -> bytes:
    log = OutputLog(Path(tempfile.mkdtemp(dir=tmp_path)))
    lines = Lines(log)
    for part in (*parts, b""):
        lines.feed(part)
    log.close()
    save_log(log.folder, tmp_path / "copy")
    return (tmp_path / "copy").read_bytes()


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((b"a\nb\n",), b"a\nb\n"),
        ((b"a", b"b\nc"), b"ab\nc\n"),
        ((b" 10%\r 50%\r100%\ndone\n",), b"100%\ndone\n"),
        ((b"windows\r\n",), b"windows\n"),
        ((b"\n\n",), b"\n\n"),
        ((), b""),
    ],
)
def test_lines_are_kept_without_what_a_progress_bar_overwrote(
    parts: tuple[bytes, ...], expected: bytes, tmp_path: Path
) -> None:
    assert fed(tmp_path, *parts) == expected


def test_a_long_line_is_cut_and_a_bar_without_end_takes_no_memory(tmp_path: Path) -> None:
    assert fed(tmp_path, b"x" * 1_000_000, b"y\nnext\n") == b"x" * LONGEST_LINE + b"\nnext\n"
    log = OutputLog(tmp_path / "bar")
    lines = Lines(log)
    for number in range(2000):
        lines.feed(b"%4d%%" % number + b"=" * 200 + b"\r")
        assert len(lines._pending) <= 2 * LONGEST_LINE
    log.close()


def test_a_line_after_the_end_is_not_kept(tmp_path: Path) -> None:
    log = OutputLog(tmp_path / "run")
    log.line(b"one")
    log.close()
    log.line(b"of a process in the background")
    assert save_log(log.folder, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"one\n"


def test_both_streams_are_shown_apart_and_kept_together(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "train.py"
    program.write_text("import sys, time\nprint('out')\ntime.sleep(.1)\nprint('err', file=sys.stderr)\n1/0\n")
    assert main(["run", "--experiment", "x", str(program)]) == 1
    shown = capfd.readouterr()
    assert shown.out == "out\n"
    assert "err\n" in shown.err
    log = kept("x").decode()
    assert log.startswith("out\nerr\n")
    assert log.rstrip().endswith("ZeroDivisionError: division by zero")
    assert the_component("x").outputs["output.log"].media_type == "text/plain; charset=utf-8"


def test_no_output_keeps_none_and_leaves_the_streams_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "train.py"
    program.write_text("print('out')\n")
    assert main(["run", "--no-output", "--experiment", "x", str(program)]) == 0
    assert capfd.readouterr().out == "out\n"
    assert the_component("x").outputs == {}


def test_a_silent_program_has_no_log(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text("x = 1\n")
    assert main(["run", "--experiment", "x", str(program)]) == 0
    assert the_component("x").outputs == {}


def test_a_process_left_in_the_background_does_not_hold_the_run(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text("import subprocess\nsubprocess.Popen(['sleep', '30'])\nprint('done')\n")
    began = time.monotonic()
    assert main(["run", "--experiment", "x", str(program)]) == 0
    assert time.monotonic() - began < 20
    assert kept("x") == b"done\n"


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")
def test_in_a_terminal_the_program_has_one_too(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text("import sys, os\nprint(sys.stdout.isatty(), os.get_terminal_size().columns)\n")
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "columns", "97"], stdin=theirs, check=True)
    command = [sys.executable, "-m", "mlstudio.cli", "run", "--experiment", "x", str(program)]
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.DEVNULL, check=False, env=dict(os.environ))
    os.close(theirs)
    assert done.returncode == 0
    assert os.read(ours, 1000) == b"True 97\r\n"
    os.close(ours)
    assert kept("x") == b"True 97\n"


def test_a_reader_that_fails_does_not_hold_up_the_program(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    seen: list[bytes] = []

    def fail(_data: bytes) -> None:
        raise RuntimeError("no reader of this kind")

    channel = Channel("stdout", [fail, seen.append])
    program = subprocess.Popen([sys.executable, "-c", "print('x' * 300_000)"], stdout=channel.writing)
    channel.start()
    assert program.wait(20) == 0
    channel.join(20)
    assert len(b"".join(seen)) == 300_001


def test_secrets_are_not_kept_wherever_the_stream_is_cut(tmp_path: Path) -> None:
    key = b"-----BEGIN RSA PRIVATE KEY-----\nMIIEhush0\nhush1\n-----END RSA PRIVATE KEY-----\n"
    data = b"tokens 5\nAPI_KEY=hush0\n" + key + b"password: hush0\nend"

    whole = fed(tmp_path, data)

    assert b"hush" not in whole
    assert len(whole) == len(data) + 1
    assert whole.splitlines()[0::6] == [b"tokens 5", b"password: *****"]
    for size in (1, 5, 33):
        assert fed(tmp_path, *(data[at : at + size] for at in range(0, len(data), size))) == whole
