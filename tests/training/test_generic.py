"""`Estimator`: an image as a training job, positional as in SageMaker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.jobs.checks import check_spec
from mlstudio.training import Estimator
from mlstudio.training.xgboost import XGBoost

AWS = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def test_an_image_its_program_and_arguments_reach_the_specification() -> None:
    estimator = Estimator(
        "my/image:1", "role", 1, "ml.m5.large", container_entry_point=["train"], container_arguments=["--fast"],
        hyperparameters={"depth": 3}, enable_network_isolation=True,
    )  # fmt: skip
    spec = estimator.spec("j")
    assert (spec.image_uri, spec.entry_point, spec.instance_type) == ("my/image:1", "", "ml.m5.large")
    assert (spec.container_entrypoint, spec.container_arguments, spec.network_isolation) == (
        ["train"],
        ["--fast"],
        True,
    )
    assert spec.recorded == {"role": "role"}


def test_a_script_with_an_image_of_aws_is_run_here(script: Path) -> None:
    spec = Estimator(AWS, entry_point=script).spec("j")
    assert (spec.image_uri, spec.entry_point, spec.recorded["image_uri"]) == (None, "train.py", AWS)
    check_spec(spec)


def test_the_old_names_work_and_both_at_once_do_not() -> None:
    with pytest.warns(FutureWarning, match="image_name is called image_uri"):
        assert Estimator(image_name="my/image:1").image_uri == "my/image:1"
    with pytest.raises(TypeError, match="Both image_name and image_uri"):
        Estimator("a", image_name="b")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "image_uri"),
        ({"image_uri": AWS}, "image_uri"),
        ({"image_uri": AWS, "entry_point": "x.py", "container_arguments": ["a"]}, "container_arguments"),
        ({"image_uri": AWS, "entry_point": "x.py", "enable_network_isolation": True}, "enable_network_isolation"),
        ({"image_uri": "mine", "container_entry_point": "train"}, "container_entry_point"),
    ],
)
def test_what_cannot_be_run_says_what_to_do(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        Estimator(**arguments)
    assert refused.value.field == field
    assert refused.value.hint


def test_the_frameworks_and_their_model(script: Path, tmp_path: Path) -> None:
    estimator = XGBoost(script, framework_version="1.7-1", model_uri=tmp_path / "model.tar.gz", model_channel_name="m")
    spec = estimator.spec("j", "/data")
    assert spec.framework == "xgboost"
    assert [(one.name, one.source) for one in spec.channels] == [
        ("training", "/data"),
        ("m", str(tmp_path / "model.tar.gz")),
    ]
