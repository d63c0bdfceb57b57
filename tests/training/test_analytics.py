"""TrainingJobAnalytics, and scripts that need torch or scikit-learn only when they say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.training.analytics import TrainingJobAnalytics
from mlstudio.training.arguments import RECORDED, REFUSED, RENAMED
from mlstudio.training.pytorch import PyTorch
from mlstudio.training.sklearn import SKLearn
from mlstudio.training.training_job import TrainingJob


@pytest.mark.usefixtures("agent")
def test_a_job_s_metrics_are_a_frame(script: Path) -> None:
    SKLearn(script, metric_definitions=[{"Name": "loss", "Regex": "loss=(.*?);"}]).fit(job_name="frame", logs=None)
    analytics = TrainingJobAnalytics("frame", metric_names=["loss"])
    frame = analytics.dataframe()
    assert list(frame.columns) == ["timestamp", "metric_name", "value"]
    assert frame["value"].tolist() == [0.5, 0.25]
    assert frame["timestamp"].min() == 0
    assert analytics.dataframe() is frame
    assert TrainingJobAnalytics("frame", metric_names=["none"]).dataframe().empty
    assert TrainingJobAnalytics("frame", start_time=0.0, end_time=1.0).dataframe().empty
    mean = TrainingJobAnalytics("frame", period=3600).dataframe()
    assert mean.to_dict("list") == {"timestamp": [0.0], "metric_name": ["loss"], "value": [0.375]}
    with pytest.raises(InvalidField, match="period is 0"):
        TrainingJobAnalytics("frame", period=0)
    assert "args" in TrainingJob("frame").logs()
    with pytest.raises(NotFound):
        TrainingJobAnalytics("no-such-job")


def test_the_frameworks_are_known_by_name(script: Path) -> None:
    assert PyTorch(script).spec("j").framework == "pytorch"
    assert SKLearn(script).spec("j").framework == "sklearn"


def test_no_argument_is_in_two_minds() -> None:
    assert not RECORDED & set(REFUSED)
    assert not set(RENAMED) & (RECORDED | set(REFUSED))
