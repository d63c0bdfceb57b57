"""mlstudio.run, log, load_run and list_runs: the short way in."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

import mlstudio
from mlstudio import Experiment, Run, SortByType, SortOrderType, TrialComponent
from mlstudio.entities.errors import BadQuery, InvalidField, InvalidName, NotFound
from mlstudio.store import open_store
from mlstudio.store.laws_around import MediaStore


def test_three_lines_make_an_experiment() -> None:
    with mlstudio.run("mnist", lr=0.1, opt="adam", description="first try", tags={"a": 1}) as run:
        for step in range(3):
            run.log(loss=1 / (step + 1), step=step)
    record = open_store().get_component(run.component_name)
    assert (record.params, record.description, record.tags["a"]) == ({"lr": 0.1, "opt": "adam"}, "first try", "1")
    assert record.status == "Completed"
    assert record.start_time is not None
    assert Experiment.load("mnist").experiment_name == "mnist"


def test_free_text_is_welcome_everywhere() -> None:
    with mlstudio.run("MNIST: digits ✨", "lr=0.1, 'best'/<b>") as run:
        pass
    assert run.experiment_name == "MNIST-digits"
    record = open_store().get_component(run.component_name)
    assert record.display_name == "lr=0.1, 'best'/<b>"
    assert Experiment.load("MNIST-digits").display_name == "MNIST: digits ✨"


@pytest.mark.parametrize("name", ["x" * 10_000, "שלום \u200f", "🙂🙂", "\x00\n\t", "-", "\ud800"])
def test_a_strange_name_still_records(name: str) -> None:
    with mlstudio.run(name, name) as run:
        run.log(loss=1.0, step=1)
    (found,) = mlstudio.list_runs(run.experiment_name)
    assert found.component_name == run.component_name
    assert len(found.component_name) <= 120


def test_long_names_that_differ_at_their_ends_stay_apart() -> None:
    names = {mlstudio.run("e" * 110, f"{'r' * 200}{end}").component_name for end in "ab"}
    assert len(names) == 2


def test_a_taken_name_stands_beside_the_first() -> None:
    first, second = mlstudio.run("mnist", "same"), mlstudio.run("mnist", "same")
    assert first.component_name != second.component_name
    assert [one.run_name for one in mlstudio.list_runs("mnist")] == ["same", "same"]
    first.finish()
    second.finish()


def test_resume_goes_on_by_name_with_the_newest_and_begins_when_there_is_none() -> None:
    begun = mlstudio.run("mnist", resume="long", lr=1)
    begun.log(loss=3.0, step=1)
    begun.finish("Failed", "power cut")
    with mlstudio.run("mnist", "long", resume=True, lr=2) as again:
        assert again.flush()
        assert open_store().get_component(again.component_name).status == "InProgress"
        again.log(loss=2.0, step=2)
    assert again.component_name == begun.component_name
    record = open_store().get_component(again.component_name)
    assert (record.status, record.params) == ("Completed", {"lr": 2})
    assert again.history("loss")["value"].tolist() == [3.0, 2.0]


def test_nested_runs_are_children() -> None:
    with mlstudio.run("mnist", "outer") as outer, mlstudio.run("mnist", "inner") as inner, Run("other", "deep") as deep:
        assert mlstudio.current_run() is deep
    with mlstudio.run("mnist", "apart") as apart:
        pass
    store = open_store()
    assert store.get_component(inner.component_name).parent == outer.component_name
    assert store.get_component(deep.component_name).parent == inner.component_name
    assert store.get_component(apart.component_name).parent is None
    assert (outer.parent, inner.parent, deep.parent) == (None, outer.component_name, inner.component_name)
    assert [one.component_name for one in outer.children()] == [inner.component_name]
    assert [one.component_name for one in inner.children()] == [deep.component_name]
    assert apart.children() == []
    child = mlstudio.run("mnist", parent=apart)
    assert store.get_component(child.component_name).parent == apart.component_name
    child.finish()


def test_a_forgotten_run_adopts_nobody_but_is_current() -> None:
    forgotten = mlstudio.run("mnist", "forgotten")
    assert mlstudio.current_run() is forgotten
    with mlstudio.run("mnist", "next") as following:
        assert mlstudio.current_run() is following
    assert open_store().get_component(following.component_name).parent is None
    assert mlstudio.current_run() is forgotten
    forgotten.finish()
    assert mlstudio.current_run() is None


def test_a_missing_parent_is_told() -> None:
    with pytest.raises(NotFound):
        mlstudio.run("mnist", parent="nothing")


def test_mlstudio_log_goes_to_the_current_run_of_any_thread() -> None:
    with mlstudio.run("mnist") as run:
        mlstudio.log(loss=1.0, step=1)
        worker = threading.Thread(target=lambda: mlstudio.log({"from/thread": 2.0}, step=1))
        worker.start()
        worker.join()
    assert {one.name for one in open_store().get_component(run.component_name).metrics} == {"loss", "from/thread"}


def test_mlstudio_log_without_a_run_begins_one_so_that_nothing_is_lost() -> None:
    mlstudio.log(loss=1.0)
    mlstudio.log(loss=2.0)
    current = mlstudio.current_run()
    assert current is not None
    assert current.experiment_name == "default"
    assert current.history("loss")["value"].tolist() == [1.0, 2.0]
    current.finish()


def test_in_a_job_log_load_run_and_nesting_find_the_jobs_component(monkeypatch: pytest.MonkeyPatch) -> None:
    part = TrialComponent.create("job-aws-training-job")
    monkeypatch.setenv("MLSTUDIO_TRIAL_COMPONENT", "job-aws-training-job")
    mlstudio.log(loss=1.0, step=1)
    current = mlstudio.current_run()
    assert current is not None
    current.finish()
    with mlstudio.load_run() as run:
        run["lr"] = 0.5
        run.flush()
    with mlstudio.run("mnist", "inside") as inside:
        pass
    part.refresh()
    assert part.parameters == {"lr": 0.5}
    assert part.status is None, "a job's status is its supervisor's to tell"
    assert [one.metric_name for one in part.metrics] == ["loss"]
    assert open_store().get_component(inside.component_name).parent == "job-aws-training-job"


def test_load_run_finds_by_names_or_the_enclosing_run() -> None:
    with Run("mnist", "first") as run:
        run.log_parameter("lr", 0.1)
        with mlstudio.load_run() as same:
            assert same is run
        assert run.flush()
        assert open_store().get_component(run.component_name).status == "InProgress", "the outer with ends it"
    loaded = mlstudio.load_run(run_name="first", experiment_name="mnist", tags={"seen": "yes"})
    loaded.finish()
    assert loaded["lr"] == 0.1
    record = open_store().get_component(run.component_name)
    assert (record.status, record.tags["seen"]) == ("Completed", "yes")


def test_load_run_says_what_is_missing() -> None:
    with pytest.raises(InvalidField, match="No run was named"):
        mlstudio.load_run()
    with pytest.raises(InvalidField, match="together with its experiment"):
        mlstudio.load_run(run_name="x")
    with pytest.raises(NotFound, match="mnist"):
        mlstudio.load_run("x", "mnist")
    Experiment.create("mnist")
    with pytest.raises(NotFound, match="no run 'x'"):
        mlstudio.load_run("x", "mnist")


def test_list_runs_sorts_limits_filters_and_shows() -> None:
    for name, lr in (("b", 1), ("a", 2), ("c", 3)):
        mlstudio.run("mnist", name, lr=lr).finish()
    Experiment.load("mnist").create_trial("own").add_trial_component(TrialComponent.create("no-run"))
    assert [one.run_name for one in mlstudio.list_runs("mnist")] == ["c", "a", "b"]
    by_name = mlstudio.list_runs("mnist", sort_by=SortByType.NAME, sort_order=SortOrderType.ASCENDING)
    assert [one.run_name for one in by_name] == ["a", "b", "c"]
    assert [one.run_name for one in mlstudio.list_runs("mnist", max_results=2)] == ["c", "a"]
    assert [one.run_name for one in mlstudio.list_runs("mnist", where="params.lr > 1")] == ["c", "a"]
    assert "<table" in mlstudio.list_runs("mnist")._repr_html_()
    with pytest.raises(BadQuery):
        mlstudio.list_runs("mnist", where="lr >")


def test_a_deleted_experiment_comes_back_when_something_is_recorded_into_it(caplog: pytest.LogCaptureFixture) -> None:
    mlstudio.run("mnist", "one").finish()
    Experiment.load("mnist").delete_all("--force")
    with mlstudio.run("mnist", "two"):
        pass
    assert "restores it" in caplog.text
    assert {one.run_name for one in mlstudio.list_runs("mnist")} == {"one", "two"}


def test_runs_go_to_their_experiment_though_its_trial_was_moved_away() -> None:
    mlstudio.run("mnist", "one").finish()
    other = Experiment.create("other")
    trial = mlstudio.Trial.load("Default-Run-Group-mnist")
    trial.experiment_name = other.experiment_name
    trial.save()
    mlstudio.run("mnist", "two").finish()
    assert [one.run_name for one in mlstudio.list_runs("mnist")] == ["two"]


def test_a_deleted_run_is_not_gone_on_with() -> None:
    with Run("mnist", "first") as first:
        pass
    first.trial_component.delete(force_disassociate=True)
    with Run("mnist", "first") as second:
        pass
    assert second.component_name != first.component_name


def test_a_name_that_is_no_text_is_told() -> None:
    with pytest.raises(InvalidName, match="run_name must be text, not int"):
        mlstudio.run("mnist", 3)  # type: ignore[arg-type]


KILLED = """
import os, sys, mlstudio
from mlstudio.store.drain import Drainer
run = mlstudio.run("mnist", "long", capture=False, lr=0.1)
run.flush()
Drainer.drain = lambda self: None  # the store is away from now on
run.log(loss=1.0); run.log(loss=2.0); run.text("note", "a"); run.log_parameter("late", 2)
os.kill(os.getpid(), 9)
"""


def test_a_killed_run_is_resumed_behind_everything_that_it_said() -> None:
    subprocess.run([sys.executable, "-c", KILLED], check=False, timeout=60)
    with mlstudio.run("mnist", resume="long", capture=False) as again:
        assert (again["lr"], again["late"]) == (0.1, 2)
        again.log(loss=3.0)
        again.text("note", "b")
    assert again.history("loss")[["step", "value"]].to_numpy().tolist() == [[0, 1.0], [1, 2.0], [2, 3.0]]
    store = open_store()
    assert isinstance(store, MediaStore)
    assert [item.step for item in store.media(again.component_name).items] == [0, 1]
    assert again.status == "Completed"
