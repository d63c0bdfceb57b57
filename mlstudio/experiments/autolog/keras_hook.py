"""Keras: ``Model.fit``, with any backend.

Records what an epoch ends with, at the step of the epoch, the arguments of ``fit``, the optimizer's
configuration, the size of the model. No batch-level hook: Keras would fetch the logs of every batch
from the device for it.

Reads: the module `keras`, once the program has imported it.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from mlstudio.experiments.autolog.described import settled
from mlstudio.experiments.autolog.hooks import Hook, around
from mlstudio.experiments.autolog.sessions import Session, conduct

if TYPE_CHECKING:
    from mlstudio.experiments.runs import Run

_ARGUMENTS: Final = ("batch_size", "epochs", "initial_epoch", "steps_per_epoch", "validation_split", "validation_steps")
_epochs: weakref.WeakKeyDictionary[Run, int] = weakref.WeakKeyDictionary()
_hook: Hook | None = None
_callback: Callable[[Session], Any] | None = None


def install(module: ModuleType, hook: Hook) -> None:
    """Put the hooks in, once `keras` is there."""
    global _hook, _callback

    class EpochsCallback(module.callbacks.Callback):  # type: ignore[name-defined, misc]
        """Records what each epoch ended with."""

        def __init__(self, session: Session) -> None:
            super().__init__()
            self._session = session

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            self._session.hook.attempt(_record, self._session, epoch, logs or {})

    _hook, _callback = hook, EpochsCallback
    hook.patch(module.Model, "fit", lambda original: around(original, _fit))


def _record(session: FitSession, epoch: int, logs: Mapping[str, Any]) -> None:
    step = session.first + epoch
    session.log(logs, step=step)
    if session.run is not None:
        _epochs[session.run] = step + 1


def _fit(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    hook = _hook
    if hook is None or not hook.on or not args:
        return original(*args, **kwargs)
    return conduct(lambda: FitSession(hook, args[0], original), hook, original, args, kwargs)


class FitSession(Session):
    """A ``fit``."""

    def __init__(self, hook: Hook, subject: Any, fit: Any) -> None:
        super().__init__(hook, subject)
        self._fit = fit
        self.first = 0
        """Step of epoch 0: where an earlier fit of the same model in this run ended."""

    def continues(self) -> bool:
        return True  # more epochs of the same model

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        assert _callback is not None
        bound = inspect.signature(self._fit).bind(*args, **kwargs)
        if self.run is not None and not bound.arguments.get("initial_epoch"):
            self.first = _epochs.get(self.run, 0)
        callbacks: Any = bound.arguments.get("callbacks")
        ours = _callback(self)
        if hasattr(callbacks, "append") and not isinstance(callbacks, list):
            callbacks.append(ours)  # a CallbackList, which fit uses as it is
        else:
            given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
            bound.arguments["callbacks"] = [*given, ours]
        self.params({name: bound.arguments[name] for name in _ARGUMENTS if bound.arguments.get(name) is not None})
        optimizer = getattr(self.subject, "optimizer", None)
        if optimizer is not None:
            self.params(settled(optimizer.get_config()), "optimizer/")
        self.params({"model": type(self.subject).__name__, "loss": getattr(self.subject, "loss", None) or "none"})
        if getattr(self.subject, "built", False):
            self.params({"model/parameters": self.subject.count_params()})
        return bound.args, bound.kwargs
