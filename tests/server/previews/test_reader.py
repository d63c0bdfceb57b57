"""What the reader's process does with one question."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlstudio.entities.previews import Preview
from mlstudio.server.previews import reader
from mlstudio.server.previews.question import Question


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    def late(*_: object) -> None:
        raise reader.TooLate

    before = signal.signal(signal.SIGALRM, late)
    yield
    signal.signal(signal.SIGALRM, before)


def answer(path: Path, name: str, edge: int | None = None) -> tuple[bytes, bytes]:
    return reader.safely(Question(str(path), name, None, edge))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pkl", b"x", "not shown: unsafe format (pickle)"),
        ("a.wav", b"RIFF\0\0\0\0WAVE", "played from its content"),
        ("a.parquet", b"PAR1" + b"\0" * 20, "damaged"),
        ("a.zip", b"PK\x05\x06", "damaged"),
        ("a.npz", b"PK\x03\x04 .npy", "damaged"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "damaged"),
        ("a.bin", b"\0\1\2", "not shown: no text (binary)"),
    ],
)
def test_what_is_not_shown_has_a_reason(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path / "blob"
    path.write_bytes(data)
    kind, body = answer(path, name)
    found = msgspec.json.decode(body, type=Preview)

    assert (kind, found.kind, found.size) == (b"J", "none", len(data))
    assert (found.reason or "").startswith(reason)


def test_a_file_that_is_gone_is_an_answer(tmp_path: Path) -> None:
    kind, body = answer(tmp_path / "gone", "a.txt")
    assert b"FileNotFoundError" in body
    assert answer(tmp_path / "gone", "a.png", 64)[0] == b"E"
    assert kind == b"J"


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), KeyError("x"), AssertionError("y")])
def test_whatever_a_library_raises_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(reader.texts, "text", broken)
    (tmp_path / "a").write_text("x")

    assert msgspec.json.decode(answer(tmp_path / "a", "a")[1], type=Preview).reason


def test_a_question_has_little_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any) -> Any:
        try:
            time.sleep(5)
        except Exception:
            pytest.fail("nobody may catch it")

    monkeypatch.setattr(reader, "SECONDS", 0.1)
    monkeypatch.setattr(reader.texts, "text", slow)
    (tmp_path / "a").write_text("x")
    begun = time.monotonic()

    assert "longer than 0.1 seconds" in (msgspec.json.decode(answer(tmp_path / "a", "a")[1], type=Preview).reason or "")
    assert time.monotonic() - begun < 2


def test_it_serves_until_nobody_asks(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    questions_out, questions_in = os.pipe()
    answers_out, answers_in = os.pipe()
    with os.fdopen(questions_in, "wb") as ask:
        ask.write(msgspec.json.encode(Question(str(tmp_path / "a"), "a")) + b"\n")
    with os.fdopen(questions_out, "rb", buffering=0) as questions, os.fdopen(answers_in, "wb") as answers:
        reader.serve(questions, answers)
    with os.fdopen(answers_out, "rb") as told:
        said = told.read()

    assert said[4:5] == b"J"
    assert msgspec.json.decode(said[5:], type=Preview).text == "x"
