"""FailureReason in SageMaker's words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlstudio.jobs.runner.outcome import failure_reason, last_error, signal_name, split_status

TRACE = b"""Epoch 1
Traceback (most recent call last):
  File "train.py", line 3, in <module>
    main()
ValueError: the learning rate is negative
  with a second line
"""


def test_the_last_traceback_gives_the_error() -> None:
    assert last_error(TRACE) == "ValueError: the learning rate is negative\n  with a second line"


def test_of_several_processes_the_error_is_that_of_a_process_not_of_the_launcher() -> None:
    launcher = b"""[rank1]: Traceback (most recent call last):
[rank1]:   File "half.py", line 3, in <module>
[rank1]: ValueError: rank one is broken
W1123 18:57:57.100 18925 site-packages/torch/api.py:1010] Sending process 18930 closing signal SIGTERM
Traceback (most recent call last):
  File "run.py", line 88, in <module>
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
half.py FAILED
"""
    assert last_error(launcher) == "ValueError: rank one is broken"
    alone = launcher[launcher.index(b"Traceback (most recent call last):\n  File") :]
    assert last_error(alone).startswith("torch.distributed.elastic"), "better than nothing"
    assert last_error(b"end of it\nTraceback (most recent call last):\n  File cut") == "File cut"


def test_without_a_traceback_the_last_line_is_the_error() -> None:
    assert last_error(b"one\ntwo\n\n") == "two"
    assert last_error(b"") == ""


@pytest.mark.parametrize(("status", "expected"), [(0, (0, None)), (7 << 8, (7, None)), (9, (None, 9))])
def test_a_wait_status_is_a_code_or_a_signal(status: int, expected: tuple[int | None, int | None]) -> None:
    assert split_status(status) == expected


def test_a_reason_has_at_most_1024_characters_and_keeps_its_form(tmp_path: Path) -> None:
    reason = failure_reason(tmp_path / "failure", 1, None, b"x" * 5000, ["python", "train.py", "é" * 5000])
    assert len(reason) <= 1024
    assert reason.startswith('ExecuteUserScriptError:\nExitCode 1\nErrorMessage "xxx')
    assert '\nCommand "python train.py ' in reason
    assert reason.endswith('"')


def test_a_signal_is_named_with_what_is_known(tmp_path: Path) -> None:
    reason = failure_reason(tmp_path / "failure", None, 9, b"", ["x"], note="memory limit 16 GiB")
    assert "Killed by SIGKILL: memory limit 16 GiB" in reason
    assert signal_name(64 + 1) == "signal 65"


def test_an_empty_failure_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "failure").write_text(" \n")
    assert "ExitCode 2" in failure_reason(tmp_path / "failure", 2, None, b"", ["x"])


@pytest.mark.timeout(5)
def test_a_failure_that_is_no_regular_file_is_not_waited_for_nor_followed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "other").write_text("of somebody else")
    (tmp_path / "link").symlink_to(tmp_path / "other")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "link", "folder"):
        assert "ExitCode 2" in failure_reason(tmp_path / name, 2, None, b"", ["x"])
