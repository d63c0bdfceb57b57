"""The field's own oracles: sagemaker-training says what a job's environment is, botocore what an answer looks like.

What sagemaker-training said is kept in oracles/; tools/record_sagemaker_training.py asks it again.
"""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate
import msgspec
import pytest

from mlstudio.entities.experiments import SeriesSummary
from mlstudio.entities.job_parts import ProcessingInput, ProcessingOutput
from mlstudio.entities.jobs import Channel, ExperimentConfig, JobRecord, JobSpec, MetricDefinition, Transition
from mlstudio.entities.status import JobStatus, SecondaryStatus
from mlstudio.jobs import contract
from mlstudio.jobs.contract import (
    JobNames,
    all_hyperparameters,
    environment,
    input_config,
    resource_config,
    user_arguments,
    user_values,
)
from mlstudio.jobs.describe import describe

ORACLE = json.loads((Path(__file__).parent / "oracles" / "sagemaker_training.json").read_text())
AT = 1_790_000_000_000_000


@pytest.mark.parametrize("name", sorted(ORACLE["jobs"]))
def test_a_job_s_environment_is_what_sagemaker_training_makes_of_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = ORACLE["jobs"][name]
    spec, answer = msgspec.convert(known["spec"], JobSpec), known["answer"]
    assert all_hyperparameters(spec) == known["hyperparameters"], "the toolkit was asked about this very job"
    assert input_config(spec) == known["inputdataconfig"]
    assert resource_config(spec) == known["resourceconfig"]
    cpus = int(answer["variables"]["SM_NUM_CPUS"])  # those of the machine where it was asked
    real = contract.size_of
    monkeypatch.setattr(contract, "size_of", lambda spec: dataclasses.replace(real(spec), cpus=cpus))
    ours = environment(spec, JobNames("arn", "component", Path("/home"), "sqlite://"), {"PATH": "/bin"})
    assert {key: value for key, value in ours.items() if key.startswith("SM_")} == {
        key: value for key, value in answer["variables"].items() if key.startswith("SM_")
    }
    assert user_arguments(user_values(spec)) == answer["arguments"]


@cache
def service() -> Any:
    loaded = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")
    return botocore.model.ServiceModel(loaded, "sagemaker")


def problems(operation: str, told: dict[str, Any]) -> str:
    """Return what is wrong with an answer: missing, unknown, of a wrong type, or no word of AWS's."""
    shape = service().operation_model(operation).output_shape
    report = botocore.validate.ParamValidator().validate(told, shape).generate_report()
    return "\n".join(filter(None, [report, *_words(told, shape, "")]))


def _words(value: Any, shape: Any, where: str) -> list[str]:
    found: list[str] = []
    if shape.type_name == "structure":
        found += [f"{where}.{key} is unknown" for key in value if key not in shape.members]
        for key, member in shape.members.items():
            found += _words(value[key], member, f"{where}.{key}") if key in value else []
    elif shape.type_name == "list":
        for place, one in enumerate(value):
            found += _words(one, shape.member, f"{where}[{place}]")
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        found.append(f"{where} is {value!r}, no word of AWS's")
    return found


def a_record(kind: Any, status: JobStatus, secondary: SecondaryStatus, **changes: Any) -> JobRecord:
    training = {
        "hyperparameters": {"lr": "0.1"},
        "channels": [
            Channel("train", "/data", content_type="text/csv"),
            Channel("val", "s3://b/v", input_mode="FastFile"),
        ],
        "metric_definitions": [MetricDefinition("loss", "loss=(.*)")],
        "spot": True,
        "max_wait": 90000,
    }
    processing = {
        "arguments": ["--rows", "3"],
        "inputs": [ProcessingInput(name="x", source="/data", destination="/opt/ml/processing/input/x")],
        "outputs": [ProcessingOutput(name="y", source="/opt/ml/processing/output/y", upload_mode="Continuous")],
    }
    spec = JobSpec(
        name="j",
        kind=kind,
        entry_point="run.py",
        source_dir="/s",
        interpreter="/usr/bin/python3",
        instance_type="ml.m5.xlarge",
        environment={"A": "b"},
        experiment_config=ExperimentConfig(experiment_name="e", trial_name="t"),
        recorded={"role": "arn:aws:iam::123456789012:role/service-role", "image_uri": "1.dkr.ecr.x.amazonaws.com/i"},
        tags={"k": "v"},
        **(training if kind == "training" else processing),
    )
    known = {
        "uid": "u",
        "name": "j",
        "arn": f"arn:mlstudio:home:{kind}-job/j",
        "kind": kind,
        "spec": spec,
        "trial_component": "c",
        "created_at": AT,
        "modified_at": AT,
        "status_message": "Runs.",
        "run_dir": "/home/jobs/u",
        "transitions": [
            Transition(status="Pending", start_time=AT, end_time=AT),
            Transition(status=secondary, start_time=AT),
        ],
    }
    return JobRecord(**{**known, "status": status, "secondary": secondary, **changes})


STATES: list[tuple[JobStatus, SecondaryStatus, dict[str, Any]]] = [
    ("InProgress", "Pending", {}),
    ("InProgress", "Training", {"started_at": AT}),
    ("Stopping", "Stopping", {"started_at": AT}),
    ("Completed", "Completed", {"started_at": AT, "ended_at": AT + 5_000_000, "exit_code": 0, "model_artifact": "/m"}),
    ("Failed", "Failed", {"started_at": AT, "ended_at": AT + 1, "exit_code": 1, "failure_reason": "ExitCode 1"}),
    ("Stopped", "MaxRuntimeExceeded", {"started_at": AT, "ended_at": AT + 1}),
    ("InProgress", "Restarting", {"started_at": AT, "attempt": 2}),
]


@pytest.mark.parametrize("kind", ["training", "processing"])
@pytest.mark.parametrize(("status", "secondary", "changes"), STATES)
def test_every_answer_is_of_the_form_that_aws_says(
    kind: str, status: JobStatus, secondary: SecondaryStatus, changes: dict[str, Any]
) -> None:
    metric = SeriesSummary(name="loss", count=2, first=1.0, last=0.5, last_step=1, last_ts=1_790_000_000.0)
    told = describe(a_record(kind, status, secondary, **changes), [metric])
    operation = "DescribeTrainingJob" if kind == "training" else "DescribeProcessingJob"
    assert problems(operation, told) == ""


def test_the_oracle_finds_what_is_wrong() -> None:
    told = describe(a_record("training", "Completed", "Completed"))
    assert "is unknown" in problems("DescribeTrainingJob", {**told, "Unheard": 1})
    assert "no word of AWS's" in problems("DescribeTrainingJob", {**told, "TrainingJobStatus": "Fine"})
    assert "Missing required" in problems(
        "DescribeTrainingJob", {key: told[key] for key in told if key != "CreationTime"}
    )
