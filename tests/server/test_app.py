"""The extension's settings, and how its answers are read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import mlstudio
from mlstudio.entities.errors import BadQuery, InvalidField
from mlstudio.entities.experiments import Confirm
from mlstudio.entities.search import Cmp
from mlstudio.entities.tables import TableRequest
from mlstudio.server import StudioApp
from mlstudio.server.parse import condition, confirmed, table_query
from mlstudio.server.queries import ComponentQuery, DeleteQuery, LogQuery
from mlstudio.server.studio import Studio
from mlstudio.testing.server import running_server


def test_jupyter_finds_the_extension_by_name() -> None:
    (point,) = mlstudio._jupyter_server_extension_points()

    assert point == {"module": "mlstudio.server", "app": StudioApp}
    assert (StudioApp.name, StudioApp.extension_url, StudioApp.load_other_extensions) == ("mlstudio", "/lab", True)


def test_settings_reach_the_server(tmp_path: Path) -> None:
    config = {"StudioApp": {"max_body": 2048, "store_url": "memory:", "live_batch_ms": 50}}
    with running_server(tmp_path / "home", config=config) as server:
        large = server.request("POST", "/experiments", {"name": "x", "description": "y" * 4000})
        version = server.request("GET", "/version").json()

    assert (large.status, large.error["code"]) == (413, "too_large")
    assert version["store"].startswith("memory:")
    assert not (tmp_path / "home" / "mlstudio.db").exists()


@pytest.mark.parametrize(
    "setting", [{"max_body": 1}, {"live_batch_ms": 0}, {"threads": 1000}, {"studio_class": "os.system"}]
)
def test_a_setting_out_of_range_stops_the_start(tmp_path: Path, setting: dict[str, object]) -> None:
    with pytest.raises(SystemExit), running_server(tmp_path / "home", config={"StudioApp": setting}):
        pass


def test_the_service_of_a_server_may_be_replaced(tmp_path: Path) -> None:
    class Mine(Studio):
        """Another service."""

    with running_server(tmp_path / "home", config={"StudioApp": {"studio_class": Mine}}) as server:
        assert isinstance(server.app.web_app.settings["mlstudio"], Mine)


def test_a_condition_of_blanks_is_none() -> None:
    assert condition(None) is None
    assert condition("  ") is None
    assert isinstance(condition("params.lr < 1"), Cmp)
    with pytest.raises(BadQuery):
        condition("params.lr <")


def test_the_order_of_a_table_wins_over_the_one_in_its_text() -> None:
    both = table_query(TableRequest(where="params.a < 1 order by name", order=["-params.b"]))
    text = table_query(TableRequest(where="params.a < 1 order by name desc"))

    assert [(key.field.name, key.descending) for key in both.order] == [("b", True)]
    assert [(key.field.name, key.descending) for key in text.order] == [("name", True)]


def test_a_purge_is_confirmed_by_the_exact_name() -> None:
    confirmed(Confirm("name"), "name")
    with pytest.raises(InvalidField, match="nam"):
        confirmed(Confirm("nam"), "name")


def test_queries_have_bounds_and_defaults() -> None:
    assert msgspec.convert({}, LogQuery) == LogQuery(offset=0, limit=1024 * 1024, host="algo-1")
    assert msgspec.convert({"force": "1"}, DeleteQuery, strict=False).force is True
    assert msgspec.convert({"trial": "null"}, ComponentQuery, strict=False).trial == "null"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"limit": "9999999"}, LogQuery, strict=False)
