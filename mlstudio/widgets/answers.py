"""What a widget's page may ask this kernel: the read-only part of the HTTP API, without HTTP.

Paths, bodies, answers and errors are those of ``docs/http.md``, so that the panel's components run
in a cell unchanged. Whatever is not in `ANSWERS` is refused: a saved notebook that somebody sends
you can read your experiments through a widget, and change nothing.

Knows nothing of: comms, anywidget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from mlstudio.entities.comparison import CompareRequest
from mlstudio.entities.errors import HTTP_STATUS, InvalidField, MethodNotAllowed, NotFound, StudioError
from mlstudio.entities.names import check_name
from mlstudio.entities.parts import MOST_PARTS, PartRequest
from mlstudio.entities.search import Query
from mlstudio.entities.tables import CurveRequest, TableRequest
from mlstudio.entities.wire import ErrorBody, ErrorReply, decode, encode
from mlstudio.experiments.search import parse_order, read_query
from mlstudio.store.bounds import trimmed
from mlstudio.store.curves import curve
from mlstudio.store.laws import Store

JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
MAX_BODY: Final = 1 << 20
"""Bytes of a request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the page."""

    status: int
    type: str
    body: bytes


def _table(store: Store, _name: str, body: bytes) -> bytes:
    request = decode(body, TableRequest)
    read = read_query(request.where)
    order = parse_order(request.order) or read.order
    return encode(store.table(request, Query(where=read.where, order=order, limit=read.limit)))


def _curves(store: Store, _name: str, body: bytes) -> bytes:
    with store.moment():
        return curve(store, decode(body, CurveRequest))


def _compare(store: Store, _name: str, body: bytes) -> bytes:
    from mlstudio.experiments.comparison import compare_components

    return encode(compare_components(store, decode(body, CompareRequest)))


ANSWERS: Final[Mapping[tuple[str, str], Callable[[Store, str, bytes], bytes]]] = {
    ("GET", "/experiments/{name}"): lambda store, name, _: encode(trimmed(store.get_experiment(name))),
    ("GET", "/experiments/{name}/columns"): lambda store, name, _: encode(store.find_columns(name)),
    ("GET", "/trials/{name}"): lambda store, name, _: encode(trimmed(store.get_trial(name))),
    ("GET", "/trial-components/{name}"): lambda store, name, _: encode(
        trimmed(store.get_component(name, most=MOST_PARTS))
    ),
    ("GET", "/trial-components/{name}/series"): lambda store, name, _: encode(store.series_page(name, PartRequest())),
    ("POST", "/tables"): _table,
    ("POST", "/curves"): _curves,
    ("POST", "/comparisons"): _compare,
}


def answer(store: Callable[[], Store], method: str, path: str, body: bytes = b"") -> Answer:
    """Answer a request of a page; never raises.

    Args:
        store: opens the store, which is read and never written.
        method: GET or POST.
        path: below the API's root, percent-encoded as in a URL.
        body: JSON of a POST.
    """
    try:
        pattern, name = _pattern_of(path)
        reply = ANSWERS.get((method, pattern))
        if reply is None:
            raise _refusal(method, pattern, path)
        if len(body) > MAX_BODY:
            raise InvalidField(f"The request has {len(body)} bytes; at most {MAX_BODY}.", field="body")
        if name:
            check_name(name, field="name")
        return Answer(200, BYTES if path == "/curves" else JSON, reply(store(), name, body))
    except StudioError as error:
        return _failure(error)
    except Exception as error:  # a traceback in a comm handler would land in somebody's cell
        return _failure(
            StudioError(f"mlstudio met a bug of its own ({type(error).__name__}).", hint="Please report it.")
        )


def _pattern_of(path: str) -> tuple[str, str]:
    """Return the path with its second part replaced by ``{name}``, and that part."""
    parts = path.partition("?")[0].split("/")
    if len(parts) < 3:
        return path.partition("?")[0], ""
    return "/".join([*parts[:2], "{name}", *parts[3:]]), unquote(parts[2])


def _refusal(method: str, pattern: str, path: str) -> StudioError:
    if any(known == pattern for _, known in ANSWERS):
        return MethodNotAllowed(f"{method} does not exist here: a widget only reads.")
    return NotFound(f"A widget cannot ask for {path[:120]!r}.", hint="Open it in the Studio panel.")


def _failure(error: StudioError) -> Answer:
    body = ErrorBody(error.code, error.message, error.field, error.hint)
    return Answer(HTTP_STATUS[error.code], JSON, encode(ErrorReply(body)))


def read_request(content: Any) -> tuple[int, str, str, bytes]:
    """Return (id, method, path, body) of a comm message; ValueError when it is none of ours."""
    if not isinstance(content, Mapping):
        raise ValueError("not a request")
    number, method, path = content.get("id"), content.get("method"), content.get("path")
    body = content.get("body") or ""
    if not (isinstance(number, int) and isinstance(method, str) and isinstance(path, str) and isinstance(body, str)):
        raise ValueError("not a request")
    return number, method, path, body.encode()
