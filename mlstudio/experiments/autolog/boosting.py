"""XGBoost and LightGBM: ``train``, called by itself or by their scikit-learn wrappers.

Records the parameters, every evaluation of every round, the best round. Inside the ``fit`` of the
library's own wrapper the rounds go into that fit's run; inside a search, or any other training,
nothing is recorded.

Reads: the modules `xgboost` and `lightgbm`, once the program has imported them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from mlstudio.experiments.autolog.hooks import Hook, around
from mlstudio.experiments.autolog.sessions import Session, conduct, current

_hooks: dict[str, Hook] = {}
_callbacks: dict[str, Callable[[Session], Any]] = {}


def install_xgboost(module: ModuleType, hook: Hook) -> None:
    """Put the hooks in, once `xgboost` is there."""
    base = sys.modules["xgboost.callback"].TrainingCallback

    class RoundsCallback(base):  # type: ignore[misc, valid-type]
        """Records what each round evaluated."""

        def __init__(self, session: Session) -> None:
            super().__init__()
            self._session = session

        def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, list[Any]]]) -> bool:
            del model
            self._session.hook.attempt(_rounds_of_xgboost, self._session, epoch, evals_log)
            return False  # True would stop the training

    _callbacks["xgboost"] = RoundsCallback
    _install("xgboost", hook, module, _train_xgboost)


def _rounds_of_xgboost(session: Session, epoch: int, evals_log: Mapping[str, Mapping[str, list[Any]]]) -> None:
    values = {}
    for data, metrics in evals_log.items():
        for name, history in metrics.items():
            last = history[-1]
            values[f"{data}/{name}"] = last[0] if isinstance(last, tuple) else last  # (mean, std) of a cv
    session.log(values, step=epoch)


def install_lightgbm(module: ModuleType, hook: Hook) -> None:
    """Put the hooks in, once `lightgbm` is there."""
    _callbacks["lightgbm"] = RoundsOfLightGBM
    _install("lightgbm", hook, module, _train_lightgbm)


class RoundsOfLightGBM:
    """Records what each round evaluated."""

    order = 20  # after the library's own, before early stopping raises

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, env: Any) -> None:
        self._session.hook.attempt(self._record, env)

    def _record(self, env: Any) -> None:
        found = env.evaluation_result_list or []
        self._session.log({f"{one[0]}/{one[1]}": one[2] for one in found}, step=env.iteration)


def _install(library: str, hook: Hook, module: ModuleType, handler: Callable[..., Any]) -> None:
    _hooks[library] = hook
    original = module.train
    hooked = around(original, handler)
    for name in (library, f"{library}.training", f"{library}.engine", f"{library}.sklearn"):
        holder = sys.modules.get(name)
        if holder is not None and getattr(holder, "train", None) is original:
            hook.put(holder, "train", hooked)


# -- calls


def _train_xgboost(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return _train("xgboost", original, args, kwargs)


def _train_lightgbm(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return _train("lightgbm", original, args, kwargs)


def _train(library: str, original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    hook = _hooks.get(library)
    if hook is None or not hook.on:
        return original(*args, **kwargs)
    outer = current()
    if outer is not None and outer.run is not None and getattr(outer, "own_library", None) == library:
        changed = hook.attempt(with_callback, original, args, kwargs, _callbacks[library](outer))
        booster = original(*changed[0], **changed[1]) if changed else original(*args, **kwargs)
        hook.attempt(_best, outer, booster)
        return booster
    return conduct(lambda: TrainSession(hook, library, original), hook, original, args, kwargs)


def with_callback(
    original: Any, args: tuple[Any, ...], kwargs: dict[str, Any], callback: Any
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call with one more in its ``callbacks``; the user's list is not changed."""
    bound = inspect.signature(original).bind(*args, **kwargs)
    bound.arguments["callbacks"] = [*(bound.arguments.get("callbacks") or ()), callback]
    return bound.args, bound.kwargs


class TrainSession(Session):
    """A ``train``."""

    def __init__(self, hook: Hook, library: str, train: Any) -> None:
        super().__init__(hook, None)
        self._library = library
        self._train = train

    def title(self) -> str:
        return self._library

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        bound = inspect.signature(self._train).bind(*args, **kwargs).arguments
        params = bound.get("params")
        self.params(dict(params) if isinstance(params, (Mapping, list)) else {})
        simple = ("num_boost_round", "early_stopping_rounds", "maximize")
        self.params({name: bound[name] for name in simple if bound.get(name) is not None})
        return with_callback(self._train, args, kwargs, _callbacks[self._library](self))

    def end(self, result: Any) -> None:
        _best(self, result)


def _best(session: Session, booster: Any) -> None:
    """Record the best round where early stopping chose one."""
    for name in ("best_iteration", "best_score"):
        try:
            value = getattr(booster, name)
        except AttributeError:
            continue
        if name == "best_iteration" and isinstance(value, int) and value <= 0:
            return
        if isinstance(value, (int, float)):
            session.log({name: value})
