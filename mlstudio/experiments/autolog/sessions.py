"""One training that a library conducts: which run it records into, and who keeps quiet meanwhile.

A fit inside a fit is part of it: only the outermost is recorded (LightGBM's wrapper inside a
search, torch inside Lightning). A training records into the current run. Without one it opens a run
of its own, in the experiment ``MLSTUDIO_EXPERIMENT`` or ``default``, and closes it at its end. A
second training in the same run becomes a child run, so that parameters do not overwrite each other.

Knows nothing of: any library, how runs are stored.
"""

from __future__ import annotations

import os
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from mlstudio.entities.names import timestamped_name
from mlstudio.experiments import context
from mlstudio.experiments.autolog.described import numbers, parameters
from mlstudio.experiments.autolog.hooks import Hook

if TYPE_CHECKING:
    from mlstudio.experiments.runs import Run

EXPERIMENT: Final = "MLSTUDIO_EXPERIMENT"
TAG: Final = "mlstudio.autolog"


class _Here(threading.local):
    """What this thread is inside of; the class attribute makes a thread that never trained cheap to ask."""

    stack: Sequence[Session] = ()


_here = _Here()
going: Final[set[Session]] = set()
"""Trainings that are under way in any thread: empty, `busy` is False everywhere."""
_taken: weakref.WeakKeyDictionary[Run, list[Any]] = weakref.WeakKeyDictionary()
_again: weakref.WeakKeyDictionary[Any, tuple[str, str]] = weakref.WeakKeyDictionary()
_implicit: weakref.WeakSet[Run] = weakref.WeakSet()


class Session:
    """A training that is under way. The base records nothing: it keeps inner trainings quiet.

    Attributes:
        subject: what is trained: an estimator, a trainer.
        run: where it is recorded, None when nowhere.
        parent: the run whose child `run` is, None when it is the current run itself.
    """

    def __init__(self, hook: Hook, subject: Any) -> None:
        self.hook = hook
        self.subject = subject
        self.run: Run | None = None
        self.parent: Run | None = None
        self._owned = False

    # -- what a library's session says

    def title(self) -> str:
        """Return the first part of the name of a run that is opened for it."""
        return type(self.subject).__name__

    def continues(self) -> bool:
        """Tell whether the same subject again, in the same open run, goes on there; else it gets a child run."""
        return False

    def resumes(self) -> bool:
        """Tell whether the same subject again goes on in the run that was opened for it before."""
        return False

    def wants_run(self) -> bool:
        """Tell whether it records at all."""
        return True

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Record the beginning; return the arguments of the call, changed where a callback is put in."""
        return args, kwargs

    def end(self, result: Any) -> None:
        """Record the end of a call that returned."""

    # -- recording

    def params(self, values: Mapping[Any, Any], prefix: str = "") -> None:
        """Record parameters."""
        if self.run is not None and values:
            self.run.log_parameters(parameters(values, prefix))

    def log(self, values: Mapping[Any, Any], step: int | None = None) -> None:
        """Record what in `values` is a number."""
        found = numbers(values)
        if self.run is not None and found:
            self.run.log(found, step=step)

    def open(self) -> None:
        """Find or open the run."""
        if not self.wants_run():
            return
        current = surrounding()
        if current is not None and self._may_use(current):
            self.run = current
            _taken.setdefault(current, []).append(self._mark())
            return
        if current is None and context.rank() > 0:
            return  # rank 0 has the run; without a name from outside there is no way to it
        self.parent = current
        self.run = self._opened()
        self._owned = True
        _implicit.add(self.run)
        context.enter(self.run)

    def _may_use(self, current: Run) -> bool:
        taken = _taken.get(current)
        return not taken or (self.continues() and self._mark() in taken)

    def _mark(self) -> Any:
        try:
            return weakref.ref(self.subject)
        except TypeError:
            return id(self.subject)

    def _opened(self) -> Run:
        from mlstudio.experiments.opening import run

        if self.parent is None and self.resumes() and self.subject in _again:
            experiment, name = _again[self.subject]
            return run(experiment, resume=name)
        experiment = (self.parent.experiment_name if self.parent is not None else "") or experiment_name()
        opened = run(
            experiment,
            timestamped_name(self.title()),
            tags={TAG: self.hook.library},
            parent=self.parent.component_name if self.parent is not None else None,
        )
        if self.parent is None and self.resumes():
            _again[self.subject] = (experiment, opened.component_name)
        return opened

    def listens(self, session: Session | None) -> None:
        """Tell the library's logger, where it outlives the call, whose values it hands on from now; None: nobody's."""

    def close(self, error: BaseException | None) -> None:
        """Close the run when it was opened for this training."""
        try:
            self._finish(error)
        finally:
            self.listens(None)

    def _finish(self, error: BaseException | None) -> None:
        if not self._owned or self.run is None:
            return
        from mlstudio.experiments.recording import ending

        context.leave(self.run)
        self.run.finish(*ending(error))


# -- who is under way


def current() -> Session | None:
    """Return the training that this thread is inside of, None outside."""
    stack = _here.stack
    return stack[-1] if stack else None


def busy() -> bool:
    """Tell whether this thread is inside a training that is recorded (or kept quiet) already.

    A worker of a thread pool counts to the training that goes on in another thread: joblib fits the
    trees of a forest there.
    """
    if _here.stack:
        return True
    return bool(going) and type(threading.current_thread()).__name__ == "DummyProcess"


@contextmanager
def inside(session: Session) -> Iterator[None]:
    """Keep every training quiet that begins in here."""
    outside = _here.stack
    _here.stack = (*outside, session)
    going.add(session)
    try:
        yield
    finally:
        _here.stack = outside
        going.discard(session)


def stay_inside(session: Session) -> None:
    """Keep every training of this thread quiet from now on: the process was spawned to be a part of `session`."""
    _here.stack = (session,)
    going.add(session)


def conduct(
    make: Callable[[], Session], hook: Hook, original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call `original` as a training.

    Args:
        make: the session; called for an outermost training only.
        hook: whose it is. Off, or inside another training: the call is passed through.
        original: the library's own function.
        args: its arguments, as the user gave them.
        kwargs: see `args`.
    """
    if not hook.on or busy():
        return original(*args, **kwargs)
    session = hook.attempt(make)
    if session is None:
        return original(*args, **kwargs)
    error: BaseException | None = None
    try:
        given, named = hook.attempt(_begun, session, args, kwargs) or (args, kwargs)
        with inside(session):
            result = original(*given, **named)
            if hook.on and session.run is not None:
                hook.attempt(_ended, session, result)
            return result
    except BaseException as raised:
        error = raised
        raise
    finally:
        _closed(session, hook, error)


def _closed(session: Session, hook: Hook, error: BaseException | None) -> None:
    """Close a session; Ctrl-C while it is closed goes to the user once it is."""
    try:
        hook.attempt(session.close, error)
    except KeyboardInterrupt as interrupt:
        hook.attempt(session.close, error or interrupt)
        raise


def _begun(session: Session, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    session.open()
    if session.run is None:
        return args, kwargs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a library warns of while it is asked is no news to its user
        return session.begin(args, kwargs)


def _ended(session: Session, result: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # see above
        session.end(result)


# -- where things are recorded


def surrounding() -> Run | None:
    """Return the run that somebody opened: the current one, else that of the job we run in."""
    found = context.current_run()
    if found is not None and found not in _implicit:
        return found
    from mlstudio.experiments.tracker import job_component

    if job_component() is None:
        return None
    from mlstudio.experiments.opening import load_run

    return load_run().start()


def implicit(title: str, library: str) -> Run:
    """Open a run that nobody asked for."""
    from mlstudio.experiments.opening import run

    opened = run(experiment_name(), timestamped_name(title), tags={TAG: library})
    _implicit.add(opened)
    return opened


def experiment_name() -> str:
    """Return the experiment of runs that are opened for a training."""
    from mlstudio.experiments.opening import IMPLICIT_EXPERIMENT

    return os.environ.get(EXPERIMENT) or IMPLICIT_EXPERIMENT
