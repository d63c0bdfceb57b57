"""Told when a module has been imported: a `sys.meta_path` finder that finds nothing itself.

It asks the finders after it for the module, and has the loader call back once the module has been
executed. Nothing is imported before the program does. A module that is there already is told at
once. The loader keeps its type and its other methods: what inspects it sees what it would see.

Knows nothing of: hooks, libraries.
"""

from __future__ import annotations

import importlib.abc
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Told = Callable[[ModuleType], None]


class ImportWatch(importlib.abc.MetaPathFinder):
    """Calls back after the import of certain modules, once each. A callback must not raise."""

    def __init__(self) -> None:
        self._wanted: dict[str, list[Told]] = {}

    def when(self, name: str, call: Told) -> None:
        """Have `call` told the module `name`: now when it is there, else after its import."""
        module = sys.modules.get(name)
        if module is not None and not _importing(module):
            call(module)
            return
        self._wanted.setdefault(name, []).append(call)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def clear(self) -> None:
        """Forget what was asked for, and leave `sys.meta_path`."""
        self._wanted.clear()
        with suppress(ValueError):
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the other finders give, its loader watched; None for every other module."""
        if fullname not in self._wanted:
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    self._watch(spec.loader, fullname)
                return spec
        return None

    def _watch(self, loader: Any, name: str) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            if module.__name__ == name:  # an archive has one loader for all its modules
                with suppress(AttributeError):
                    del loader.exec_module
                self._tell(name, module)

        with suppress(AttributeError, TypeError):  # a loader with slots is left alone
            loader.exec_module = exec_module

    def _tell(self, name: str, module: ModuleType) -> None:
        calls = self._wanted.pop(name, [])
        if not self._wanted:
            self.clear()
        for call in calls:
            call(module)


def _importing(module: ModuleType) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))
