"""The door of HTTP: a Jupyter server extension. Handlers parse, call, render; they hold no rules.

`StudioApp` is imported when first used, so that the table of routes can be read without tornado.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstudio.server.app import StudioApp

__all__ = ["StudioApp"]


def __getattr__(name: str) -> Any:
    if name == "StudioApp":
        from mlstudio.server.app import StudioApp

        return StudioApp
    raise AttributeError(f"module 'mlstudio.server' has no attribute {name!r}")
