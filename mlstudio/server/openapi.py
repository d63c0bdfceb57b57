"""The OpenAPI 3.1 document, made from `ROUTES` and the Structs they name.

Two things are added to what msgspec says of a Struct: the shared words `Number` (a float that may
be "nan", "inf" or "-inf") and `ParamValue` get a name of their own, and every field of a Struct
that only ever travels to the client is required, because answers hold their defaults too.

Imports: msgspec, `entities` and the table of routes; no tornado.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from mlstudio.entities.errors import HTTP_STATUS
from mlstudio.entities.events import LiveEvent, SubscribeOp, UnsubscribeOp
from mlstudio.entities.tables import CurveHeader, PointsEvent
from mlstudio.entities.wire import ErrorReply, Number, ParamValue
from mlstudio.server.routes import API, COMMON_ERRORS, PREFIX, ROUTES, WRITE_ERRORS, Route

Document = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_SENT: Final = (ErrorReply, LiveEvent, PointsEvent, CurveHeader)
"""Structs beside the routes' own that the front end reads: errors, socket frames, binary headers."""
_RECEIVED: Final = (SubscribeOp, UnsubscribeOp)
_ERROR: Final = {
    "description": "What went wrong, in the one error shape; `x-errors` lists the codes of each operation.",
    "content": {"application/json": {"schema": {"$ref": _REF.format(name="ErrorReply")}}},
}


def document() -> Document:
    """Return the OpenAPI document as builtins, in a stable order."""
    paths: Document = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mlstudio",
            "version": str(API),
            "description": "Experiments, jobs and live events. Floats that are not finite travel as text.",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": {"Error": _ERROR},
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "Authorization"}},
        },
    }


def _is_struct(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _schemas() -> Document:
    received = [route.body for route in ROUTES if route.body] + list(_RECEIVED)
    sent = [route.returns for route in ROUTES if _is_struct(route.returns)] + list(_SENT)
    inputs = msgspec.json.schema_components(received, ref_template=_REF)[1]
    outputs = msgspec.json.schema_components(sent, ref_template=_REF)[1]
    for name, schema in outputs.items():
        if name not in inputs and "properties" in schema:
            schema["required"] = list(schema["properties"])
    merged = {**outputs, **inputs}
    words = {"Number": _schema(Number), "ParamValue": _schema(ParamValue)}
    named = {name: _name_words(_tidy(schema), words) for name, schema in merged.items()}
    return dict(sorted({**named, **words}.items()))


def _schema(kind: Any) -> Document:
    tidied: Document = _tidy(msgspec.json.schema(kind))
    return tidied


def _tidy(node: Any) -> Any:
    """Dedent docstrings, and take the module paths out that msgspec gives to generic names."""
    if isinstance(node, dict):
        return {
            key: inspect.cleandoc(value) if key == "description" and isinstance(value, str) else _tidy(value)
            for key, value in node.items()
        }
    return [_tidy(item) for item in node] if isinstance(node, list) else node


def _name_words(node: Any, words: Document) -> Any:
    if isinstance(node, list):
        return [_name_words(item, words) for item in node]
    if not isinstance(node, dict):
        return node
    options = node.get("anyOf")
    for name, word in words.items():
        if options and all(option in options for option in word["anyOf"]):
            rest = [option for option in options if option not in word["anyOf"]]
            about = {key: value for key, value in node.items() if key != "anyOf"}
            reference = {"$ref": _REF.format(name=name)}
            return {**about, "anyOf": [reference, *rest]} if rest else {**about, **reference}
    return {key: _name_words(value, words) for key, value in node.items()}


def _operation(route: Route) -> Document:
    operation: Document = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.resource.partition(":")[2]],
        "x-action": route.action,
        "x-resource": route.resource,
        "x-errors": _codes(route),
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {str(101 if route.returns == "socket" else route.status): _success(route), **_failures(route)},
    }
    if route.body:
        content = {"application/json": {"schema": {"$ref": _REF.format(name=route.body.__name__)}}}
        operation["requestBody"] = {"required": True, "content": content}
    return {key: value for key, value in operation.items() if value != []}


def _operation_id(route: Route) -> str:
    words = re.findall(r"[a-z]+", route.path.replace("openapi.json", "openapi"))
    return route.method.lower() + "".join(word.capitalize() for word in words)


def _path_parameters(route: Route) -> Iterator[Document]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(route: Route) -> Iterator[Document]:
    if not route.query:
        return
    schema = msgspec.json.schema_components([route.query], ref_template=_REF)[1][route.query.__name__]
    for name, field in _tidy(schema)["properties"].items():
        yield {"name": name, "in": "query", "required": False, "schema": field}


def _success(route: Route) -> Document:
    if route.returns is None:
        return {"description": "Done."}
    if route.returns == "socket":
        return {"description": "The socket is open: JSON arrays of LiveEvent come, SubscribeOp and UnsubscribeOp go."}
    if route.returns == "bytes":
        content: Document = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    elif route.returns == "json":
        content = {"application/json": {"schema": {"type": "object", "additionalProperties": True}}}
    else:
        content = {"application/json": {"schema": {"$ref": _REF.format(name=route.returns.__name__)}}}
    return {"description": route.summary + ".", "content": content}


def _codes(route: Route) -> list[str]:
    return sorted({*COMMON_ERRORS, *(WRITE_ERRORS if route.method != "GET" else ()), *route.errors})


def _failures(route: Route) -> Document:
    statuses = sorted({HTTP_STATUS[code] for code in _codes(route)})
    return {str(status): {"$ref": "#/components/responses/Error"} for status in statuses}
