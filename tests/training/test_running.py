"""How a job may run: numbers and their bounds, checkpoints that another job goes on from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.training import PyTorch, SKLearn
from mlstudio.training.running import DEFAULTS, as_arguments, run_settings

RESUMES = """\
import os, sys, time
folder = os.environ["FOLDER"]
done = max([int(name) for name in os.listdir(folder)], default=0)
print("begins at", done, flush=True)
for epoch in range(done + 1, 6):
    open(os.path.join(folder, str(epoch)), "w").write("weights")
    if epoch == 3 and done == 0:
        print("saved three", flush=True)
        time.sleep(60)
"""


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize("path", ["/opt/ml/checkpoints", "/opt/ml/mine"])
def test_a_second_job_goes_on_from_the_checkpoints_of_one_that_was_stopped(tmp_path: Path, path: str) -> None:
    (tmp_path / "train.py").write_text(RESUMES)
    kept = tmp_path / "kept"
    arguments: dict[str, Any] = {
        "checkpoint_s3_uri": kept.as_uri(), "checkpoint_local_path": path, "environment": {"FOLDER": path},
    }  # fmt: skip
    first = SKLearn(tmp_path / "train.py", **arguments)
    first.fit(wait=False)
    job = first.latest_training_job
    assert job is not None
    for event in job._job.follow(30):
        if "saved three" in job.logs():
            break
        assert not event.get("ended"), job.logs()
    job.stop(grace=0)
    job.wait(logs=None)
    second = SKLearn.attach(job.name)
    assert second.checkpoint_s3_uri == str(kept)
    second.fit(logs=None)
    assert second.latest_training_job is not None
    assert "begins at 3" in second.latest_training_job.logs()
    assert sorted(one.name for one in kept.iterdir()) == ["1", "2", "3", "4", "5"]


def test_everything_reaches_the_specification_and_attach_brings_it_back(script: Path, tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "use_spot_instances": True, "max_run": 100, "max_wait": 200, "max_retry_attempts": 3, "retry_on": "any",
        "max_pending": 60, "priority": 5, "volume_size": 50, "allow_cpu_fallback": True,
        "checkpoint_s3_uri": str(tmp_path), "checkpoint_local_path": "/opt/ml/ck", "instance_count": 1,
    }  # fmt: skip
    assert set(given) == set(DEFAULTS)
    spec = PyTorch(script, **given).spec("j")
    assert (spec.spot, spec.max_wait, spec.retries, spec.retry_on, spec.volume_size) == (True, 200, 3, "any", 50)
    assert (spec.checkpoint_source, spec.checkpoint_path) == (str(tmp_path), "/opt/ml/ck")
    assert as_arguments(spec) == given
    plain = PyTorch(script).spec("j")
    assert as_arguments(plain) == DEFAULTS


def test_an_attribute_that_is_changed_counts_at_the_next_fit(script: Path) -> None:
    estimator = PyTorch(script, max_run=100)
    estimator.max_run = 7
    assert estimator.spec("j").max_run == 7
    estimator.max_run = 0
    with pytest.raises(InvalidField, match="max_run is 0"):
        estimator.spec("j")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"instance_count": 0}, "instance_count"),
        ({"instance_count": -1}, "instance_count"),
        ({"instance_count": 10_000}, "instance_count"),
        ({"instance_count": "2"}, "instance_count"),
        ({"max_run": 0}, "max_run"),
        ({"max_run": True}, "max_run"),
        ({"max_run": 1.5}, "max_run"),
        ({"max_run": float("nan")}, "max_run"),
        ({"max_retry_attempts": 31}, "max_retry_attempts"),
        ({"max_wait": 100_000}, "max_wait"),
        ({"max_wait": 100, "use_spot_instances": True}, "max_wait"),
        ({"retry_on": "always"}, "retry_on"),
        ({"volume_size": 0}, "volume_size"),
        ({"priority": 101}, "priority"),
        ({"checkpoint_s3_uri": "s3://bucket/x"}, "checkpoint_s3_uri"),
    ],
)
def test_a_number_outside_its_bounds_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        run_settings(given)
    assert refused.value.field == field
    assert refused.value.hint


def test_a_whole_number_as_a_float_is_one() -> None:
    assert run_settings({"max_run": 3600.0})["max_run"] == 3600
