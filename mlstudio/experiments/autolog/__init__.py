"""`mlstudio.autolog()`: what libraries do is recorded, without a line in the program.

    import mlstudio
    mlstudio.autolog()
    LogisticRegression(C=0.1).fit(X, y)      # a run with its parameters and its score

Followed are torch, Lightning, the Hugging Face Trainer, scikit-learn, XGBoost, LightGBM, Keras and
`SummaryWriter`. A library is hooked when the program imports it (one that is there already: at
once), by a finder on `sys.meta_path`; nothing here imports one. What is trained goes into the run
that is open, else into one that is opened for it.

Promise: no hook raises into user code, and none makes a step of one millisecond slower by more than
one percent (``benchmarks/autolog.py``).

Imports: the rest of this room. This package itself is light: ``mlstudio run`` loads it into every
program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any, Final

from mlstudio.experiments.autolog.switch import LIBRARIES, follow, followed, named

__all__ = ["LIBRARIES", "autolog", "disable"]


class Autolog:
    """``mlstudio.autolog(…)``; its way back is ``mlstudio.autolog.disable()``."""

    def __call__(self, disable: bool | str | Iterable[str] = ()) -> None:
        """Follow what libraries train, from now on, in this process; twice is once.

        Args:
            disable: names of libraries to leave alone; True: all of them, which takes every hook out.
                The environment variable ``MLSTUDIO_AUTOLOG=off`` does the same from outside.

        Raises:
            InvalidField: there is no such library.
        """
        if isinstance(disable, bool):
            follow(() if disable else LIBRARIES)
            return
        without = named([disable] if isinstance(disable, str) else disable)
        follow(library for library in LIBRARIES if library not in without)

    def disable(self) -> None:
        """Take every hook out: the libraries are as they were."""
        follow(())

    @property
    def libraries(self) -> frozenset[str]:
        """The libraries that are followed now."""
        return followed()

    def __repr__(self) -> str:
        return f"<mlstudio.autolog: {', '.join(sorted(followed())) or 'off'}>"


autolog: Final = Autolog()
disable = autolog.disable


class _CallableModule(ModuleType):
    """``from mlstudio.experiments import autolog`` gives this package; ``autolog()`` works there too."""

    def __call__(self, disable: bool | str | Iterable[str] = ()) -> Any:
        return autolog(disable)


sys.modules[__name__].__class__ = _CallableModule
