"""What writers of backends and plug-ins test with: contract suites, hostile names, small disks.

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self) -> Iterator[Store]: ...

Needs pytest; nothing of mlstudio imports it. Lazy (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstudio.testing.disks import small_disk
    from mlstudio.testing.store_contract import StoreContract
    from mlstudio.testing.texts import hostile_names, traversal_corpus

_HOMES = {
    "StoreContract": "mlstudio.testing.store_contract",
    "small_disk": "mlstudio.testing.disks",
    "hostile_names": "mlstudio.testing.texts",
    "traversal_corpus": "mlstudio.testing.texts",
}

__all__ = ["StoreContract", "hostile_names", "small_disk", "traversal_corpus"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mlstudio.testing' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
