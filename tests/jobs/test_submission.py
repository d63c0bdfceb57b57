"""From a specification to records and a folder; what breaks off leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.entities.errors import DiskFull, InvalidField, NotFound
from mlstudio.entities.experiments import ComponentCreate, ExperimentCreate, TrialCreate
from mlstudio.entities.jobs import ExperimentConfig, JobListRequest
from mlstudio.jobs import submission
from mlstudio.jobs.describe import describe
from mlstudio.jobs.submission import component_name, component_params, prepare, trials_of
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store

from .conftest import SpecFactory


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    store = open_store(home=home)
    yield store
    store.close()


def test_a_prepared_job_has_all_that_a_supervisor_needs(spec: SpecFactory, store: Store, home: Home) -> None:
    wanted = spec("print(1)", hyperparameters={"lr": "0.5"}, volume_size=50, environment={"API_KEY": "s"})
    record = prepare(wanted, store, home)
    folder = home.jobs / record.uid
    assert (folder / "spec.json").exists()
    assert (folder / "ml" / "code" / "train.py").read_text() == "print(1)"
    component = store.get_component(record.trial_component)
    assert component.params == {
        "lr": 0.5, "SageMaker.InstanceType": "local", "SageMaker.InstanceCount": 1, "SageMaker.VolumeSizeInGB": 50,
    }  # fmt: skip
    assert store.code(record.trial_component).code.source == "print(1)"  # type: ignore[union-attr]
    told = describe(record)
    assert told["SecondaryStatus"] == "Pending"
    assert told["Environment"]["API_KEY"] != "s", "a secret is shown nowhere"
    assert told["ResourceConfig"]["VolumeSizeInGB"] == 50


def test_values_of_parameters_keep_their_kind(spec: SpecFactory) -> None:
    values = {"a": "1", "b": "true", "c": '"x"', "d": "[1]", "e": str(2**60), "f": "NaN", "g": "raw {"}
    found = component_params(spec("", hyperparameters=values))
    assert [found[key] for key in "abcdefg"] == [1, True, "x", "[1]", str(2**60), "nan", "raw {"]


def test_a_component_s_name_is_the_job_s_unless_it_is_taken_or_too_long(
    spec: SpecFactory, store: Store, home: Home
) -> None:
    assert component_name("j") == "j-aws-training-job"
    assert component_name("j", "processing") == "j-aws-processing-job"
    store.create_component(ComponentCreate(name="j-aws-training-job", status="Completed"))
    record = prepare(spec("print(1)", name="j"), store, home)
    assert record.trial_component.startswith("j-")
    assert record.trial_component != "j-aws-training-job"
    assert store.get_component("j-aws-training-job").status == "Completed", "the earlier one is not touched"
    long = [component_name("x" * 119 + end) for end in "ab"]
    assert long[0] != long[1]
    assert max(map(len, long)) <= 120


def test_trials_follow_the_configuration(spec: SpecFactory, store: Store) -> None:
    store.create_experiment(ExperimentCreate("e"))
    store.create_trial(TrialCreate("t", "e"))

    def found(**config: str) -> list[str]:
        return trials_of(store, spec("", name="j", experiment_config=ExperimentConfig(**config)))

    assert found() == []
    assert found(trial_name="t") == found(trial_name="t", experiment_name="e") == ["t"]
    assert found(experiment_name="e") == ["j-trial"]
    assert found(experiment_name="e") != ["j-trial"], "a second job gets its own"
    with pytest.raises(NotFound):
        found(trial_name="none")
    with pytest.raises(InvalidField, match="belongs to experiment e"):
        found(trial_name="t", experiment_name="other")


@pytest.mark.parametrize("step", ["create_component", "write_tree"])
def test_a_full_disk_at_any_step_is_said_and_leaves_nothing(
    spec: SpecFactory, store: Store, home: Home, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if step == "create_component":
            patch.setattr(submission, "_component", full)
        else:
            patch.setattr(submission, step, full)
        with pytest.raises(DiskFull, match="MiB are free"):
            prepare(spec("print(1)", name="j"), store, home)
    assert list(home.jobs.iterdir()) == []
    assert store.list_jobs(JobListRequest()).items == []
    assert prepare(spec("print(1)", name="j"), store, home).name == "j"


def test_a_symlink_out_of_the_source_is_refused_before_anything_exists(
    spec: SpecFactory, store: Store, home: Home
) -> None:
    wanted = spec("print(1)")
    (Path(wanted.source_dir) / "keys").symlink_to("/etc/passwd")
    with pytest.raises(InvalidField, match="keys in the source folder is a link to /etc/passwd"):
        prepare(wanted, store, home)
    assert list(home.jobs.iterdir()) == []


def test_a_shell_script_is_made_executable(spec: SpecFactory, store: Store, home: Home) -> None:
    wanted = spec("")
    script = Path(wanted.source_dir) / "train.sh"
    script.write_text("#!/bin/sh\necho hi\n")
    record = prepare(spec("", name="sh", entry_point="train.sh", source_dir=wanted.source_dir), store, home)
    assert (home.jobs / record.uid / "ml" / "code" / "train.sh").stat().st_mode & 0o100
