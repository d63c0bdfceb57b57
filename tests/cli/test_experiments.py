"""``mlstudio experiments``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mlstudio
from mlstudio.cli.main import main
from mlstudio.store import open_store


@pytest.fixture(autouse=True)
def recorded() -> None:
    for number in range(3):
        with mlstudio.run("digits", f"trial {number}", lr=0.1 * (number + 1), opt="adam") as run:
            run.log(loss=1 / (number + 1), step=0)
    with mlstudio.run("other") as run:
        run.log(loss=9.0, step=0)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["experiments", *words]) == 0
    return capsys.readouterr().out


def test_the_list_counts_what_an_experiment_holds(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "list").splitlines()
    assert lines[0].split() == ["experiment", "trials", "components", "running", "created"]
    (digits,) = [line.split() for line in lines if line.startswith("digits")]
    assert digits[1:4] == ["1", "3", "0"]


def test_the_list_can_be_searched(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "list", 'name like "dig*"')
    assert "digits" in out
    assert "other" not in out
    assert printed(capsys, "list", 'name = "none"') == "None matches.\n"


def test_json_is_what_the_api_sends(capsys: pytest.CaptureFixture[str]) -> None:
    page = json.loads(printed(capsys, "list", "--json"))
    assert {item["name"] for item in page["items"]} == {"digits", "other"}
    assert page["next"] is None
    shown = json.loads(printed(capsys, "show", "digits", "--json"))
    assert shown["experiment"]["name"] == "digits"
    assert len(shown["items"]) == 3


def test_show_is_a_table_of_parameters_and_last_metrics_in_the_order_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = printed(capsys, "show", "digits", "--where", "metrics.loss.last < 0.9 order by params.lr desc")
    head, *rows = out.split("\n\n")[1].splitlines()
    assert head.split()[-3:] == ["lr", "opt", "loss"]
    assert [row.split()[-3:] for row in rows] == [["0.3", "adam", "0.333333"], ["0.2", "adam", "0.5"]]


def test_show_leaves_out_what_the_machine_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with mlstudio.run("digits", "watched") as run:
        run.log({"loss": 0.1, "system/cpu": 50.0}, step=0)
    out = printed(capsys, "show", "digits")
    assert "watched" in out
    assert "system/cpu" not in out


def test_a_query_that_cannot_be_read_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiments", "show", "digits", "--where", "metrics.los < < 3"]) == 1
    assert "1:" in capsys.readouterr().err


def test_compare_shows_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "compare", 'experiment = "digits" order by params.lr')
    assert "lr" in out
    assert "0.333333" in out
    assert json.loads(printed(capsys, "compare", 'experiment = "digits"', "--json"))


def test_a_star_is_found_again_and_can_be_taken_away(capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "star", "digits")
    assert "★ digits" in printed(capsys, "list", "starred")
    printed(capsys, "star", "digits", "--off")
    assert printed(capsys, "list", "starred") == "None matches.\n"


def test_what_was_deleted_can_be_restored(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiments", "delete", "digits"]) == 1, "it has trials"
    assert "restore digits" in printed(capsys, "delete", "digits", "--force")
    assert "digits" not in printed(capsys, "list")
    assert "digits" in printed(capsys, "list", "--deleted")
    printed(capsys, "restore", "digits")
    assert "digits" in printed(capsys, "list")
    assert open_store().get_experiment("digits").components == 3


def test_an_empty_store_says_how_to_fill_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTUDIO_HOME", str(tmp_path / "another"))
    assert "mlstudio demo" in printed(capsys, "list")


def test_a_display_name_that_is_an_escape_sequence_is_shown_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    with mlstudio.run("hostile", "a\x1b]0;title\x07b"):
        pass
    assert "\x1b" not in printed(capsys, "show", "hostile")
    assert "\x1b" not in printed(capsys, "list")
