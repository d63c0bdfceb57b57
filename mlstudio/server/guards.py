"""Who may call: the one decorator of every verb, and what the walk reads from it.

`guarded` is Jupyter's ``@authenticated`` outside and ``@authorized`` inside, always with action
and resource named: the bare ``@authorized`` keeps the first request's values in its closure, so a
method that two handlers inherit would be checked against the wrong resource.

Knows nothing of: handlers, routes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from jupyter_server.auth.decorator import authorized, ws_authenticated
from tornado import web

Verb = TypeVar("Verb", bound=Callable[..., Any])
VERBS: Final = ("get", "head", "post", "put", "patch", "delete", "options")


@dataclass(frozen=True, slots=True)
class Guard:
    """What a verb demands: an action ("read", "write", "execute") on a resource."""

    action: str
    resource: str


def guarded(action: str, resource: str, *, socket: bool = False) -> Callable[[Verb], Verb]:
    """Demand a known user who may do `action` on `resource`.

    Args:
        action: "read", "write" or "execute", as Jupyter's authorizer knows them.
        resource: such as "mlstudio:experiments".
        socket: the verb opens a WebSocket: 403 before the upgrade, never a redirect.
    """

    def wrap(method: Verb) -> Verb:
        inner: Any = authorized(action, resource)(method)
        outer: Any = ws_authenticated(inner) if socket else web.authenticated(inner)
        outer.guard = Guard(action, resource)
        return outer  # type: ignore[no-any-return]

    return wrap


def guard_of(handler: object, method: str) -> Guard | None:
    """Return the guard of a handler's verb; None when the handler has no such verb or it has no guard."""
    return getattr(getattr(handler, method.lower(), None), "guard", None)


def verbs_of(handler: object) -> list[str]:
    """Return the guarded verbs of a handler in capitals, for the Allow header."""
    return [verb.upper() for verb in VERBS if guard_of(handler, verb)]
