"""The reader's process as its parent holds it: started when needed, asked, killed when it hangs.

Knows nothing of: files, stores, HTTP. One thread asks at a time; any thread may `end` it.
"""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import sys
import threading
from typing import IO, Final

import msgspec

from mlstudio.server.previews.question import SECONDS, Question

COMMAND: Final = ("-P", "-m", "mlstudio.server.previews.reader")
PATIENCE: Final = SECONDS + 2
"""Seconds after which a process that does not answer is killed."""
START: Final = 30.0
LARGEST: Final = 16 * 1024 * 1024
ANSWERS: Final = 200
"""After so many the process is replaced: what leaks does not add up."""
KEPT: Final = ("PATH", "LANG", "LC_ALL", "HOME", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR")
"""Variables that the reader may see; no token is among them."""

ENDING: Final = "not shown: the server is ending"


class ReaderGone(Exception):
    """The process ended, or was killed, before it had answered."""

    def __init__(self, reason: str, *, late: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.late = late


class ReaderProcess:
    """One reader, which is started by the first question."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._answered = 0
        self._lock = threading.Lock()
        self._ended = False

    @property
    def pid(self) -> int | None:
        """Of the running process; None when there is none."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def ask(self, question: Question) -> tuple[bytes, bytes]:
        """Return kind and body of the answer.

        Raises:
            ReaderGone: the file ended the reader, or kept it too long, or `end` was called.
        """
        used = self._answered > 0
        try:
            return self._ask(question)
        except ReaderGone as error:
            if not used or error.late:
                raise
        return self._ask(question)  # it may have ended by itself, for its size, while we asked

    def _ask(self, question: Question) -> tuple[bytes, bytes]:
        process = self._process
        if process is None or process.poll() is not None or self._answered >= ANSWERS:
            process = self._start()
        line = msgspec.json.encode(question) + b"\n"
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(PATIENCE, kill)
        timer.daemon = True
        timer.start()
        try:
            answer = self._exchange(process, line)
        except (OSError, EOFError, ValueError) as error:  # ValueError: another thread closed the streams
            self.close()
            slow = f"it took longer than {PATIENCE:g} seconds to read"
            reason = f"not shown: {slow if late.is_set() else 'reading it ended the reader'}"
            raise ReaderGone(reason, late=late.is_set()) from error
        finally:
            timer.cancel()
        self._answered += 1
        return answer

    def close(self) -> None:
        """End the process; the next question starts another one."""
        with self._lock:
            process, self._process = self._process, None
            self._answered = 0
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()

    def end(self) -> None:
        """End the process for good, and whoever waits for its answer; for any thread."""
        with self._lock:
            self._ended = True
        self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        self.close()
        environment = {key: value for key, value in os.environ.items() if key in KEPT}
        environment |= {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
        with self._lock:  # either `end` comes first, or it finds the process
            if self._ended:
                raise ReaderGone(ENDING, late=True)
            process = self._process = subprocess.Popen(
                [sys.executable, *COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        timer = threading.Timer(START, process.kill)
        timer.daemon = True
        timer.start()
        try:
            ready = process.stdout is not None and process.stdout.readline() == b"ready\n"
        except ValueError:  # another thread closed the stream
            ready = False
        finally:
            timer.cancel()
        if not ready:
            self.close()
            raise ReaderGone("not shown: the reader of previews did not start")
        return process

    @staticmethod
    def _exchange(process: subprocess.Popen[bytes], line: bytes) -> tuple[bytes, bytes]:
        out, into = process.stdout, process.stdin
        if out is None or into is None:
            raise EOFError
        into.write(line)
        into.flush()
        length, kind = struct.unpack("<Ic", _exactly(out, 5))
        if length > LARGEST or kind not in {b"J", b"B", b"E"}:
            raise EOFError
        return kind, _exactly(out, length)


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
