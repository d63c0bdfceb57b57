"""W&B offline runs, made by W&B itself; its framing, cut and damaged."""

from __future__ import annotations

import io
import math
import os
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.transfers import TransferReport
from mlstudio.experiments.importers.leveldb_log import BLOCK, FIRST, FULL, HEADER, LAST, MIDDLE, log_records
from mlstudio.experiments.importers.record_file import Ending
from mlstudio.experiments.importers.wandb_records import flattened, number_of
from mlstudio.experiments.query_text import parse
from mlstudio.store import open_store

Bring = Callable[..., TransferReport]
T0 = 1_700_000_000.0


@pytest.fixture(scope="module")
def by_wandb(peers: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one offline run."""
    folder = tmp_path_factory.mktemp("wandb")
    program = Path(__file__).with_name("make_wandb_run.py")
    done = subprocess.run([peers, str(program), str(folder)], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_an_offline_run_comes_in_once(by_wandb: Path, bring: Bring) -> None:
    report = bring("wandb", by_wandb)
    assert (report.runs, report.experiments) == (1, ["words"])
    (run,) = open_store().search_components(parse(""))
    assert (run.display_name, run.description, run.status) == ("first try", "a **note**", "Completed")
    assert run.params == {"lr": 0.1, "net.depth": 3, "net.act": "relu", "sizes": "[1, 2]"}
    assert run.tags["wandb.group"] == "g"
    assert {"good", "old"} <= set(run.tags)
    last = {series.name: series.last for series in run.metrics}
    assert (last["loss"], last["nested.a"], last["whole"], last["best"]) == (0.05, 19.0, 19.0, 0.9)
    assert math.isnan(last["odd"])
    media = open_store().media(run.name).items
    assert {(one.name, one.kind, one.caption) for one in media} == {
        ("picture", "image", "dark"),
        ("spread", "histogram", None),
        ("said", "text", None),
    }
    reply = open_store().code(run.name)
    assert reply.code is not None
    assert str(reply.code.entrypoint).endswith("make_wandb_run.py")
    assert reply.env is not None
    assert "wandb" in reply.env.packages
    assert bring("wandb", by_wandb).unchanged == 1


def torn(data: bytes) -> bytes:
    """Cut in the middle of the record that spans the half: LevelDB's frames, 7 bytes of head in blocks of 32 KiB."""
    at = 7
    while True:
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
        end = at + 7 + int.from_bytes(data[at + 4 : at + 6], "little")
        if end > len(data) // 2:
            return data[: (at + 7 + end) // 2]
        at = end


def test_a_file_without_an_end_was_killed_and_is_read_up_to_where_it_is_torn(
    by_wandb: Path, tmp_path: Path, bring: Bring
) -> None:
    copy = Path(shutil.copytree(by_wandb, tmp_path / "copy", symlinks=True))
    (path,) = copy.rglob("*.wandb")
    path.write_bytes(torn(path.read_bytes()))
    os.utime(path, (T0, T0))
    report = bring("wandb", path)
    (run,) = open_store().search_components(parse(""))
    assert run.status == "Stopped"
    assert "killed" in str(run.status_message)
    assert any("half-written" in one.why for one in report.skipped)


def test_damage_is_reported_with_its_place(by_wandb: Path, tmp_path: Path, bring: Bring) -> None:
    copy = Path(shutil.copytree(by_wandb, tmp_path / "copy", symlinks=True))
    (path,) = copy.rglob("*.wandb")
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    report = bring("wandb", copy)
    assert any("damaged behind byte" in one.why for one in report.skipped)
    assert report.runs == 1


def test_what_is_no_run_is_refused(tmp_path: Path, bring: Bring) -> None:
    (tmp_path / "x.wandb").write_bytes(b"something else")
    with pytest.raises(InvalidField, match="no W&B runs"):
        bring("wandb", tmp_path)


def fragment(kind: int, body: bytes) -> bytes:
    return struct.pack("<IHB", zlib.crc32(body, zlib.crc32(bytes([kind]))), len(body), kind) + body


def read(body: bytes) -> tuple[list[bytes], Ending]:
    ending = Ending(0)
    return list(log_records(io.BytesIO(body), ending)), ending


def test_records_are_joined_over_blocks() -> None:
    first = b"a" * (BLOCK - len(HEADER) - 7)
    long = fragment(FIRST, first) + fragment(MIDDLE, b"b" * (BLOCK - 7)) + fragment(LAST, b"c")
    got, ending = read(HEADER + long + fragment(FULL, b"next"))
    assert got == [first + b"b" * (BLOCK - 7) + b"c", b"next"]
    assert (ending.damage, ending.torn) == (None, False)


def test_padding_at_the_end_of_a_block_is_passed_over() -> None:
    fill = b"a" * (BLOCK - len(HEADER) - 7 - 5)
    got, _ = read(HEADER + fragment(FULL, fill) + b"\0" * 5 + fragment(FULL, b"next"))
    assert got == [fill, b"next"]


def test_a_fragment_out_of_place_is_damage() -> None:
    for body in (fragment(MIDDLE, b"x"), fragment(FIRST, b"x") + fragment(FULL, b"y"), fragment(9, b"x")):
        got, ending = read(HEADER + body)
        assert got == []
        assert "where there should be none" in str(ending.damage)
    whole = HEADER + fragment(FULL, b"one") + fragment(FULL, b"two")
    for cut in range(len(HEADER), len(whole)):
        assert read(whole[:cut])[1].damage is None


def test_nested_values_get_dotted_names_and_spelled_numbers_are_numbers() -> None:
    assert dict(flattened("a", {"b": {"c": 1}, "d": [1]})) == {"a.b.c": 1, "a.d": "[1]"}
    deep: dict[str, object] = {}
    for _ in range(100):
        deep = {"x": deep}
    assert len(list(flattened("a", deep))) == 1
    assert number_of("Infinity") == math.inf
    assert number_of("12") is None
    assert number_of(10**400) == math.inf
