"""What the server takes for a source."""

from __future__ import annotations

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.server.transfers import check_source


@pytest.mark.parametrize("text", ["/data/mlruns", "sqlite:////data/mlflow.db", "file:///data/mlruns", "/data/a b/ü"])
def test_paths_and_files_of_this_machine_are_sources(text: str) -> None:
    check_source(text)


@pytest.mark.parametrize(
    "text",
    [
        "mlruns",
        "./mlruns",
        "~/mlruns",
        "sqlite:///relative.db",
        "sqlite://",
        "file://host/x",
        "http://127.0.0.1/x",
        "postgresql://user:pw@host/db",
        "sqlite:///http://host/x",
        "mysql+pymysql://h/d",
        "\\\\host\\share",
        "/a\0b",
        "",
    ],
)
def test_nothing_else_is(text: str) -> None:
    with pytest.raises(InvalidField) as caught:
        check_source(text, field="here")

    assert caught.value.field == "here"
