"""Lightning (`lightning.pytorch` and `pytorch_lightning`): what a module logs.

A logger of ours is appended in ``Trainer.__init__``, behind the user's own; it gets what they get, at
the steps at which they get it. Hyper-parameters come from ``save_hyperparameters``. ``fit``,
``validate`` and ``test`` of one trainer go into one run. Where Lightning starts processes of its own
(``ddp_spawn``, ``ddp_notebook``, ``ddp_fork``) the first of them records into that run.

Reads: the modules of the trainers, once the program has imported them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from multiprocessing.context import get_spawning_popen
from types import ModuleType
from typing import Any, Final

from mlstudio.experiments.autolog.hooks import Hook, around
from mlstudio.experiments.autolog.sessions import Session, conduct, stay_inside, surrounding

_ARGUMENTS: Final = (
    "max_epochs",
    "max_steps",
    "accumulate_grad_batches",
    "gradient_clip_val",
    "precision",
    "num_devices",
    "num_nodes",
    "world_size",
)
_hook: Hook | None = None
_loggers: dict[str, Callable[..., Any]] = {}


def install(module: ModuleType, hook: Hook) -> None:
    """Put the hooks in, once the module of a `Trainer` is there."""
    global _hook
    _hook = hook
    package = module.__name__.removesuffix(".trainer.trainer")
    _loggers[package] = _logger_class(package)
    hook.patch(module.Trainer, "__init__", lambda original: around(original, _init))
    for name in ("fit", "validate", "test"):
        hook.patch(module.Trainer, name, lambda original: around(original, _conducted))


def _logger_class(package: str) -> Callable[..., Any]:
    base: Any = import_module(f"{package}.loggers.logger").Logger
    zero: Any = import_module(f"{package}.utilities.rank_zero").rank_zero_only

    def first() -> bool:
        """Tell whether this is the first of the processes that train: Lightning asks the loggers of all of them."""
        return not getattr(zero, "rank", 0)

    class StudioLogger(base):  # type: ignore[misc]
        """Hands on what Lightning logs. Its empty name and version keep checkpoints where they were."""

        session: Session | None = None

        def __init__(self, hook: Hook) -> None:
            super().__init__()
            self._hook = hook

        def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, ...]]:
            """Leave the run behind; in a process that is spawned for a part of the training it is joined."""
            run = getattr(self.session, "run", None)
            if run is None or get_spawning_popen() is None:
                return _silent, (package,)
            return _joined, (package, run.component_name)

        @property
        def name(self) -> str:
            return ""

        @property
        def version(self) -> str:
            return ""

        @property
        def experiment(self) -> Any:
            """The run that is written to, None outside of one."""
            return self.session.run if self.session is not None else surrounding()

        def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
            if self.session is not None and self._hook.on and first():
                self._hook.attempt(self.session.log, metrics, step=step)

        def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
            del args, kwargs
            if self.session is not None and self._hook.on and first():
                self._hook.attempt(self.session.params, params if isinstance(params, Mapping) else vars(params))

    return StudioLogger


def _silent(package: str) -> Any:
    """Return a logger that records nothing."""
    return _logger_class(package)(Hook("lightning"))


def _joined(package: str, component: str) -> Any:
    """Return a logger that records into the run of the process that spawned this one."""
    hook = Hook("lightning")
    hook.on = True
    logger = _logger_class(package)(hook)
    logger.session = hook.attempt(JoinedSession, hook, component)
    return logger


class JoinedSession(Session):
    """A part of a ``fit`` that goes on in a process of its own (``ddp_spawn``)."""

    def __init__(self, hook: Hook, component: str) -> None:
        from mlstudio.experiments.opening import joined

        super().__init__(hook, None)
        self.run = joined(component)
        stay_inside(self)


def _init(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    result = original(*args, **kwargs)
    hook = _hook
    if hook is not None and hook.on and args:
        hook.attempt(_append, hook, args[0])
    return result


def _append(hook: Hook, trainer: Any) -> Any:
    present = _of(trainer)
    if present is None:
        present = _loggers[_package(trainer)](hook)
        trainer.loggers = [*trainer.loggers, present]
    return present


def _package(trainer: Any) -> str:
    return next(name for one in type(trainer).__mro__ for name in _loggers if one.__module__.startswith(f"{name}."))


def _of(trainer: Any) -> Any:
    """Return our logger in a trainer, None when there is none."""
    return next((one for one in trainer.loggers if type(one).__name__ == "StudioLogger"), None)


def _conducted(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    hook = _hook
    if hook is None or not hook.on or not args:
        return original(*args, **kwargs)
    module = args[1] if len(args) > 1 else kwargs.get("model")
    return conduct(lambda: TrainerSession(hook, args[0], module), hook, original, args, kwargs)


class TrainerSession(Session):
    """A ``fit``, ``validate`` or ``test``."""

    def __init__(self, hook: Hook, subject: Any, module: Any) -> None:
        super().__init__(hook, subject)
        self._module = module

    def title(self) -> str:
        return type(self._module).__name__ if self._module is not None else "lightning"

    def continues(self) -> bool:
        return True

    def resumes(self) -> bool:
        return True

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        trainer = self.subject
        _append(self.hook, trainer)  # a trainer made before autolog gets its logger now
        self.listens(self)
        found = {name: getattr(trainer, name, None) for name in _ARGUMENTS}
        self.params({name: value for name, value in found.items() if value is not None}, "trainer/")
        if self._module is not None:
            self.params({"model": type(self._module).__name__})
        return args, kwargs

    def listens(self, session: Session | None) -> None:
        ours = _of(self.subject)
        if ours is not None:
            ours.session = session
