"""Which libraries are followed, on and off.

A library is hooked when the program has imported it, and not before: nothing here imports one. The
switch can be set again and again; the last setting counts.

Knows nothing of: what the hooks do.
"""

from __future__ import annotations

import difflib
import os
import threading
from collections.abc import Iterable
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Final

from mlstudio.experiments.autolog.finder import ImportWatch
from mlstudio.experiments.autolog.hooks import Hook

VARIABLE: Final = "MLSTUDIO_AUTOLOG"
OFF: Final = frozenset({"off", "0", "false", "no"})
# library -> (module that is waited for, our module, its function)
_INSTALLERS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "torch": (("torch", "torch_hook", "install"),),
    "lightning": (
        ("lightning.pytorch.trainer.trainer", "lightning_hook", "install"),
        ("pytorch_lightning.trainer.trainer", "lightning_hook", "install"),
    ),
    "transformers": (
        ("transformers.integrations.integration_utils", "transformers_hook", "install_reporting"),
        ("transformers.trainer", "transformers_hook", "install"),
    ),
    "sklearn": (
        ("sklearn.base", "sklearn_hook", "install"),
        ("sklearn.model_selection._validation", "sklearn_hook", "install_validation"),
    ),
    "xgboost": (("xgboost", "boosting", "install_xgboost"),),
    "lightgbm": (("lightgbm", "boosting", "install_lightgbm"),),
    "keras": (("keras", "keras_hook", "install"),),
    "tensorboard": (
        ("torch.utils.tensorboard.writer", "tensorboard_hook", "install"),
        ("tensorboardX.writer", "tensorboard_hook", "install"),
    ),
}
LIBRARIES: Final = tuple(_INSTALLERS)
_hooks: dict[str, Hook] = {}
_watch = ImportWatch()
_lock = threading.RLock()


def allowed() -> bool:
    """Tell whether the environment lets autolog be on: ``MLSTUDIO_AUTOLOG=off`` does not."""
    return os.environ.get(VARIABLE, "").strip().lower() not in OFF


def followed() -> frozenset[str]:
    """Return the libraries that are switched on."""
    return frozenset(library for library, hook in _hooks.items() if hook.on)


def follow(wanted: Iterable[str]) -> None:
    """Follow exactly these libraries from now on; one whose hook raised earlier stays off."""
    chosen = frozenset(wanted) if allowed() else frozenset()
    with _lock:
        for library in LIBRARIES:
            hook = _hooks.setdefault(library, Hook(library))
            if hook.on and library not in chosen:
                hook.remove()
        _watch.clear()
        for library in LIBRARIES:
            if library in chosen and not _hooks[library].broken:
                _put_on(_hooks[library])


def _put_on(hook: Hook) -> None:
    hook.on = True
    for module, ours, function in _INSTALLERS[hook.library]:
        if module not in hook.seen:
            _watch.when(module, partial(_install, hook, ours, function))


def _install(hook: Hook, ours: str, function: str, module: ModuleType) -> None:
    if not hook.on or module.__name__ in hook.seen:
        return
    hook.seen.add(module.__name__)
    hook.attempt(lambda: getattr(import_module(f"{__package__}.{ours}"), function)(module, hook))


def named(disable: Iterable[str]) -> frozenset[str]:
    """Return the names of libraries, checked.

    Raises:
        InvalidField: there is no such library.
    """
    names = frozenset(disable)
    for name in names:
        if name not in _INSTALLERS:
            from mlstudio.entities.errors import InvalidField

            near = difflib.get_close_matches(str(name), LIBRARIES, 1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(LIBRARIES)}."
            raise InvalidField(f"autolog does not know the library {name!r}.", field="disable", hint=hint)
    return names
