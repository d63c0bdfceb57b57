"""The processing contract: tree, configuration file, variables, argv."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from mlstudio.entities.job_parts import ProcessingInput, ProcessingOutput
from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs.contract import JobNames, environment
from mlstudio.jobs.processing_contract import command, placements
from mlstudio.jobs.runner.files import read_json
from mlstudio.jobs.tree import write_tree

IN = "/opt/ml/processing/input"
OUT = "/opt/ml/processing/output"


def a_spec(**changes: Any) -> JobSpec:
    known = {"name": "p", "kind": "processing", "entry_point": "prepare.py", "source_dir": "/src"}
    return JobSpec(**{**known, "interpreter": sys.executable, **changes})


def names(home: Path) -> JobNames:
    return JobNames("arn:p", "p-aws-processing-job", home, "sqlite:///x", run_dir="/home/x/jobs/uid")


def test_the_script_is_run_by_the_command_with_its_arguments_as_they_are() -> None:
    script = f"{IN}/code/prepare.py"
    assert command(a_spec(arguments=["--a", "b c"])) == [sys.executable, script, "--a", "b c"]
    assert command(a_spec(command=["Rscript", "-e"])) == ["Rscript", "-e", script]
    assert command(a_spec(entry_point="", container_entrypoint=["run", "x"], arguments=["y"])) == ["run", "x", "y"]


def test_a_folder_is_mounted_as_a_whole_unless_something_else_belongs_into_it(tmp_path: Path) -> None:
    (tmp_path / "d" / "sub").mkdir(parents=True)
    (tmp_path / "d" / "x.csv").write_text("x")
    (tmp_path / "d" / "gone").symlink_to("/no/such")
    whole = a_spec(inputs=[ProcessingInput(name="a", source=str(tmp_path / "d"), destination=f"{IN}/a")])
    assert placements(whole) == [(tmp_path / "d", "processing/input/a")]
    beside = a_spec(inputs=[ProcessingInput(name="a", source=str(tmp_path / "d"), destination=IN)])
    assert placements(beside) == [
        (tmp_path / "d" / "sub", "processing/input/sub"),
        (tmp_path / "d" / "x.csv", "processing/input"),
    ]


def test_the_tree_is_complete_before_the_job_is_handed_over(tmp_path: Path) -> None:
    (tmp_path / "run" / "ml" / "code").mkdir(parents=True)
    (tmp_path / "run" / "ml" / "code" / "prepare.py").write_text("")
    (tmp_path / "a.csv").write_text("")
    spec = a_spec(
        inputs=[ProcessingInput(name="in", source=str(tmp_path / "*.csv"), destination=f"{IN}/data")],
        outputs=[ProcessingOutput(name="out", source=f"{OUT}/train", upload_mode="Continuous")],
        environment={"A": "b"},
        recorded={"role": "r"},
    )
    write_tree(tmp_path / "run", spec, names(tmp_path), {"PATH": "/bin"})
    ml = tmp_path / "run" / "ml"
    assert (ml / "processing/input/code/prepare.py").is_file()
    assert (ml / "processing/input/data").is_dir()
    assert (ml / "processing/output/train").is_dir()
    told = json.loads((ml / "config" / "processingjobconfig.json").read_text())
    assert told["ProcessingJobArn"] == "arn:p"
    assert told["RoleArn"] == "r"
    assert told["Environment"] == {"A": "b"}
    assert told["AppSpecification"]["ContainerEntrypoint"] == [sys.executable, f"{IN}/code/prepare.py"]
    assert told["ProcessingInputs"][0]["S3Input"]["LocalPath"] == f"{IN}/data"
    output = told["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]
    assert output == {
        "S3Uri": "/home/x/jobs/uid/artifacts/out", "LocalPath": f"{OUT}/train", "S3UploadMode": "Continuous",
    }  # fmt: skip
    assert told["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 1
    assert json.loads((ml / "config" / "resourceconfig.json").read_text())["current_host"] == "algo-1"
    plan = read_json(tmp_path / "run" / "spec.json")
    assert plan is not None
    assert plan["binds"] == [{"source": str(tmp_path / "a.csv"), "target": "processing/input/data"}]
    assert plan["outputs"][0]["continuous"] is True
    assert plan["cwd"] == "processing/input/code"


def test_variables_name_the_job_and_its_host(tmp_path: Path) -> None:
    found = environment(a_spec(environment={"MINE": "1"}), names(tmp_path), {"PATH": "/bin", "AWS_SECRET_KEY": "s"})
    assert (found["PROCESSING_JOB_NAME"], found["PROCESSING_JOB_ARN"]) == ("p", "arn:p")
    assert (found["SM_CURRENT_HOST"], found["MINE"], found["SAGEMAKER_BASE_DIR"]) == ("algo-1", "1", "/opt/ml")
    assert found["OMP_NUM_THREADS"] == found["SM_NUM_CPUS"]
    assert not {"TRAINING_JOB_NAME", "SM_MODEL_DIR", "SM_HPS", "AWS_SECRET_KEY"} & found.keys()
