"""One row of the table of routes: its words, the constants that all rows share.

Imports: msgspec.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from msgspec import Struct

PREFIX: Final = "/mlstudio/api/v1"
API: Final = 1
"""Major version of the API; `VersionReply.api`."""
EXPERIMENTS: Final = "mlstudio:experiments"
JOBS: Final = "mlstudio:jobs"
SETTINGS: Final = "mlstudio:settings"

Action = Literal["read", "write", "execute"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Route:
    """One verb on one path.

    Attributes:
        returns: a Struct (JSON), "bytes", "json" (a document of no Struct), "socket", or None for an empty 204.
        errors: codes beyond those that every route may answer (`COMMON_ERRORS`).
    """

    method: Method
    path: str
    handler: str
    resource: str
    action: Action
    summary: str
    query: type[Struct] | None = None
    body: type[Struct] | None = None
    returns: type[Struct] | Literal["bytes", "json", "socket"] | None = None
    status: int = 200
    errors: tuple[str, ...] = ()


COMMON_ERRORS: Final = (
    "invalid_field",
    "unauthenticated",
    "forbidden",
    "bad_host",
    "bad_origin",
    "internal",
    "store_busy",
    "store_unreachable",
    "store_damaged",
    "store_too_new",
)
WRITE_ERRORS: Final = ("bad_xsrf", "not_json", "too_large", "invalid_json", "disk_full", "unsafe_sqlite")
"""Also possible on every route that takes a body or changes something."""

NAMED: Final = ("invalid_name", "not_found")


def of_experiments(method: Method, path: str, handler: str, summary: str, **more: Any) -> Route:
    """Return a route of the experiments room: GET reads, everything else writes, unless `action` says so."""
    action: Action = more.pop("action", "read" if method == "GET" else "write")
    return Route(method, path, handler, EXPERIMENTS, action, summary, **more)
