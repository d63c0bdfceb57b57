"""The desk and the reader's process: whatever a file does, there is an answer, and soon."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlstudio.entities.errors import NotFound, TooLarge, TooMany
from mlstudio.entities.experiments import ArtifactItem
from mlstudio.entities.previews import Preview
from mlstudio.server.previews import desk as desk_module
from mlstudio.server.previews import process as process_module
from mlstudio.server.previews.desk import PreviewDesk
from mlstudio.server.previews.process import ReaderGone, ReaderProcess
from mlstudio.server.previews.question import Question
from mlstudio.store.artifacts import BlobStore


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderProcess]:
    process = ReaderProcess()
    yield process
    process.close()


def shown(reader: ReaderProcess, path: Path, name: str | None = None) -> Preview:
    kind, body = reader.ask(Question(str(path), name or path.name))
    assert kind == b"J"
    return msgspec.json.decode(body, type=Preview)


def test_one_process_answers_many_questions(reader: ReaderProcess, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hello")
    assert shown(reader, path).text == "hello"
    pid = reader.pid
    assert shown(reader, path, "a.csv").columns == ["hello"]

    assert reader.pid == pid


def test_the_process_has_small_rights(reader: ReaderProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", "t-secret")
    path = tmp_path / "a.txt"
    path.write_text("x")
    shown(reader, path)
    about = Path(f"/proc/{reader.pid}")
    if not about.exists():
        # Only Linux tells another process's limits; elsewhere they are set all the same. Printed by -ra.
        pytest.skip("this system has no /proc")

    limits = {line[:26].strip(): line[26:].split() for line in (about / "limits").read_text().splitlines()[1:]}
    assert limits["Max file size"][:2] == ["0", "0"]
    assert limits["Max core file size"][:2] == ["0", "0"]
    assert int(limits["Max open files"][0]) <= 64
    assert int(limits["Max address space"][0]) < 4 * 2**30
    assert b"t-secret" not in (about / "environ").read_bytes()
    assert os.getsid(reader.pid or 0) != os.getsid(0)


def test_what_takes_too_much_memory_is_said_and_the_process_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "bomb.parquet"  # some kB on disk, 200 MB in its first row
    table = pa.table({"a": ["x" * 200_000_000]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False, write_statistics=False)
    (tmp_path / "b.txt").write_text("still here")
    little = "from mlstudio.server.previews import reader; reader.MEMORY = 64 << 20; reader.main()"
    monkeypatch.setattr(process_module, "COMMAND", ("-P", "-c", little))
    reader = ReaderProcess()
    try:
        found = shown(reader, path)
        pid = reader.pid
        assert shown(reader, tmp_path / "b.txt").text == "still here"
        assert reader.pid == pid
    finally:
        reader.close()

    assert (found.kind, found.size) == ("none", path.stat().st_size)
    assert "memory" in (found.reason or "")


def test_a_process_that_was_killed_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    reader = ReaderProcess()
    try:
        shown(reader, path)
        assert reader.pid
        os.kill(reader.pid, signal.SIGKILL)
        assert shown(reader, path).text == "x"
    finally:
        reader.close()
    assert reader.pid is None


def test_a_process_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)  # opening one waits for ever; a blob is never one
    monkeypatch.setattr(process_module, "PATIENCE", 0.5)
    reader = ReaderProcess()
    try:
        with pytest.raises(ReaderGone, match=r"longer than 0\.5 seconds"):
            reader.ask(Question(str(fifo), "fifo"))
        assert reader.pid is None
    finally:
        reader.close()


def test_a_process_that_does_not_start_is_no_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ReaderGone, match="did not start"):
        ReaderProcess().ask(Question("/nothing", "x"))


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "artifacts")


def item(blobs: BlobStore, data: bytes, name: str = "a.txt") -> ArtifactItem:
    blob = blobs.put_bytes(data)
    return ArtifactItem(name=name, direction="output", value=name, sha256=blob.sha256, size=blob.size)


def at(blobs: BlobStore, scene: Callable[[PreviewDesk], Any]) -> Any:
    async def run() -> Any:
        desk = PreviewDesk(blobs)
        try:
            return await scene(desk)
        finally:
            desk.close()

    return asyncio.run(run())


def test_the_same_content_is_read_once(blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = ReaderProcess.ask
    monkeypatch.setattr(ReaderProcess, "ask", lambda self, question: asked.append(question) or real(self, question))

    async def scene(desk: PreviewDesk) -> list[bytes]:
        one = item(blobs, b"text")
        return [*await asyncio.gather(*(desk.preview(one) for _ in range(5))), await desk.preview(one)]

    answers = at(blobs, scene)

    assert len(set(answers)) == 1
    assert len(asked) == 1


def test_a_file_that_ends_the_reader_is_not_tried_again_at_once(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def gone(self: ReaderProcess, question: Question) -> Any:
        asked.append(question)
        raise ReaderGone("not shown: reading it ended the reader")

    monkeypatch.setattr(ReaderProcess, "ask", gone)

    async def scene(desk: PreviewDesk) -> tuple[Preview, Preview]:
        one = item(blobs, b"deadly")
        first, second = [msgspec.json.decode(await desk.preview(one), type=Preview) for _ in range(2)]
        with pytest.raises(TooLarge):
            await desk.picture(one, 64)
        return first, second

    first, second = at(blobs, scene)

    assert first.reason == second.reason == "not shown: reading it ended the reader"
    assert len(asked) == 2, "one for the preview, one for the picture"


def test_what_is_not_here_is_not_found(blobs: BlobStore) -> None:
    pointer = ArtifactItem(name="x", direction="input", value="s3://x")
    lost = ArtifactItem(name="x", direction="input", value="x", sha256="0" * 64)

    async def scene(desk: PreviewDesk) -> bytes:
        for one in (pointer, lost):
            with pytest.raises(NotFound):
                await desk.picture(one, 64)
        with pytest.raises(NotFound):
            await desk.preview(lost)
        with pytest.raises(NotFound, match="no image"):
            await desk.picture(item(blobs, b"text"), 64)
        return await desk.preview(pointer)

    assert b"pointer" in at(blobs, scene)


def test_not_too_many_wait(blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "WAITING", 1)

    async def scene(desk: PreviewDesk) -> None:
        first = asyncio.ensure_future(desk.preview(item(blobs, b"1")))
        await asyncio.sleep(0)
        with pytest.raises(TooMany):
            await desk.preview(item(blobs, b"2"))
        await first

    at(blobs, scene)


def test_memory_of_answers_is_bounded(blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "MEMORY", 2000)

    async def scene(desk: PreviewDesk) -> tuple[int, int]:
        for number in range(10):
            await desk.preview(item(blobs, b"%d" % number * 500))
        return len(desk._kept), desk._bytes

    kept, total = at(blobs, scene)
    assert kept < 10
    assert total <= 2000


def test_one_slow_file_does_not_hold_up_the_others(blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = item(blobs, b"slow", "slow"), item(blobs, b"quick", "quick")
    go = threading.Event()
    real = ReaderProcess.ask

    def ask(self: ReaderProcess, question: Question) -> Any:
        if question.name == "slow":
            assert go.wait(20)
        return real(self, question)

    monkeypatch.setattr(ReaderProcess, "ask", ask)

    async def scene(desk: PreviewDesk) -> None:
        waiting = asyncio.ensure_future(desk.preview(slow))
        await asyncio.sleep(0)
        assert b"quick" in await desk.preview(quick)
        assert not waiting.done()
        go.set()
        assert b"slow" in await waiting

    at(blobs, scene)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Return a list that grows by each process that a reader starts."""
    real, found = subprocess.Popen, list[Any]()

    def noted(*arguments: Any, **options: Any) -> Any:
        found.append(real(*arguments, **options))
        return found[-1]

    monkeypatch.setattr("mlstudio.server.previews.process.subprocess.Popen", noted)
    return found


def test_a_desk_that_is_closed_while_it_reads_starts_no_other_reader(
    blobs: BlobStore, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = threading.Event()
    real = ReaderProcess._exchange

    def hanging(process: subprocess.Popen[bytes], line: bytes) -> tuple[bytes, bytes]:
        if b"hangs" not in line:
            return real(process, line)
        asking.set()
        process.wait(30)  # until somebody kills it
        return real(process, line)

    monkeypatch.setattr(ReaderProcess, "_exchange", staticmethod(hanging))

    async def scene(desk: PreviewDesk) -> Preview:
        await desk.preview(item(blobs, b"first: the reader is warm now"))
        waiting = asyncio.ensure_future(desk.preview(item(blobs, b"second", "hangs.txt")))
        await asyncio.to_thread(asking.wait, 30)
        desk.close()
        return msgspec.json.decode(await waiting, type=Preview)

    assert at(blobs, scene).kind == "none"
    assert len(started) == 1, "one that ends for the server is not asked once more"
    assert started[0].poll() is not None


def test_a_desk_that_is_closed_while_a_reader_starts_leaves_no_process(
    blobs: BlobStore, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, closed = threading.Event(), threading.Event()
    real = PreviewDesk._reader

    def late(desk: PreviewDesk) -> ReaderProcess:
        starting.set()
        assert closed.wait(30)
        return real(desk)

    monkeypatch.setattr(PreviewDesk, "_reader", late)

    async def scene(desk: PreviewDesk) -> list[Preview]:
        waiting = asyncio.ensure_future(desk.preview(item(blobs, b"text")))
        await asyncio.to_thread(starting.wait, 30)
        desk.close()
        closed.set()
        answers = [await waiting, await desk.preview(item(blobs, b"after", "b.txt"))]
        return [msgspec.json.decode(answer, type=Preview) for answer in answers]

    assert [found.reason for found in at(blobs, scene)] == ["not shown: the server is ending"] * 2
    assert started == []


def test_a_reader_that_was_ended_starts_no_more(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    reader = ReaderProcess()
    shown(reader, path)
    reader.end()
    with pytest.raises(ReaderGone, match="the server is ending"):
        reader.ask(Question(str(path), "a.txt"))
    assert [process.poll() is None for process in started] == [False]
