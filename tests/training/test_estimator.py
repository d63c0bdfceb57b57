"""Estimators: what they accept, what they refuse, and what fit() does."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

import mlstudio
from mlstudio import jobs
from mlstudio.entities.errors import InvalidField, NotFound, StudioError
from mlstudio.entities.experiments import ExperimentCreate, TrialCreate
from mlstudio.store import open_store
from mlstudio.training import PyTorch, SKLearn, TrainingInput, UnexpectedStatusException
from mlstudio.training.estimator import experiment_config_of, metric_definitions_of

LOSS = [{"Name": "loss", "Regex": "loss=(.*?);"}]


@pytest.mark.usefixtures("agent")
def test_fit_runs_a_script_and_prints_its_log_live(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "x.csv").write_text("1")
    estimator = PyTorch(
        str(script), role="me", instance_type="ml.m5.large", hyperparameters={"lr": 0.1}, metric_definitions=LOSS
    )
    estimator.fit({"training": data.as_uri()})
    said = capsys.readouterr().out
    assert "args ['--lr', '0.1']\nfiles ['x.csv']\nloss=0.5;\nloss=0.25;\n" in said
    job = estimator.latest_training_job
    assert job is not None
    assert job.name.startswith("pytorch-training-")
    assert job.status() == "Completed"
    assert estimator.model_data is not None
    with tarfile.open(estimator.model_data) as archive:
        assert archive.getnames() == ["model.txt"]
    told = job.describe()
    assert told["TrainingJobStatus"] == told["SecondaryStatus"] == "Completed"
    assert told["RoleArn"] == "me"
    assert [(one["MetricName"], one["Value"]) for one in told["FinalMetricDataList"]] == [("loss", 0.25)]
    assert told["ModelArtifacts"]["S3ModelArtifacts"] == estimator.model_data


@pytest.mark.usefixtures("agent")
def test_a_job_that_fails_while_waited_for_raises_with_reason_and_log(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("print('line before')\nraise KeyError('weights')")
    estimator = SKLearn("bad.py", source_dir=tmp_path)
    with pytest.raises(UnexpectedStatusException) as raised:
        estimator.fit(logs=None)
    assert raised.value.actual_status == "Failed"
    assert "KeyError: 'weights'" in str(raised.value)
    assert "line before" in str(raised.value)


@pytest.mark.usefixtures("agent")
def test_fit_without_wait_returns_at_once_and_attach_finds_the_job(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("import time; print('up', flush=True); time.sleep(60)")
    estimator = PyTorch("long.py", source_dir=tmp_path, hyperparameters={"n": 1, "opt": "sgd"}, metric_definitions=LOSS)
    estimator.fit(wait=False)
    assert estimator.latest_training_job is not None
    again = PyTorch.attach(estimator.latest_training_job.name)
    assert again.hyperparameters() == {"n": 1, "opt": "sgd"}
    assert again.metric_definitions == estimator.metric_definitions
    assert again.latest_training_job is not None
    again.latest_training_job.stop(grace=0)
    again.latest_training_job.wait(logs=None)
    assert again.latest_training_job.status() == "Stopped", "a stopped job is no error"
    again.latest_training_job.stop()
    with pytest.raises(NotFound):
        PyTorch.attach("no-such-job")


@pytest.mark.usefixtures("agent")
def test_the_component_joins_the_trial_of_experiment_config(script: Path) -> None:
    store = open_store()
    store.create_experiment(ExperimentCreate("digits"))
    store.create_trial(TrialCreate("first", "digits"))
    estimator = SKLearn(script)
    config = {"ExperimentName": "digits", "TrialName": "first", "TrialComponentDisplayName": "Training"}
    estimator.fit(job_name="in-a-trial", experiment_config=config, logs=None)
    component = store.get_component("in-a-trial-aws-training-job")
    assert [(one.trial_name, one.experiment_name) for one in component.trials] == [("first", "digits")]
    assert (component.display_name, component.status) == ("Training", "Completed")
    store.create_experiment(ExperimentCreate("other"))
    with pytest.raises(InvalidField, match="belongs to experiment digits"):
        estimator.fit(job_name="wrong", experiment_config={"ExperimentName": "other", "TrialName": "first"})
    with pytest.raises(NotFound):
        jobs.get("wrong")


@pytest.mark.usefixtures("agent")
def test_inside_a_run_the_job_joins_the_run_s_trial(script: Path) -> None:
    with mlstudio.Run("mnist", run_name="one") as run:
        SKLearn(script).fit(job_name="inside", logs=None)
        trial = run.trial_name
    component = open_store().get_component("inside-aws-training-job")
    assert [one.trial_name for one in component.trials] == [trial]


@pytest.mark.usefixtures("agent")
def test_model_tar_gz_goes_to_the_output_path(script: Path, tmp_path: Path) -> None:
    estimator = SKLearn(script, output_path=(tmp_path / "out").as_uri())
    estimator.fit(job_name="to-output", logs=None)
    assert estimator.model_data == str(tmp_path / "out" / "to-output" / "output" / "model.tar.gz")
    assert Path(estimator.model_data).is_file()


def test_v1_names_work_with_one_warning_each(script: Path) -> None:
    with pytest.warns(FutureWarning) as told:
        estimator = PyTorch(
            script, train_instance_count=1, train_instance_type="ml.m5.large", framework_version="1.1.0"
        )
    assert sorted(str(one.message).split()[0] for one in told) == ["train_instance_count", "train_instance_type"]
    assert (estimator.instance_type, estimator.instance_count) == ("ml.m5.large", 1)
    assert estimator.spec("j").recorded == {"framework_version": "1.1.0"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"train_max_run": 1, "max_run": 2}, "Both train_max_run and max_run"),
        ({"instance_typ": "x"}, "Did you mean 'instance_type'"),
        ({"entirely_unknown_word": 1}, "Unknown argument 'entirely_unknown_word'"),
    ],
)
def test_an_unknown_or_doubled_keyword_is_a_type_error(script: Path, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        PyTorch(script, **arguments)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"distribution": {"smdistributed": {"dataparallel": {"enabled": True}}}}, "distribution"),
        ({"enable_network_isolation": True}, "enable_network_isolation"),
        ({"checkpoint_s3_uri": "s3://bucket/x"}, "checkpoint_s3_uri"),
        ({"input_mode": "Pipe"}, "input_mode"),
        ({"output_path": "file://elsewhere/x"}, "output_path"),
        ({"container_arguments": ["x"]}, "container_arguments"),
        ({"training_recipe": "x"}, "training_recipe"),
        ({"tags": ["x"]}, "tags"),
        ({"metric_definitions": [{"name": "x", "regex": "y"}]}, "metric_definitions"),
    ],
)
def test_what_cannot_be_honoured_says_what_to_do(script: Path, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(StudioError) as refused:
        PyTorch(script, **arguments)
    assert refused.value.field == field
    assert refused.value.hint


def test_what_only_aws_needs_is_recorded_and_falsy_requests_are_fine(script: Path) -> None:
    image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.0"
    estimator = PyTorch(
        script, role="r", image_uri=image, debugger_hook_config=False, distribution=None, enable_remote_debug=True,
        subnets=None, tags=[{"Key": "team", "Value": "a"}],
    )  # fmt: skip
    assert estimator.spec("j").recorded == {"role": "r", "image_uri": image, "enable_remote_debug": "True"}
    assert estimator.spec("j").tags == {"team": "a"}


def test_an_entry_outside_the_source_is_refused_before_anything_exists(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "secret.py").write_text("")
    spec = PyTorch("../secret.py", source_dir=tmp_path / "src").spec("j")
    from mlstudio.jobs.checks import check_spec

    with pytest.raises(StudioError, match="not a plain path"):
        check_spec(spec)


def test_experiment_config_takes_sagemaker_s_keys_and_no_others() -> None:
    assert experiment_config_of(None).experiment_name is None
    assert experiment_config_of({"RunName": "r"}).run_name == "r"
    with pytest.raises(InvalidField, match="unknown key 'Experiment'"):
        experiment_config_of({"Experiment": "x"})
    with pytest.raises(InvalidField, match="is not text"):
        experiment_config_of({"TrialName": 3})  # type: ignore[dict-item]


def test_metric_definitions_have_limits() -> None:
    assert metric_definitions_of(None) == []
    with pytest.raises(InvalidField, match="at most 40"):
        metric_definitions_of(LOSS * 41)
    with pytest.raises(InvalidField, match="too long"):
        metric_definitions_of([{"Name": "x", "Regex": "(" + "x" * 600 + ")"}])


def test_hyperparameters_can_be_changed_and_deploy_says_what_there_is(script: Path) -> None:
    estimator = SKLearn(script, hyperparameters={"a": 1})
    estimator.set_hyperparameters(b=2)
    assert estimator.hyperparameters() == {"a": 1, "b": 2}
    with pytest.warns(UserWarning, match=r"call fit\(\) first"):
        assert estimator.model_data is None
    with pytest.raises(InvalidField, match="cannot be deployed"):
        estimator.deploy(1, "ml.m5.large")
    assert TrainingInput("x").input_mode == "File"
