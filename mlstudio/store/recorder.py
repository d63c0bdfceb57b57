"""The recorder of one trial component in one process: what every tracking call ends in.

Promise: recording never hurts training. No call raises because of the store, the disk or a value;
no call waits, save the constructor (once, for seconds at most), `flush` and `close`. What returned
is in the journal, and the journal survives ``kill -9``; a background thread moves it into the
store. At interpreter exit what is left is drained and the component closed.

A forked child (multiprocessing, DataLoader workers) goes on with a journal of its own and never
closes the component.

Knows nothing of: experiments, trials, jobs.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

import mlstudio.store.opening  # noqa: F401, RUF100 -- its exit handler must be registered before ours, to run after
from mlstudio.entities.errors import AlreadyExists, Conflict, InvalidField, NotFound
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate
from mlstudio.entities.media import MAX_PREVIEW, MediaRef
from mlstudio.entities.names import new_uid
from mlstudio.entities.secrets import masked, masked_value
from mlstudio.store.drain import Drainer
from mlstudio.store.home import Home, default_home
from mlstudio.store.journal_calls import LogCall, LogManyCall
from mlstudio.store.journal_format import (
    ARTIFACT,
    EVENT,
    MEDIA,
    PARAM,
    STATUS,
    TAG,
    ArtifactRecord,
    EventRecord,
    MediaRecord,
    ParamRecord,
    StatusRecord,
    TagRecord,
)
from mlstudio.store.journal_process import this_process
from mlstudio.store.journal_values import clean_name, param_value, text
from mlstudio.store.journal_write import JournalWriter
from mlstudio.store.laws import MetricStore

LOG: Final = logging.getLogger("mlstudio")
FIRST_WAIT: Final = 5.0
CLOSE_WAIT: Final = 60.0
EXIT_WAIT: Final = 10.0
MAX_MESSAGE: Final = 1024
MAX_TEXT: Final = 1 << 20
MAX_CAPTION: Final = 1000
_USER_ERRORS: Final = (AlreadyExists, InvalidField, NotFound)

_live: set[Recorder] = set()


class Recorder:
    """Records one component.

    Args:
        component: what to create; a uid is made when it has none. It starts InProgress, now, in this process.
        home: where the journal lives; default the environment's.
        store: returns the store to drain into; default ``open_store()``.
        adopt: the component exists already and belongs to somebody else (a job): neither open nor close it.

    Raises:
        AlreadyExists, InvalidName, NotFound: the component may not be made so (name taken, no such trial).
            Never because the store is away: then the journal keeps everything.
    """

    log: LogCall
    """``log(name, value, step=None, timestamp=None, context=None)``: about a third of a microsecond."""
    log_many: LogManyCall
    """``log_many(mapping, step=None, timestamp=None, context=None)``: many values of one step, one record."""

    def __init__(
        self,
        component: ComponentCreate,
        *,
        home: Home | None = None,
        store: Callable[[], MetricStore] | None = None,
        adopt: bool = False,
    ) -> None:
        self._home = home or default_home()
        self._open = store or self._default_store
        self._owner = not adopt
        self._closed = False
        self._forked = False
        self._pid = os.getpid()
        self._exception = getattr(sys, "last_value", None)
        self._component = self._complete(component, adopt=adopt)
        self.name, self.uid = self._component.name, self._component.uid or ""
        self._drainer: Drainer | None = None
        self._writer = JournalWriter(self._home.journals, self._component, adopted=adopt, on_file=self._wake)
        self._drainer = Drainer(self._writer, self._open, heartbeat=not adopt)
        self.log, self.log_many = self._writer.log, self._writer.log_many
        self._drainer.first_attempt(FIRST_WAIT)
        self._check_first(adopt)
        _live.add(self)

    def _complete(self, component: ComponentCreate, *, adopt: bool) -> ComponentCreate:
        if adopt:
            uid = component.uid or self._existing(component.name)
            return msgspec.structs.replace(component, uid=uid)
        return msgspec.structs.replace(
            component,
            params={name: masked_value(name, value) for name, value in component.params.items()},
            tags={name: masked_value(name, value) for name, value in component.tags.items()},
            uid=component.uid or new_uid(),
            status=component.status or "InProgress",
            start_time=component.start_time or time.time_ns() // 1000,
            process=component.process or this_process(),
        )

    def _existing(self, name: str) -> str:
        store = self._open()
        found = getattr(store, "get_component")(name)  # noqa: B009 -- any Store has it, a MetricStore need not
        return str(found.uid)

    def _check_first(self, adopt: bool) -> None:
        """Raise the mistakes of the caller that the first attempt showed; keep quiet about the store's."""
        error = self._drainer.error if self._drainer is not None else None
        if adopt or not isinstance(error, _USER_ERRORS) or type(error) is Conflict:
            return
        self._closed = True
        self._writer.finish()
        for file in list(self._writer.files):
            self._writer.remove(file)
        raise error

    def _default_store(self) -> MetricStore:
        from mlstudio.store import open_store

        return open_store(home=self._home)

    @property
    def dropped(self) -> int:
        """Log calls that were lost in this process: no space, not a number, a negative step."""
        return self._writer.dropped

    def param(self, name: str, value: object) -> None:
        """Record a parameter: number, truth value or text (anything else as text)."""
        self.params({name: value})

    def params(self, values: Mapping[str, object]) -> None:
        """Record many parameters in one record."""
        if values:
            named = ((text(name), param_value(value)) for name, value in values.items())
            self._record(PARAM, ParamRecord({name: masked_value(name, value) for name, value in named}))

    def tag(self, key: str, value: object) -> None:
        """Set a tag."""
        self._record(TAG, TagRecord({text(key): masked_value(text(key), text(value))}))

    def note(self, markdown: str) -> None:
        """Replace the description."""
        self._record(EVENT, EventRecord(note=text(markdown)[:MAX_TEXT]))

    def artifact(self, direction: str, name: str, ref: ArtifactRef) -> None:
        """Record an ``input`` or ``output``."""
        self._record(ARTIFACT, ArtifactRecord(direction, text(name), ref))

    def media(self, *refs: MediaRef) -> None:
        """Record media whose bytes are in the artifact store; those of one call stay together.

        A preview beyond `MAX_PREVIEW` is left out, a caption is cut to 1,000 characters.
        """
        if refs:
            self._record(MEDIA, MediaRecord([_tidy(ref) for ref in refs]), reserved=False)

    def status(self, status: str, message: str | None = None, *, resume: bool = False) -> None:
        """Move the component along its state table; a forbidden move is ignored by the store."""
        said = None if message is None else masked(text(message)[:MAX_MESSAGE])
        self._record(STATUS, StatusRecord(status, time.time_ns() // 1000, said, resume))

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until everything that returned so far is in the store.

        Args:
            timeout: seconds to wait at most.

        Returns:
            True when it is; False when the store is away or slow (the journal still has it).
        """
        return self._drainer.flush(timeout) if self._drainer is not None else False

    def close(self, status: str | None = None, message: str | None = None) -> None:
        """Close the component (Completed unless told otherwise; an adopted one only when told) and drain.

        Twice is once. In a forked child only the child's own journal is drained.
        """
        self._finish(status or ("Completed" if self._owner else None), message, CLOSE_WAIT)

    def _finish(self, status: str | None, message: str | None, timeout: float) -> None:
        if self._closed:
            return
        self._writer.begin_late()
        if status is not None and os.getpid() == self._pid:
            self.status(status, message)
        self._closed = True
        self._writer.finish()
        if self._drainer is not None and not self._drainer.stop(timeout):
            LOG.warning("%s: not everything is in the store yet; it waits in the journal.", self.name)
        if self._forked:
            self._gather()
        _live.discard(self)

    def _gather(self) -> None:
        """Drain what forked children left behind."""
        from mlstudio.store.recover import drain_component

        try:
            drain_component(self._open(), self._home, self.uid)
        except Exception as error:  # noqa: BLE001, RUF100 -- the next process that looks will do it
            LOG.debug("journals of forked children wait: %s", error)

    def _record(self, kind: int, payload: object, *, reserved: bool = True) -> None:
        if self._writer.record(kind, payload, reserved=reserved):
            self._wake()

    def _wake(self) -> None:
        if self._drainer is not None:
            self._drainer.wake()
        if os.getpid() != self._pid:
            _drain_at_worker_exit(self)

    def _after_fork(self) -> None:
        self._forked = False
        self._writer.after_fork()
        if self._drainer is not None:
            self._drainer.after_fork()

    def at_exit(self) -> None:
        """Close without ever raising; the journal keeps what could not be stored."""
        try:
            self._at_exit()
        except Exception as error:  # noqa: BLE001, RUF100 -- no traceback at the end of a training
            LOG.debug("%s could not be closed at exit: %s", self.name, error)

    def _at_exit(self) -> None:
        """Close at interpreter exit: Failed after an uncaught exception, Stopped with a kernel, else Completed."""
        if not self._owner or os.getpid() != self._pid:
            self._finish(None, None, EXIT_WAIT)
            return
        error = getattr(sys, "last_value", None)
        if "ipykernel" in sys.modules:
            self._finish("Stopped", "interrupted: the notebook's kernel ended before the run was closed", EXIT_WAIT)
        elif error is not None and error is not self._exception:
            self._finish("Failed", f"{type(error).__name__}: {error}", EXIT_WAIT)
        else:
            self._finish("Completed", None, EXIT_WAIT)


def _tidy(ref: MediaRef) -> MediaRef:
    preview = ref.preview if ref.preview is not None and len(ref.preview) <= MAX_PREVIEW else None
    return msgspec.structs.replace(
        ref,
        name=clean_name(ref.name),
        caption=None if ref.caption is None else text(ref.caption)[:MAX_CAPTION],
        preview=preview,
        preview_type=None if preview is None else ref.preview_type,
    )


def _drain_at_worker_exit(recorder: Recorder) -> None:
    """See to it that a multiprocessing child, which skips `atexit`, drains before it ends."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None and getattr(recorder, "_worker_pid", 0) != os.getpid():
        recorder._worker_pid = os.getpid()  # type: ignore[attr-defined] # noqa: SLF001, RUF100
        util.Finalize(None, recorder.at_exit, exitpriority=10)  # noqa: SLF001, RUF100


def _close_all() -> None:
    for recorder in list(_live):
        recorder.at_exit()  # noqa: SLF001, RUF100


def _forked_child() -> None:
    for recorder in list(_live):
        recorder._after_fork()  # noqa: SLF001, RUF100


def _forking_parent() -> None:
    for recorder in list(_live):
        recorder._forked = True  # noqa: SLF001, RUF100


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked_child, after_in_parent=_forking_parent)
