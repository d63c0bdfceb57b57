"""The cellar: records, series, journals and artifacts. Every file format and every SQL statement lives here.

Lazy (PEP 562): a training script that only writes a journal never imports SQLAlchemy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstudio.store.home import Home, default_home, default_url
    from mlstudio.store.laws import Store
    from mlstudio.store.opening import open_store

_HOMES = {
    "open_store": "mlstudio.store.opening",
    "Store": "mlstudio.store.laws",
    "Home": "mlstudio.store.home",
    "default_home": "mlstudio.store.home",
    "default_url": "mlstudio.store.home",
}

__all__ = ["Home", "Store", "default_home", "default_url", "open_store"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mlstudio.store' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
