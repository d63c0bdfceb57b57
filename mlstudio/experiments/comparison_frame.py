"""The DataFrame that `compare` returns: pandas through and through, and a live widget when a notebook displays it.

A module of its own because importing it imports pandas. `mlstudio.widgets` knows it by name; what is
cut out of it or computed from it is a plain DataFrame again.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd


class Comparison(pd.DataFrame):
    """One row per trial component, indexed by its name."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame
