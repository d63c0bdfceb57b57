"""The thread that moves a journal into the store, and keeps every trouble to itself.

Drains when half a second has passed (growing to five, so that it stays under 5 % of one core), and
at once when a state changed or somebody waits. A store that is busy or away costs the caller
nothing: the journal keeps what was logged, the thread tries again, less and less often.

Knows nothing of: what a record means, SQL.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from mlstudio.entities.errors import Conflict, StoreBusy
from mlstudio.store.batch import Batch, Purged
from mlstudio.store.journal_file import JournalFile
from mlstudio.store.journal_format import HEADER_SIZE, POINT_SIZE
from mlstudio.store.journal_parse import Definitions, Parser
from mlstudio.store.journal_write import MAX_RECORD, JournalWriter
from mlstudio.store.laws import MetricStore

LOG: Final = logging.getLogger("mlstudio")
SHORTEST: Final = 0.5
LONGEST: Final = 5.0
SHARE: Final = 0.05
LONGEST_BACKOFF: Final = 30.0
HEARTBEAT: Final = 5.0
ATTEMPTS_AT_END: Final = 2
STRETCH: Final = MAX_RECORD + (1 << 16)


class Drainer:
    """Drains one writer's files, oldest first.

    Args:
        writer: whose files.
        store: returns the store; may raise, and is then asked again.
        heartbeat: send one every five seconds (the owner of a component does).
    """

    def __init__(self, writer: JournalWriter, store: Callable[[], MetricStore], *, heartbeat: bool) -> None:
        self._writer = writer
        self._store = store
        self._heartbeat = heartbeat
        self.error: Exception | None = None
        """Why the last attempt failed; None after a success."""
        self._warned = False
        self._purged = False
        self._reset()

    def _reset(self) -> None:
        self._one = threading.RLock()
        self._event = threading.Event()
        self._attempt = threading.Condition(threading.Lock())
        self._attempts = 0
        self._thread: threading.Thread | None = None
        self._known: dict[str, Definitions] = {}
        self._stopping = False
        self._beats = 0
        self._beat_at = time.monotonic()

    def after_fork(self) -> None:
        """In a forked child: forget the parent's thread and locks."""
        self._heartbeat = False
        self._reset()

    def wake(self) -> None:
        """Drain at once, in the thread; starts it when it does not run. Never raises."""
        thread = self._thread
        if thread is None or not thread.is_alive():
            thread = threading.Thread(target=self._run, name="mlstudio-drain", daemon=True)
            self._thread = thread
            with contextlib.suppress(RuntimeError):  # the interpreter is going down: `stop` drains by itself
                thread.start()
        self._event.set()

    def flush(self, timeout: float) -> bool:
        """Wait until everything written so far is stored.

        Args:
            timeout: seconds; 0 asks without waiting.

        Returns:
            True when it is.
        """
        wanted = [(file, self._writer.end_of(file)) for file in list(self._writer.files)]
        deadline = time.monotonic() + timeout
        while True:
            seen = self._attempts
            if self._stored(wanted):
                return True
            if timeout <= 0 or (left := deadline - time.monotonic()) <= 0:
                return False
            self._ask()
            with self._attempt:
                self._attempt.wait_for(lambda: self._attempts > seen, timeout=min(left, 0.5))  # noqa: B023

    def first_attempt(self, timeout: float) -> None:
        """Wait for the end of the first attempt, good or bad."""
        self._ask()
        with self._attempt:
            self._attempt.wait_for(lambda: self._attempts > 0, timeout=timeout)

    def stop(self, timeout: float) -> bool:
        """Drain what is left and end the thread.

        Waits for a store that is busy, not for one that is away: two attempts that fail end the
        wait, the thread goes on alone, and the journal keeps what it cannot store.

        Args:
            timeout: seconds to wait at most.

        Returns:
            True when all is stored.
        """
        self._stopping = True
        deadline, begun = time.monotonic() + timeout, self._attempts
        self._ask()
        while self._writer.files and (left := deadline - time.monotonic()) > 0:
            with self._attempt:
                self._attempt.wait(timeout=min(left, 0.1))
            away = self.error is not None and not isinstance(self.error, StoreBusy)
            if away and self._attempts - begun >= ATTEMPTS_AT_END:
                break
        thread = self._thread
        if not self._writer.files and thread is not None and thread is not threading.current_thread():
            thread.join(1.0)
        return not self._writer.files

    def _ask(self) -> None:
        self.wake()
        if self._thread is None or not self._thread.is_alive():
            self._try()

    def _stored(self, wanted: list[tuple[JournalFile, int]]) -> bool:
        return all(file.drained >= end or file not in self._writer.files for file, end in wanted)

    def _run(self) -> None:
        delay, backoff = 0.0, SHORTEST
        while True:
            self._event.wait(delay)
            self._event.clear()
            spent = time.thread_time()
            if self._try():
                delay, backoff = min(LONGEST, max(SHORTEST, (time.thread_time() - spent) / SHARE)), SHORTEST
                if self._stopping and not self._writer.files:
                    return
            else:
                delay, backoff = backoff, min(LONGEST_BACKOFF, backoff * 2)

    def _try(self) -> bool:
        """Drain all files once; False when the store did not take it."""
        try:
            with self._one:
                self.drain()
            self.error = None
        except Exception as error:  # noqa: BLE001, RUF100 -- nothing of this may reach the training
            self.error = error
            if not self._warned and not isinstance(error, StoreBusy):
                self._warned = True
                LOG.warning("The store cannot be written to now: %s What is logged waits in the journal.", error)
        with self._attempt:
            self._attempts += 1
            self._attempt.notify_all()
        return self.error is None

    def drain(self) -> None:
        """Store everything that stands in the files now.

        Raises:
            StudioError: the store did not take it; the journal keeps it.
        """
        self._writer.ahead()
        for file in list(self._writer.files):
            for _ in range(1000):
                if not self._drain_stretch(file):
                    break
        self._writer.recycle()

    def _drain_stretch(self, file: JournalFile) -> bool:
        """Store one stretch of a file; True when there may be more."""
        closed = file.closed  # asked before the end: a file that is closed now has its last end
        end = self._writer.end_of(file)
        beat = self._due()
        if file.drained >= end and not closed and not beat:
            return False
        start = max(file.drained, HEADER_SIZE)
        data = file.map[start : min(end, start + STRETCH)]
        batch = Batch(file.info.journal, file.info.component, file.drained, start, file.info.process)
        known = self._known.setdefault(file.info.journal, Definitions())
        stored_to = Parser(data, start, known, batch, check=False).run().end
        if stored_to == start and end - start >= POINT_SIZE and closed:  # damage: go on behind it
            stored_to = batch.end = Parser(data, start, known, batch, check=True, final=True).run().end
            if stored_to == start:
                stored_to = batch.end = end
        batch.heartbeat = self._beats if self._heartbeat else None
        batch.dropped = self._writer.dropped_in(file)
        batch.closed = closed and stored_to == end
        progress = self._apply(file, batch)
        file.told_dropped = batch.dropped
        if batch.closed and file.drained >= end:
            self._known.pop(file.info.journal, None)
            self._writer.remove(file)
            return False
        return progress and file.drained < self._writer.end_of(file)

    def _apply(self, file: JournalFile, batch: Batch) -> bool:
        store = self._store()
        before = file.drained
        try:
            file.drained = store.apply(batch)
        except Purged as error:
            self._let_go(error)
            file.drained = batch.end
        except Conflict:
            # The store knows less of this journal than we think (an older copy was put back): tell it again.
            stored = store.drained_to(batch.journal)
            if stored >= batch.start:
                raise
            file.drained = stored
        return file.drained != before

    def _let_go(self, error: Purged) -> None:
        """Say once that what is logged is kept no longer."""
        if not self._purged:
            self._purged = True
            LOG.warning("%s What it goes on to log is not kept.", error)

    def _due(self) -> bool:
        """Tell whether a heartbeat is due, and count it."""
        now = time.monotonic()
        if not self._heartbeat or (self._beats and now - self._beat_at < HEARTBEAT):
            return False
        self._beats += 1
        self._beat_at = now
        for file in self._writer.files[-1:]:
            file.set_heartbeat(time.time_ns() // 1000)
        return True
