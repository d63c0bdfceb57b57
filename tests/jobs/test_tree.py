"""The run folder is complete before a job is handed over."""

from __future__ import annotations

import json
from pathlib import Path

from mlstudio.jobs.contract import JobNames
from mlstudio.jobs.runner.files import read_json
from mlstudio.jobs.tree import write_tree

from .test_contract import a_spec


def test_the_tree_is_complete_before_the_job_is_handed_over(tmp_path: Path) -> None:
    (tmp_path / "ml" / "code").mkdir(parents=True)
    (tmp_path / "ml" / "code" / "requirements.txt").write_text("x\n")
    names = JobNames("arn:j", "c", tmp_path / "home", "sqlite:///x")
    write_tree(tmp_path, a_spec(output_path="/out"), names, {"PATH": "/bin"})
    ml = tmp_path / "ml"
    for folder in (
        "input/data/training",
        "input/data/my-val",
        "model",
        "output/data",
        "checkpoints",
        "output/intermediate",
    ):
        assert (ml / folder).is_dir()
    inputs = json.loads((ml / "input/config/inputdataconfig.json").read_text())
    assert inputs["training"] == {
        "ContentType": "text/csv",
        "TrainingInputMode": "File",
        "S3DistributionType": "FullyReplicated",
        "RecordWrapperType": "None",
    }
    resources = json.loads((ml / "input/config/resourceconfig.json").read_text())
    assert resources["current_instance_type"] == "ml.m5.large"
    assert resources["network_interface_name"] == "lo"
    assert json.loads((ml / "input/config/hyperparameters.json").read_text())["lr"] == "0.1"
    plan = read_json(tmp_path / "spec.json")
    assert plan is not None
    assert plan["output_path"] == "/out/job-1/output"
    assert plan["install"]["overlay"].startswith(str(tmp_path / "home" / "overlays"))
    assert (tmp_path / "spec.json").stat().st_mode & 0o777 == 0o600, "it holds the environment"
