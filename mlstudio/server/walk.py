"""The walk over all rules: what is registered, what is guarded, what the table says must be one.

Run when the server starts, which refuses to start on a difference, and by tests over the router.

Reads: `ROUTES` and the handlers it names.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from tornado import web

from mlstudio.server.base import StudioHandler, StudioSocket
from mlstudio.server.guards import VERBS, Guard, guard_of
from mlstudio.server.handlers.about import Unknown
from mlstudio.server.routes import PREFIX, ROUTES, Route

Rule = tuple[str, type[web.RequestHandler]]


def handler_of(route: Route) -> type[web.RequestHandler]:
    """Import the handler that a route names."""
    module, _, name = route.handler.partition(".")
    return getattr(import_module(f"mlstudio.server.handlers.{module}"), name)  # type: ignore[no-any-return]


def pattern_of(path: str) -> str:
    """Return the regular expression of a path: each parameter is one segment, decoded once by tornado.

    >>> pattern_of("/trials/{name}")
    '/mlstudio/api/v1/trials/([^/]+)'
    """
    return PREFIX + re.sub(r"{\w+}", "([^/]+)", path.replace(".", r"\."))


def rules() -> list[Rule]:
    """Return every rule below our prefix, the wall for unknown paths last."""
    known = {pattern_of(route.path): handler_of(route) for route in ROUTES}
    return [*known.items(), ("/mlstudio(?:/.*)?", Unknown)]


def faults() -> list[str]:
    """Return one sentence for each rule that breaks the security design; none is good."""
    found: list[str] = []
    wanted: dict[Any, dict[str, Guard]] = {}
    for route in ROUTES:
        handler = handler_of(route)
        wanted.setdefault(handler, {})[route.method] = Guard(route.action, route.resource)
        if not issubclass(handler, StudioHandler | StudioSocket):
            found.append(f"{route.handler} does not stand on our base.")
    for handler, table in wanted.items():
        for verb in VERBS:
            found.extend(_fault(handler, verb, table.get(verb.upper())))
    return found


def _fault(handler: Any, verb: str, wanted: Guard | None) -> list[str]:
    method = getattr(handler, verb, None)
    exists = method is not None and method is not web.RequestHandler._unimplemented_method
    guard = guard_of(handler, verb)
    name = f"{verb.upper()} of {handler.__module__}.{handler.__name__}"
    if verb == "options":
        return [] if guard or issubclass(handler, StudioSocket) else [f"{name} has no guard."]
    if not exists:
        return [f"{name} is in the table of routes and does not exist."] if wanted else []
    if guard is None:
        return [f"{name} is neither authenticated nor authorized."]
    if wanted is None:
        return [f"{name} is not in the table of routes."]
    return [] if guard == wanted else [f"{name} demands {guard}, the table says {wanted}."]
