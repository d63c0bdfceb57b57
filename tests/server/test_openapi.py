"""The description of the API: made from the routes, kept in the repository, true in types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlstudio.entities.errors import HTTP_STATUS
from mlstudio.server import routes
from mlstudio.server.openapi import document

KEPT = Path(routes.__file__).with_name("openapi.json")


def test_the_kept_file_is_what_the_code_says() -> None:
    assert json.loads(KEPT.read_text(encoding="utf-8")) == document(), "run `make api` and commit both files"


def test_every_route_is_described_once() -> None:
    described = [(verb.upper(), path) for path, verbs in document()["paths"].items() for verb in verbs]

    assert sorted(described) == sorted((route.method, route.path) for route in routes.ROUTES)


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [operation["operationId"] for verbs in document()["paths"].values() for operation in verbs.values()]

    assert len(ids) == len(set(ids))


def test_every_error_code_is_known_and_every_reference_leads_somewhere() -> None:
    described = document()
    text = json.dumps(described)
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    known.add("#/components/responses/Error")
    for verbs in described["paths"].values():
        for operation in verbs.values():
            assert set(operation["x-errors"]) <= set(HTTP_STATUS)
    found = {part.split('"')[0] for part in text.split('"$ref": "')[1:]}
    assert found <= known
    assert known - found <= {
        "#/components/schemas/LiveEvent",
        "#/components/schemas/PointsEvent",
        "#/components/schemas/CurveHeader",
        "#/components/schemas/SubscribeOp",
        "#/components/schemas/UnsubscribeOp",
    }


def test_a_float_that_may_be_nan_says_so() -> None:
    schemas = document()["components"]["schemas"]

    assert schemas["Number"] == {"anyOf": [{"type": "number"}, {"enum": ["-inf", "inf", "nan"]}]}
    assert schemas["SeriesSummary"]["properties"]["last"] == {"$ref": "#/components/schemas/Number"}
    assert {"$ref": "#/components/schemas/Number"} in schemas["SeriesSummary"]["properties"]["min"]["anyOf"]


@pytest.mark.parametrize(
    ("name", "required"), [("ExperimentRecord", True), ("JobRecord", True), ("TableRequest", False)]
)
def test_answers_hold_every_field_and_requests_may_leave_some_out(name: str, required: bool) -> None:
    schema = document()["components"]["schemas"][name]

    assert (set(schema.get("required", [])) == set(schema["properties"])) is required


def test_no_route_asks_for_a_path_on_the_server_of_those_who_may_not_execute() -> None:
    schemas = document()["components"]["schemas"]
    asking = {
        (route.body.__name__, route.action)
        for route in routes.ROUTES
        if route.body
        and {"path", "uri", "file", "source", "destination"} & set(schemas[route.body.__name__]["properties"])
    }

    # An export's destination is asked for the same right by its handler: tests/security/test_tasks.py.
    assert asking == {("ImportRequest", "execute"), ("ExportRequest", "read"), ("JobFromFile", "execute")}
    nested = {route.body.__name__: route.action for route in routes.ROUTES if route.body}
    assert (nested["ScheduleFromFile"], nested["SchedulePatch"]) == ("execute", "execute"), "they hold a JobFromFile"
