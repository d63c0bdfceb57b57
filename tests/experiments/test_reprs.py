"""How records show themselves: small tables in which everything is text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

import mlstudio
from mlstudio import Experiment
from mlstudio.entities.errors import StoreBusy
from mlstudio.experiments import reprs

HOSTILE = "<img src=x onerror=alert(1)>\"'&<script>"


class Tags(HTMLParser):
    """Collects tag names, attribute names and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(markup: str) -> Tags:
    parser = Tags()
    parser.feed(markup)
    return parser


def test_whatever_a_name_holds_it_is_shown_as_text() -> None:
    with mlstudio.run(HOSTILE, HOSTILE, description=HOSTILE, tags={HOSTILE: HOSTILE}) as run:
        run[HOSTILE] = HOSTILE
        run.log({HOSTILE: 1.0}, step=1, context={HOSTILE: HOSTILE})
        run.log({HOSTILE: 1.0}, step=1)
    run.finish()
    experiment = Experiment.load(run.experiment_name)
    trial = mlstudio.Trial.load(run.trial_name)
    for markup in (
        run._repr_html_(),
        experiment._repr_html_(),
        trial._repr_html_(),
        mlstudio.list_runs(HOSTILE)._repr_html_(),
    ):
        found = seen(markup)
        assert found.tags <= {"table", "caption", "b", "thead", "tbody", "tr", "th", "td"}
        assert found.attributes <= {"class", "style", "scope"}
        assert HOSTILE in found.text


def test_a_table_shows_status_parameters_and_last_metrics() -> None:
    for number in range(3):
        with mlstudio.run("e", f"r{number}", lr=0.123456789) as run:
            run.log(loss=float(number), step=1)
    text = seen(Experiment.load("e")._repr_html_()).text
    for word in ("3 components", "r0", "r1", "r2", "Completed", "lr", "0.12346", "loss"):
        assert word in text


def test_long_lists_and_texts_are_cut() -> None:
    for number in range(25):
        mlstudio.run("e", f"r{number}", long="x" * 500, capture=False).finish()
    text = seen(mlstudio.list_runs("e")._repr_html_()).text
    assert "first 20 of 25" in text
    assert "x" * 79 + "…" in text
    assert "x" * 80 not in text


def test_a_running_experiment_says_so() -> None:
    with mlstudio.run("e") as run:
        run.flush()
        assert "1 running" in Experiment.load("e")._repr_html_()


def test_a_repr_never_raises_though_the_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with mlstudio.run("e") as run:
        pass
    experiment, runs = Experiment.load("e"), mlstudio.list_runs("e")

    def away() -> None:
        raise StoreBusy("The store is <locked>.")

    monkeypatch.setattr(reprs, "the_store", away)
    for one in (run, experiment, runs):
        assert one._repr_html_() == "<p>The store is &lt;locked&gt;.</p>"


def test_a_plain_repr_shows_what_is_set() -> None:
    class Thing:
        name, empty, long = "n", None, "y" * 1000

    assert reprs.plain(Thing(), "name", "empty", "missing") == "Thing(name='n')"
    assert len(reprs.plain(Thing(), "long")) < 250
