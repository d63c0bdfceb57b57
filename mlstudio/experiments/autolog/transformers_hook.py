"""The Hugging Face `Trainer`: what it logs, under the names it gives.

A callback of ours is added in ``Trainer.__init__``; ``report_to="mlstudio"`` names it too. One trainer
writes into one run: ``train``, and ``evaluate`` after it. Of several processes the first one writes.

Reads: the modules `transformers.trainer` and `transformers.integrations.integration_utils`, once the
program has imported them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from mlstudio.experiments.autolog.described import settled
from mlstudio.experiments.autolog.hooks import Hook, around
from mlstudio.experiments.autolog.sessions import Session, conduct

NAME: Final = "mlstudio"
_LABELS: Final = ("id2label", "label2id")
_hook: Hook | None = None
_callback: Callable[[], Any] | None = None


def install_reporting(module: ModuleType, hook: Hook) -> None:
    """Make ``report_to="mlstudio"`` known, once the module of integrations is there."""
    callback = _callback_class(hook, sys.modules["transformers.trainer_callback"].TrainerCallback)
    known = module.INTEGRATION_TO_CALLBACK
    if NAME not in known:
        known[NAME] = callback
        hook.undo_with(lambda: known.pop(NAME, None) and None)


def install(module: ModuleType, hook: Hook) -> None:
    """Put the hooks in, once `transformers.trainer` is there."""
    global _hook
    _hook = hook
    _callback_class(hook, module.TrainerCallback)
    hook.patch(module.Trainer, "__init__", lambda original: around(original, _init))
    for name in ("train", "evaluate"):
        hook.patch(module.Trainer, name, lambda original: around(original, _conducted))


def _callback_class(hook: Hook, base: Any) -> Callable[[], Any]:
    global _callback
    if _callback is None:

        class StudioCallback(base):  # type: ignore[misc]
            """Hands on what the trainer logs."""

            session: Session | None = None

            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
                del args, control, kwargs
                if self.session is not None and self.session.hook.on and state.is_world_process_zero:
                    self.session.hook.attempt(self.session.log, logs or {}, step=state.global_step)

        _callback = StudioCallback
    return _callback


def _init(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    result = original(*args, **kwargs)
    hook = _hook
    if hook is not None and hook.on and args:
        hook.attempt(_append, args[0])
    return result


def _append(trainer: Any) -> Any:
    present = _of(trainer)
    if present is None:
        assert _callback is not None
        present = _callback()
        trainer.add_callback(present)
    return present


def _of(trainer: Any) -> Any:
    """Return our callback in a trainer, None when there is none."""
    return next((one for one in trainer.callback_handler.callbacks if type(one).__name__ == "StudioCallback"), None)


def _conducted(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    hook = _hook
    if hook is None or not hook.on or not args:
        return original(*args, **kwargs)
    return conduct(lambda: TrainerSession(hook, args[0]), hook, original, args, kwargs)


class TrainerSession(Session):
    """A ``train`` or ``evaluate``."""

    def title(self) -> str:
        return type(getattr(self.subject, "model", self.subject)).__name__

    def wants_run(self) -> bool:
        return bool(self.subject.is_world_process_zero())

    def continues(self) -> bool:
        return True

    def resumes(self) -> bool:
        return True

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        _append(self.subject)
        self.listens(self)
        config = getattr(getattr(self.subject, "model", None), "config", None)
        if config is not None and hasattr(config, "to_dict"):
            said = settled(config.to_dict())
            self.params({name: value for name, value in said.items() if name not in _LABELS}, "model/")
        self.params({"model": type(getattr(self.subject, "model", None)).__name__})
        self.params(settled(self.subject.args.to_dict()))
        return args, kwargs

    def listens(self, session: Session | None) -> None:
        ours = _of(self.subject)
        if ours is not None:
            ours.session = session
