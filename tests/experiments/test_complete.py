"""A query that is being typed is completed from what the experiment holds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstudio.entities.comparison import CompletionOption, CompletionQuery, CompletionReply
from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ComponentCreate, ComponentUpdate, ExperimentCreate, TrialCreate
from mlstudio.entities.tables import ColumnInfo
from mlstudio.experiments import complete as complete_module
from mlstudio.experiments.complete import MOST, complete, quoted_field, quoted_value
from mlstudio.experiments.query_text import parse
from mlstudio.store.laws import Store
from mlstudio.store.memory import MemoryStore
from mlstudio.testing.contract_metrics import points_of
from mlstudio.testing.texts import hostile_names


@pytest.fixture(scope="module")
def store() -> Store:
    """A small sweep with odd names."""
    store = MemoryStore()
    store.create_experiment(ExperimentCreate("e"))
    store.create_trial(TrialCreate("t", "e"))
    for number, lr in enumerate((0.1, 0.1, 0.01)):
        params = {"lr": lr, "opt": "adam" if number else 'sg"d', "learning rate": 1, "a.b/c:d": "x"}
        name = f"c{number}"
        store.create_component(ComponentCreate(name=name, trials=["t"], params=params, status="InProgress"))
        points_of(store, name, "loss", [1.0, 0.5])
        points_of(store, name, "val.min", [float(number)])
    store.update_component("c0", ComponentUpdate(tags={"best": "yes"}, status="Completed"))
    return store


def ask(store: Store, marked: str) -> CompletionReply:
    """Complete at the bar in a text."""
    caret = marked.index("|")
    return complete(store, CompletionQuery(text=marked.replace("|", "", 1), caret=caret, experiment="e"))


def texts(reply: CompletionReply) -> list[str]:
    """Return what the options put in."""
    return [option.text for option in reply.options]


def test_fields_are_offered_with_type_range_and_count(store: Store) -> None:
    found = {option.text: option for option in ask(store, "|").options}
    assert found["params.lr"].detail == "number, 0.01 to 0.1, 3 trials"
    assert found["params.opt"].detail == "text, 2 values, 3 trials"
    assert found["metrics.loss"].detail == "number, 0.5 to 0.5, 3 trials"
    assert found["tags.best"].detail == "text, 1 value, 1 trial"
    assert found["created"].detail == "time"
    assert {option.kind for option in found.values()} == {"field", "keyword"}


def test_odd_names_are_put_in_quoted_and_can_be_read(store: Store) -> None:
    offered = texts(ask(store, "|"))
    assert {"params.`learning rate`", "params.a.b/c:d", "metrics.`val.min`"} <= set(offered)
    for text in offered:
        if text != "not":
            parse(text)
    assert parse("metrics.`val.min`.max > 1").where == parse("metrics.val.min.max > 1").where


def test_what_begins_like_the_typed_comes_first_then_what_holds_it(store: Store) -> None:
    assert texts(ask(store, "params.l|"))[:2] == [
        "params.learning rate".replace("learning rate", "`learning rate`"),
        "params.lr",
    ]
    assert "params.lr" in texts(ask(store, "lr|"))
    assert texts(ask(store, "metrics.loss|"))[:7] == [
        "metrics.loss", *(f"metrics.loss.{stat}" for stat in ("last", "min", "max", "avg", "stddev", "count")),
    ]  # fmt: skip
    assert texts(ask(store, "params.nothing|")) == []


def test_operators_fit_the_type(store: Store) -> None:
    assert "<" in texts(ask(store, "params.lr |"))
    assert "contains" not in texts(ask(store, "params.lr |"))
    assert "<" not in texts(ask(store, "params.opt |"))
    assert texts(ask(store, "params.opt not c|")) == ["contains"]
    assert texts(ask(store, "starred |"))[:2] == ["=", "!="]
    assert texts(ask(store, "created |"))[0] == "<"


def test_values_are_those_that_occur_most_first(store: Store) -> None:
    assert texts(ask(store, "params.opt = |")) == ['"adam"', '"sg\\"d"']
    assert texts(ask(store, 'params.opt in ["adam", "s|')) == ['"sg\\"d"']
    assert texts(ask(store, "params.lr = |")) == ["0.1", "0.01"]
    assert texts(ask(store, "metrics.loss.max < |")) == ["1"]
    assert texts(ask(store, "tags.best = y|")) == ['"yes"']
    assert texts(ask(store, "starred = |")) == ["true", "false"]
    assert "-24h" in texts(ask(store, "created > |"))
    status = texts(ask(store, "status = |"))
    assert status[:2] == ['"InProgress"', '"Completed"']
    assert '"Failed"' in status


def test_keywords_come_where_they_may_stand(store: Store) -> None:
    assert texts(ask(store, "params.lr > 1 |")) == ["and", "or", "order by", "limit"]
    assert texts(ask(store, "(params.lr > 1 |"))[-1] == ")"
    assert texts(ask(store, "params.lr > 1 o|")) == ["or", "order by"]
    assert texts(ask(store, "order |")) == ["by"]
    assert texts(ask(store, "order by params.lr |")) == ["desc", "asc", "limit"]


def test_the_middle_of_a_query_is_completed_and_the_rest_stays(store: Store) -> None:
    reply = ask(store, "params.l| > 1 and starred")
    assert (reply.start, reply.end) == (0, 8)
    assert "params.lr" in texts(reply)


def test_the_fault_of_the_text_is_told_with_its_place(store: Store) -> None:
    reply = ask(store, "starred and metrics.los < 1|")
    assert reply.error == "Unknown field metrics.los at 1:13. Did you mean metrics.loss?"
    assert (reply.error_start, reply.error_end) == (12, 23)
    assert (ask(store, "starred|").error, ask(store, "|").error) == (None, None)
    open_quote = ask(store, 'tags.best = "y|')
    assert (open_quote.error_start, open_quote.error_end) == (12, 14)
    late = ask(store, "params.lr >|")
    assert (late.error, late.error_start, late.error_end) == ("Expected a value but found the end at 1:12.", 11, 11)


def test_a_store_with_many_names_and_values_answers_briefly() -> None:
    store = MemoryStore()
    for number in range(60):
        store.create_component(
            ComponentCreate(
                name=f"c{number}", params={"p": f"v{number}", "n": number / 7, **{f"q{n}": n for n in range(60)}}
            )
        )
    for text, count in (("", 33), ("params.", MOST), ("params.p = ", MOST)):
        reply = complete(store, CompletionQuery(text=text, caret=len(text)))
        assert len(reply.options) == count
    shown = complete(store, CompletionQuery(text="params.n > ", caret=11)).options
    assert [option.detail for option in shown] == ["the smallest", "the median", "the largest"]


def test_an_experiment_that_is_not_there_says_so(store: Store) -> None:
    with pytest.raises(NotFound):
        complete(store, CompletionQuery(text="", caret=0, experiment="nope"))


@pytest.mark.parametrize("name", [name for name in hostile_names() if len(name) < 1000])
def test_any_name_and_value_is_quoted_so_that_it_is_read_back(name: str) -> None:
    for group in ("params", "metrics", "tags"):
        read = parse(f"{quoted_field(group, name)} = {quoted_value(name)}").where
        assert (read.field.kind, read.field.name, read.value) == (group, name, name)  # type: ignore[union-attr]


@given(
    st.lists(
        st.sampled_from(
            ["params.", "lr", " ", "`", '"', "in", " not ", "[", ",", "]", "(", ")", "<=", "=", "0.1", " and ",
             "created", " or ", "order by ", "limit ", "metrics.loss.min", "starred", "§", "\\", "\n", "\x00", "sg"]
        )
    ).map("".join),
    st.integers(0, 60),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_text_at_any_caret_is_answered(store: Store, text: str, caret: int) -> None:
    reply = complete(store, CompletionQuery(text=text, caret=caret, experiment="e"))
    assert reply.start <= min(caret, len(text)) <= reply.end
    if reply.error is not None:
        assert reply.error_start is not None
        assert reply.error_end is not None
        assert 0 <= reply.error_start <= reply.error_end <= len(text)


@pytest.fixture(scope="module")
def large() -> Store:
    """An experiment of 3,000 tags, and 600 values of one parameter."""
    store = MemoryStore()
    store.create_experiment(ExperimentCreate("e"))
    store.create_trial(TrialCreate("t", "e"))
    for number in range(600):
        tags = {f"key-{number:03d}-{i}": "x" for i in range(5)}
        params = {"which": f"value-{number:03d}"}
        store.create_component(ComponentCreate(name=f"c{number:03d}", trials=["t"], params=params, tags=tags))
    return store


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("key-5|", None),
        ("tags.key-599-4|", "tags.key-599-4"),
        ("599-4|", "tags.key-599-4"),
        ("params.which = |", '"value-'),
        ("params.which = value-59|", '"value-59'),
        ("params.which = lue-599|", '"value-599"'),
        ("name = c59|", '"c59'),
    ],
)
def test_of_very_many_only_what_fits_becomes_an_option(
    large: Store, monkeypatch: pytest.MonkeyPatch, marked: str, first: str | None
) -> None:
    made: list[str] = []

    def option(text: str, label: str, kind: str, detail: str = "") -> CompletionOption:
        made.append(text)
        return CompletionOption(text=text, label=label, kind=kind, detail=detail)  # type: ignore[arg-type]

    monkeypatch.setattr(complete_module, "CompletionOption", option)

    found = texts(ask(large, marked))

    assert len(found) <= MOST
    assert len(made) <= 3 * MOST, "as many options were made as there are columns or values"
    if first is not None:
        assert found[0].startswith(first)


def test_columns_are_laid_out_once_until_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    store.create_component(ComponentCreate(name="c", params={"lr": 1}))
    kept = store.columns(None)
    built: list[int] = []

    class Counted(complete_module._Index):
        def __init__(self, columns: Sequence[ColumnInfo]) -> None:
            built.append(len(columns))
            super().__init__(columns)

    monkeypatch.setattr(complete_module, "_Index", Counted)
    monkeypatch.setattr(store, "columns", lambda _: kept)
    for _ in range(3):
        complete(store, CompletionQuery(text="", caret=0))
    assert len(built) == 1
    monkeypatch.setattr(store, "columns", lambda _: (*kept,))
    complete(store, CompletionQuery(text="", caret=0))
    assert len(built) == 2


def test_a_tag_that_a_full_list_leaves_out_is_not_called_unknown(large: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Unknown field" in (ask(large, "tags.never|").error or "")
    monkeypatch.setattr(complete_module, "MOST_COLUMNS", 3000)
    complete_module._kept.clear()
    assert ask(large, "tags.never|").error is None
    complete_module._kept.clear()
