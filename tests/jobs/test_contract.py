"""The training contract: tree, configuration files, variables, arguments."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlstudio.entities.jobs import Channel, JobSpec
from mlstudio.jobs.contract import (
    JobNames,
    all_hyperparameters,
    command,
    environment,
    user_arguments,
    user_values,
)


def a_spec(**changes: Any) -> JobSpec:
    known = JobSpec(
        name="job-1",
        entry_point="train.py",
        source_dir="/src",
        interpreter=sys.executable,
        framework="pytorch",
        instance_type="ml.m5.large",
        hyperparameters={
            "lr": "0.1",
            "n": "3",
            "opt": '"adam"',
            "flag": "true",
            "none": "null",
            "net": '{"b":2,"a":[1]}',
        },
        channels=[Channel("training", "/data", content_type="text/csv"), Channel("my-val", "/val")],
        environment={"MINE": "1"},
    )
    return msgspec.structs.replace(known, **changes)


NAMES = JobNames("arn:j", "job-1-aws-training-job", Path("/home/x"), "sqlite:////home/x/mlstudio.db")


def variables(spec: JobSpec, **submitter: str) -> dict[str, str]:
    return environment(spec, NAMES, {"PATH": "/bin", **submitter})


def test_arguments_are_sorted_and_keep_their_python_text() -> None:
    assert user_arguments(user_values(a_spec())) == [
        "--flag", "True", "--lr", "0.1", "-n", "3", "--net", "a=[1],b=2", "--none", "", "--opt", "adam",
    ]  # fmt: skip


def test_sagemaker_s_own_keys_never_reach_the_script() -> None:
    spec = a_spec(hyperparameters={"sagemaker_x": "1", "_tuning_objective_metric": '"m"', "lr": "1"})
    assert user_values(spec) == {"lr": 1}


def test_a_hyperparameter_that_is_no_json_keeps_its_raw_text() -> None:
    assert user_values(a_spec(hyperparameters={"a": "{not json"})) == {"a": "{not json"}


def test_a_python_file_is_run_by_the_interpreter(tmp_path: Path) -> None:
    assert command(a_spec(hyperparameters={}), tmp_path) == [sys.executable, "train.py"]


def test_a_package_is_run_as_a_module(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text("")
    assert command(a_spec(entry_point="train", hyperparameters={}), tmp_path) == [sys.executable, "-m", "train"]


def test_a_shell_script_gets_every_argument_whole(tmp_path: Path) -> None:
    spec = a_spec(entry_point="train.sh", hyperparameters={"text": '"; touch x $HOME"'})
    assert command(spec, tmp_path) == ["/bin/sh", "-c", './train.sh "$@"', "sh", "--text", "; touch x $HOME"]


def test_hyperparameters_json_holds_json_texts_and_the_estimator_s_own() -> None:
    found = all_hyperparameters(a_spec())
    assert found["opt"] == '"adam"'
    assert json.loads(found["sagemaker_program"]) == "train.py"
    assert all(isinstance(value, str) for value in found.values())


def test_variables_follow_the_contract() -> None:
    found = variables(a_spec())
    assert found["SM_MODEL_DIR"] == "/opt/ml/model"
    assert found["SM_CHANNEL_TRAINING"] == "/opt/ml/input/data/training"
    assert found["SM_CHANNEL_MY-VAL"] == "/opt/ml/input/data/my-val"
    assert found["SM_CHANNELS"] == '["my-val","training"]'
    assert found["SM_HPS"] == '{"flag":true,"lr":0.1,"n":3,"net":{"a":[1],"b":2},"none":null,"opt":"adam"}'
    assert (found["SM_HP_LR"], found["SM_HP_OPT"], found["SM_HP_NONE"], found["SM_HP_FLAG"]) == (
        "0.1",
        "adam",
        "",
        "true",
    )
    assert found["SM_HOSTS"] == '["algo-1"]'
    assert found["SM_CURRENT_HOST"] == found["CURRENT_HOST"] == "algo-1"
    assert found["SM_USER_ENTRY_POINT"] == "train.py"
    assert found["SM_MODULE_NAME"] == "train"
    assert json.loads(found["SM_TRAINING_ENV"])["channel_input_dirs"]["training"] == "/opt/ml/input/data/training"
    assert json.loads(found["SM_USER_ARGS"])[:2] == ["--flag", "True"]
    assert json.loads(found["SM_RESOURCE_CONFIG"])["hosts"] == ["algo-1"]
    assert found["TRAINING_JOB_NAME"] == "job-1"
    assert found["TRAINING_JOB_ARN"] == "arn:j"
    assert found["PYTHONUNBUFFERED"] == "1"
    assert found["SAGEMAKER_BASE_DIR"] == "/opt/ml"
    assert found["MLSTUDIO_TRIAL_COMPONENT"] == "job-1-aws-training-job"
    assert found["OMP_NUM_THREADS"] == found["SM_NUM_CPUS"]
    assert found["CUDA_VISIBLE_DEVICES"] == "", "a CPU type sees no GPU"


@pytest.mark.parametrize("name", ["SM_MODEL_DIR", "PYTHONUNBUFFERED", "OMP_NUM_THREADS", "PATH"])
def test_the_user_s_variables_win(name: str) -> None:
    assert variables(a_spec(environment={name: "mine"}))[name] == "mine"


@pytest.mark.parametrize("name", ["SAGEMAKER_BASE_DIR", "MLSTUDIO_JOB_NAME", "CUDA_VISIBLE_DEVICES", "MLSTUDIO_HOME"])
def test_what_binds_a_job_to_its_run_cannot_be_overridden(name: str) -> None:
    assert variables(a_spec(environment={name: "mine"}))[name] != "mine"


def test_a_secret_of_the_submitter_s_environment_does_not_travel_by_chance() -> None:
    found = variables(a_spec(), AWS_SECRET_ACCESS_KEY="s", HOME="/root", LC_ALL="C", JUPYTER_TOKEN="t")
    assert "AWS_SECRET_ACCESS_KEY" not in found
    assert "JUPYTER_TOKEN" not in found
    assert (found["HOME"], found["LC_ALL"]) == ("/root", "C")
    assert found["PATH"].split(":") == [str(Path(sys.executable).parent), "/bin"]


def test_how_often_a_job_measures_its_machine_is_said_by_the_submitter_or_the_estimator() -> None:
    name = "MLSTUDIO_SYSTEM_METRICS"
    assert name not in variables(a_spec())
    assert variables(a_spec(), **{name: "off"})[name] == "off"
    assert variables(a_spec(environment={name: "30"}), **{name: "off"})[name] == "30"
