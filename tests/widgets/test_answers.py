"""What a page may ask a kernel."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlstudio
from mlstudio.entities.tables import TablePage
from mlstudio.entities.wire import decode
from mlstudio.store import open_store
from mlstudio.widgets.answers import ANSWERS, answer, read_request


@pytest.fixture
def name() -> str:
    with mlstudio.run("mnist", "first", lr=0.1) as run:
        for step in range(5):
            run.log(loss=1.0 / (step + 1), step=step)
    return run.component_name


def test_a_table_is_answered_as_the_server_would(name: str) -> None:
    asked = {"scope": {"experiment": "mnist"}, "where": "params.lr < 1", "order": ["-created"]}
    found = answer(open_store, "POST", "/tables", json.dumps(asked).encode())
    assert found.status == 200
    page = decode(found.body, TablePage)
    assert page.names == [name]
    assert {column.key for column in page.columns} >= {"params.lr", "metrics.loss.last"}


def test_curves_are_bytes(name: str) -> None:
    asked = {"series": [{"component": name, "name": "loss"}]}
    found = answer(open_store, "POST", "/curves", json.dumps(asked).encode())
    assert (found.status, found.type, found.body[:4]) == (200, "application/octet-stream", b"MLC1")


@pytest.mark.parametrize(
    "path", ["/experiments/mnist", "/experiments/mnist/columns", "/trial-components/{}", "/trial-components/{}/series"]
)
def test_records_are_json(name: str, path: str) -> None:
    found = answer(open_store, "GET", path.format(name))
    assert found.status == 200
    assert json.loads(found.body)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("DELETE", "/experiments/mnist", 405, "method_not_allowed"),
        ("PATCH", "/trial-components/x", 405, "method_not_allowed"),
        ("POST", "/jobs/x/stop", 404, "not_found"),
        ("GET", "/experiments/none-such", 404, "not_found"),
        ("GET", "/experiments/%2e%2e%2fetc", 400, "invalid_name"),
        ("GET", "", 404, "not_found"),
    ],
)
def test_nothing_else_is_answered(method: str, path: str, status: int, code: str) -> None:
    found = answer(open_store, method, path)
    assert found.status == status
    assert json.loads(found.body)["error"]["code"] == code


def test_every_answer_reads() -> None:
    assert {method for method, _ in ANSWERS} == {"GET", "POST"}
    before = open_store().last_change()
    for method, path in ANSWERS:
        answer(open_store, method, path.replace("{name}", "x"), b"{}")
    assert open_store().last_change() == before


def test_a_bad_query_says_where(name: str) -> None:
    found = answer(open_store, "POST", "/tables", b'{"where": "params.lr <"}')
    assert found.status == 400
    assert json.loads(found.body)["error"]["code"] == "bad_query"


@given(body=st.binary(max_size=200), path=st.text(max_size=60))
def test_whatever_comes_gets_an_answer(body: bytes, path: str) -> None:
    assert answer(open_store, "POST", path, body).status >= 400
    assert answer(open_store, "POST", "/curves", body).status in {200, 400, 404}


@pytest.mark.parametrize("content", [None, 3, {}, {"id": "1", "method": "GET", "path": "/x"}, {"id": 1}])
def test_a_message_of_another_form_is_no_request(content: object) -> None:
    with pytest.raises(ValueError, match="request"):
        read_request(content)
