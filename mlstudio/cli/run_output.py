"""What a program prints: shown as it comes, kept as the run's log, searched for metrics.

stdout and stderr stay apart on the way through; where ours is a terminal the program gets one too
(a pseudo-terminal of the same size), so that it draws its progress bars as ever. The log holds both in
the order of their lines, without secrets (as many asterisks stand there) and without what a progress bar
overwrote; lines are cut at 64 kB, and of a very long log the middle is dropped.

Knows nothing of: processes, the store.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from mlstudio.entities.secrets import masked_bytes
from mlstudio.jobs.run_log import OUTPUT
from mlstudio.jobs.runner.logs import LogWriter

if TYPE_CHECKING:
    from mlstudio.experiments import Run
    from mlstudio.jobs.metrics import Scanner

_log = logging.getLogger("mlstudio.cli")
CHUNK: Final = 1 << 16
LONGEST_LINE: Final = 64_000
MOST_OF_KEY: Final = 16 << 10
_KEY: Final = b"-----BEGIN "


class OutputLog:
    """The log of a run, on disk while it is written. Two threads may write lines.

    Args:
        folder: of the run; the log goes into the segments that jobs use, so it can be read as it grows. A log that
            is there already is continued.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writer = LogWriter(folder / "log", OUTPUT)
        self._lock = threading.Lock()
        self._closed = False

    def line(self, line: bytes) -> None:
        """Keep one line, without its end; a full disk costs the log, not the program."""
        shown = line.rstrip(b"\r").rpartition(b"\r")[2][:LONGEST_LINE] + b"\n"
        with self._lock:
            if not self._closed:
                self._writer.write(shown)

    def close(self) -> None:
        """See the last of it on disk; later lines, of a process left in the background, are not kept."""
        with self._lock:
            self._closed = True
            self._writer.close()


class Lines:
    """Cuts a stream into lines for a log; a line without end is cut at `LONGEST_LINE`."""

    def __init__(self, log: OutputLog) -> None:
        self._log = log
        self._pending = b""
        self._key = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes; none: the end."""
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in self._shown(lines):
            self._log.line(line)
        if len(self._pending) > LONGEST_LINE:
            overwritten = self._pending.rpartition(b"\r")[2]
            self._pending = overwritten if len(overwritten) < len(self._pending) else self._pending[:LONGEST_LINE]
        if not data and self._pending:
            for line in self._shown([self._pending]):
                self._log.line(line)
            self._pending = b""

    def _shown(self, lines: list[bytes]) -> list[bytes]:
        """Return lines without secrets; a private key that began earlier goes on to its end."""
        if not lines:
            return []
        body = b"\n".join(lines)
        behind = (self._key + body) if self._key else body
        shown = masked_bytes(behind)[len(self._key) :]
        begun = behind.rfind(_KEY)
        goes_on = begun >= 0 and behind.find(b"-----END", begun) < 0
        self._key = behind[begun:] + b"\n" if goes_on and len(behind) - begun < MOST_OF_KEY else b""
        return shown.split(b"\n")


class MetricReader:
    """Logs what a scanner finds, steps counted per metric."""

    def __init__(self, run: Run, scanner: Scanner) -> None:
        self._run = run
        self._scanner = scanner
        self._pending = b""
        self._steps: dict[str, int] = {}

    def feed(self, data: bytes) -> None:
        """Take the next bytes; none: the end."""
        self._pending += data
        found = self._scanner.scan(self._pending, last=not data)
        self._pending = self._pending[found.end :]
        for name, values in found.values.items():
            for value in values:
                self._run.log_metric(name, value, step=self._steps.get(name, 0))
                self._steps[name] = self._steps.get(name, 0) + 1
        if len(self._pending) > CHUNK:  # a line without end is not looked at
            self._pending = self._pending[-CHUNK:]


class Channel:
    """One stream of the program, on its way to ours.

    Args:
        name: ``stdout`` or ``stderr``.
        readers: called with the bytes as they come, and with none at the end.
    """

    def __init__(self, name: str, readers: list[Callable[[bytes], None]]) -> None:
        self._ours: Any = getattr(sys, name)
        self._readers = readers
        self._reading, self.writing = _pair(self._ours)
        self._thread = threading.Thread(target=self._copy, name=f"mlstudio-{name}", daemon=True)

    def start(self) -> None:
        """The program has its end now: close ours of it and begin to read."""
        os.close(self.writing)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for the end; a process in the background may hold the stream open longer than that."""
        self._thread.join(seconds)

    def _copy(self) -> None:
        while True:
            try:
                data = os.read(self._reading, CHUNK)
            except OSError:  # a pseudo-terminal whose other end is closed
                data = b""
            if data:
                with contextlib.suppress(OSError, ValueError):  # our reader went away; the program goes on
                    self._ours.buffer.write(data)
                    self._ours.buffer.flush()
            for read in list(self._readers):
                try:
                    read(data)
                except Exception as error:  # the program must never wait for a pipe that nobody reads
                    self._readers.remove(read)
                    _log.warning("What the program prints is no longer read: %s", error)
            if not data:
                os.close(self._reading)
                return


def _pair(ours: IO[Any]) -> tuple[int, int]:
    """Return (reading end, writing end): of a pseudo-terminal when ours is a terminal, else of a pipe."""
    if os.name != "posix" or not ours.isatty():
        return os.pipe()
    import fcntl
    import pty
    import termios

    reading, writing = pty.openpty()
    modes = termios.tcgetattr(writing)
    modes[1] &= ~termios.OPOST  # our terminal turns "\n" into what it needs
    termios.tcsetattr(writing, termios.TCSANOW, modes)
    with contextlib.suppress(OSError):
        fcntl.ioctl(writing, termios.TIOCSWINSZ, fcntl.ioctl(ours.fileno(), termios.TIOCGWINSZ, bytes(8)))
    return reading, writing
