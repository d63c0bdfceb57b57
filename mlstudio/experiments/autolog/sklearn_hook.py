"""scikit-learn: the outermost ``fit`` of an estimator that predicts.

Records `get_params`, the training score, the sizes of the data; for searches the best candidate,
and every candidate as a child component; for `cross_validate` the score of each fold. What only
transforms (a scaler, a PCA) is not recorded, and neither is what it fits inside.

Classes that exist are wrapped at once, later ones (also other libraries') when they are made: by
``BaseEstimator.__init_subclass__``.

Reads: the module `sklearn.base` and what it has led to. Imports nothing of scikit-learn by itself.
"""

from __future__ import annotations

import inspect
import sys
import time
import warnings
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any, Final

from mlstudio.experiments.autolog.hooks import Hook, around, is_hooked
from mlstudio.experiments.autolog.sessions import Session, conduct
from mlstudio.experiments.autolog.sklearn_search import record_candidates

SCORED_ROWS: Final = 10_000
TRIED_ROWS: Final = 100
"""Rows that show how long the score of many takes; below ten times as many nobody asks."""
LEAST_SECONDS: Final = 1.0
"""That a score may always take."""
_QUIET: Final = (
    "cross_val_predict",
    "learning_curve",
    "validation_curve",
    "permutation_test_score",
    # what these call: a program that imported their names before autolog has the originals
    "_fit_and_score",
    "_fit_and_predict",
    "_permutation_test_score",
)
_hook: Hook | None = None


def install(base: ModuleType, hook: Hook) -> None:
    """Put the hooks in, once `sklearn.base` is there."""
    global _hook
    _hook = hook
    root = base.BaseEstimator
    for estimator in [root, *_below(root)]:
        _wrap(estimator, hook)

    def made(cls: Any, /, **kwargs: Any) -> None:
        super(root, cls).__init_subclass__(**kwargs)
        if hook.on:
            hook.attempt(_wrap, cls, hook)

    if "__init_subclass__" not in vars(root):  # else a version that we do not know: existing classes only
        hook.put(root, "__init_subclass__", classmethod(made))


def _below(root: type) -> Iterator[type]:
    seen = {root}
    waiting = [root]
    while waiting:
        found: list[type] = type.__subclasses__(waiting.pop())
        for one in found:
            if one not in seen:
                seen.add(one)
                waiting.append(one)
                yield one


def _wrap(estimator: type, hook: Hook) -> None:
    fit = vars(estimator).get("fit")
    if inspect.isfunction(fit) and not is_hooked(fit):
        hook.patch(estimator, "fit", lambda original: around(original, _fit))


def install_validation(module: ModuleType, hook: Hook) -> None:
    """Put the hooks of cross-validation in, once its module is there."""
    global _hook
    _hook = hook
    package = sys.modules.get("sklearn.model_selection")
    for name, handler in (("cross_validate", _cross_validate), *((name, _quietly) for name in _QUIET)):
        original = getattr(module, name, None)
        if original is None:
            continue
        hook.patch(module, name, partial(around, handler=handler))
        if package is not None and getattr(package, name, None) is original:
            hook.put(package, name, getattr(module, name))


# -- calls


def _fit(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    hook = _hook
    if hook is None or not hook.on or not args:
        return original(*args, **kwargs)
    return conduct(lambda: FitSession(hook, args[0], original), hook, original, args, kwargs)


def _cross_validate(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    hook = _hook
    if hook is None or not hook.on:
        return original(*args, **kwargs)
    return conduct(
        lambda: FoldsSession(hook, args[0] if args else kwargs.get("estimator")), hook, original, args, kwargs
    )


def _quietly(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    hook = _hook
    if hook is None or not hook.on:
        return original(*args, **kwargs)
    return conduct(lambda: QuietSession(hook, None), hook, original, args, kwargs)


class QuietSession(Session):
    """Records nothing, and keeps the fits inside quiet."""

    def wants_run(self) -> bool:
        return False


class FitSession(Session):
    """A ``fit``."""

    def __init__(self, hook: Hook, subject: Any, fit: Any) -> None:
        super().__init__(hook, subject)
        self._fit = fit
        self._data: dict[str, Any] = {}
        self._began = 0.0

    @property
    def own_library(self) -> str:
        """First word of the estimator's module: ``xgboost``, ``lightgbm``, ``sklearn``."""
        return type(self.subject).__module__.partition(".")[0]

    def wants_run(self) -> bool:
        return any(hasattr(self.subject, name) for name in ("predict", "fit_predict"))

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        self.params(estimator_parameters(self.subject))
        bound = inspect.signature(self._fit).bind_partial(*args, **kwargs).arguments
        self._data = {**bound.pop("fit_params", {}), **bound.pop("kwargs", {}), **bound}
        self._began = time.monotonic()
        return args, kwargs

    def end(self, result: Any) -> None:
        seconds = time.monotonic() - self._began
        sizes = {"samples": _rows(self._data.get("X")), "features": getattr(self.subject, "n_features_in_", None)}
        self.params({name: size for name, size in sizes.items() if size is not None})
        if hasattr(self.subject, "cv_results_") and self.run is not None:
            self.params({"best": dict(getattr(self.subject, "best_params_", {}))})
            self.log({"best_cv_score": getattr(self.subject, "best_score_", None)})
            record_candidates(self.run, self.subject.cv_results_)
        score = training_score(self.subject, self._data, max(seconds, LEAST_SECONDS))
        if score is not None:
            self.log({"training_score": score})


class FoldsSession(Session):
    """A ``cross_validate``: one fold after the other."""

    def title(self) -> str:
        return f"cross-validate-{type(self.subject).__name__}"

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        self.params(estimator_parameters(self.subject))
        return args, kwargs

    def end(self, result: Any) -> None:
        folds = {name: values for name, values in result.items() if name not in {"estimator", "indices"}}
        for fold in range(min((len(values) for values in folds.values()), default=0)):
            self.log({name: values[fold] for name, values in folds.items()}, step=fold)
        scores = {name: values for name, values in folds.items() if not name.endswith("_time")}
        self.log({f"{name}/mean": values.mean() for name, values in scores.items()})
        self.log({f"{name}/std": values.std() for name, values in scores.items()})


# -- what is read


def estimator_parameters(estimator: Any) -> dict[str, Any]:
    """Return the class and the parameters; an estimator in it, as of a search, is its ``base_estimator``."""
    found = dict(estimator.get_params(deep=True))
    if "estimator" in found:
        found["base_estimator"] = found.pop("estimator")
    return {"estimator": type(estimator).__name__, **found}


def _rows(data: Any) -> int | None:
    shape = getattr(data, "shape", None)
    if shape is not None:
        return int(shape[0]) if len(shape) else None
    return len(data) if isinstance(data, (list, tuple)) else None


def training_score(estimator: Any, data: dict[str, Any], seconds: float) -> float | None:
    """Return ``estimator.score`` on what it was fitted with, None when it has none, cannot, or takes too long.

    At most `SCORED_ROWS` rows, evenly chosen. numpy's random state is as it was afterwards, and what the
    scoring warns of or raises stays here.

    Args:
        estimator: fitted.
        data: the arguments of its fit, by name.
        seconds: that it may take, as `TRIED_ROWS` rows foretell: nearest neighbours fit at once and score slowly.
    """
    target = data.get("y", data.get("Y"))
    inputs = data.get("X")
    rows = _rows(inputs)
    if inputs is None or target is None or rows is None or not hasattr(estimator, "score"):
        return None
    import numpy as np

    given = (inputs, target, data.get("sample_weight"))
    wanted = min(rows, SCORED_ROWS)
    before = np.random.get_state()  # noqa: NPY002, RUF100 - the global one, because estimators draw from it
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tried = TRIED_ROWS
            while tried * 10 <= wanted:
                began = time.monotonic()
                _score(estimator, *_some(given, rows, tried))
                took = time.monotonic() - began
                if took * wanted / tried <= seconds:
                    break
                if took > seconds / 10:
                    return None
                tried *= 10  # it may have been what every call costs
            return _score(estimator, *_some(given, rows, wanted))
    except Exception:  # noqa: BLE001, RUF100 - an estimator that cannot score has no score
        return None
    finally:
        np.random.set_state(before)  # noqa: NPY002, RUF100 - see above


def _some(given: tuple[Any, ...], rows: int, wanted: int) -> tuple[Any, ...]:
    """Return inputs, target and weights of `wanted` rows, evenly chosen."""
    if wanted >= rows:
        return given
    import numpy as np

    index = sys.modules["sklearn.utils"]._safe_indexing  # noqa: SLF001, RUF100 - any kind of table
    chosen = np.linspace(0, rows - 1, wanted).astype(np.int64)
    return tuple(None if one is None else index(one, chosen) for one in given)


def _score(estimator: Any, inputs: Any, target: Any, weights: Any) -> float:
    if weights is not None and "sample_weight" in inspect.signature(estimator.score).parameters:
        return float(estimator.score(inputs, target, sample_weight=weights))
    return float(estimator.score(inputs, target))
