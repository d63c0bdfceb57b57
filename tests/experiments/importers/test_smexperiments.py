"""JSON as the AWS command line prints it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.transfers import TransferReport
from mlstudio.experiments.query_text import parse
from mlstudio.store import open_store

Bring = Callable[..., TransferReport]


def component(name: str = "tc-1", **more: Any) -> dict[str, Any]:
    summary = {"Min": 0.1, "Max": 2.0, "Last": 0.2, "Count": 10, "Avg": 0.5}
    return {
        "TrialComponentName": name,
        "DisplayName": "Training",
        "Source": {"SourceArn": "arn:aws:sagemaker:eu-west-1:1:training-job/x"},
        "Status": {"PrimaryStatus": "Failed", "Message": "it broke"},
        "StartTime": 1700000000.5,
        "EndTime": "2023-11-14T22:20:00+00:00",
        "Parameters": {"lr": {"NumberValue": 0.1}, "epochs": {"NumberValue": 10.0}, "opt": {"StringValue": "adam"}},
        "InputArtifacts": {"data": {"MediaType": "text/csv", "Value": "s3://b/train"}},
        "OutputArtifacts": {"model": {"Value": "s3://b/model.tar.gz"}},
        "MetadataProperties": {"CommitId": "abc", "Repository": "https://u:p@h/r.git"},
        "Metrics": [{"MetricName": "loss", "TimeStamp": 1700000100, **summary}],
        **more,
    }


def test_a_search_comes_in_with_experiments_parameters_and_summaries(tmp_path: Path, bring: Bring) -> None:
    found = component(Parents=[{"TrialName": "t", "ExperimentName": "exp"}], Tags=[{"Key": "team", "Value": "v"}])
    path = tmp_path / "all.json"
    path.write_text(json.dumps({"Results": [{"TrialComponent": found}, {"Trial": {}}]}), encoding="utf-8")
    report = bring("smexperiments", path)
    assert (report.runs, report.experiments) == (1, ["exp"])
    (run,) = open_store().search_components(parse(""))
    assert (run.display_name, run.status, run.status_message) == ("Training", "Failed", "it broke")
    assert run.params == {"lr": 0.1, "epochs": 10, "opt": "adam"}
    assert run.inputs["data"].value == "s3://b/train"
    assert run.tags["team"] == "v"
    assert (run.start_time, run.end_time) == (1_700_000_000_500_000, 1_700_000_400_000_000)
    last = {series.name: (series.last_step, series.last) for series in run.metrics}
    assert last == {"loss": (9, 0.2), "loss/min": (9, 0.1), "loss/max": (9, 2.0), "loss/avg": (9, 0.5)}
    code = open_store().code(run.name).code
    assert code is not None
    assert (code.git_commit, code.git_remote) == ("abc", "https://h/r.git")
    assert ("points of a metric", 9) in {(one.what, one.count) for one in report.skipped}
    assert bring("smexperiments", path).unchanged == 1


def test_a_folder_of_files_comes_in_and_damaged_ones_are_named(tmp_path: Path, bring: Bring) -> None:
    (tmp_path / "a.json").write_text(json.dumps(component("a")), encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps([component("b"), component("c d")]), encoding="utf-8")
    (tmp_path / "c.json").write_text('{"TrialComponentName": "half', encoding="utf-8")
    (tmp_path / "d.json").write_text("[" * 100_000, encoding="utf-8")
    odd = component("odd", Parameters=[1], Metrics=[None, {"MetricName": "x", "Last": "?"}], Status="?", Parents={})
    (tmp_path / "e.json").write_text(json.dumps(odd), encoding="utf-8")
    report = bring("smexperiments", tmp_path)
    assert report.runs == 4
    assert {one.what for one in report.skipped} >= {"file c.json", "file d.json"}


def test_files_without_components_are_refused(tmp_path: Path, bring: Bring) -> None:
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidField, match="no trial components"):
        bring("smexperiments", tmp_path)
