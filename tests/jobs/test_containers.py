"""Jobs in containers, by an engine that records what it is asked; and clear words where there is none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_parts import ProcessingInput, ProcessingOutput
from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs.client import run_folder
from mlstudio.jobs.containers import check_image, engine, plan
from mlstudio.jobs.runner.files import read_json
from mlstudio.store.home import Home

from .conftest import await_log
from .fake_engine import FakeEngine

OUT = "/opt/ml/processing/output/o"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    found = FakeEngine(tmp_path / "engine")
    monkeypatch.setenv("MLSTUDIO_CONTAINER_ENGINE", str(found.path))
    return found


def a_spec(name: str, **changes: Any) -> JobSpec:
    known = {
        "name": name,
        "entry_point": "",
        "source_dir": "",
        "interpreter": sys.executable,
        "image_uri": "own/image:1",
    }
    return JobSpec(**{**known, **changes})


def option(argv: list[str], name: str) -> list[str]:
    return [argv[place + 1] for place, one in enumerate(argv) if one == name]


def test_an_image_is_trained_with_its_folders_its_variables_and_its_limits(
    agent: Home, docker: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    job = jobs.submit(a_spec("image", environment={"SECRET_KEY": "s3cr3t"}, instance_type="ml.t3.medium"))
    record = job.wait(60)
    assert record.status == "Completed", record.failure_reason
    assert job.logs() == "in the container\n"
    assert record.model_artifact is not None, "what it left is packed as from any job"
    call = docker.calls("run")[0]
    argv, run_dir = call["argv"], run_folder(record)
    assert argv[1:4] == ["--rm", "--name", f"mlstudio-{run_dir.name}"]
    assert option(argv, "--mount") == [f"type=bind,source={run_dir}/ml,target=/opt/ml"]
    assert argv[-2:] == ["own/image:1", "train"], "as SageMaker starts an image of one's own"
    names = option(argv, "--env")
    assert {"SECRET_KEY", "SM_MODEL_DIR", "TRAINING_JOB_NAME", "MLSTUDIO_JOB_NAME"} <= set(names)
    assert not {"PATH", "HOME", "MLSTUDIO_HOME"} & set(names), "what belongs to this host stays here"
    assert call["env"]["SECRET_KEY"] == "s3cr3t"
    assert not any("s3cr3t" in one for one in argv), "no value shows in the list of processes"
    assert call["env"]["DOCKER_HOST"] == "unix:///nowhere"
    assert int(option(argv, "--memory")[0]) > 0
    assert docker.calls("rm")[0]["argv"][1:] == ["--force", f"mlstudio-{run_dir.name}"]
    assert read_json(run_dir / "run.json")["mode"] == "container"  # type: ignore[index]


def test_a_processing_job_s_script_inputs_and_outputs(agent: Home, docker: FakeEngine, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "p.py").write_text("")
    (tmp_path / "a,b.csv").write_text("x")
    (tmp_path / "data").mkdir()
    spec = a_spec(
        "image-processing",
        kind="processing",
        entry_point="p.py",
        source_dir=str(tmp_path / "src"),
        arguments=["--x", "1"],
        network_isolation=True,
        inputs=[
            ProcessingInput(name="f", source=str(tmp_path / "a,b.csv"), destination="/opt/ml/processing/input/f"),
            ProcessingInput(name="d", source=str(tmp_path / "data"), destination="/opt/ml/processing/input/d"),
        ],
        outputs=[ProcessingOutput(name="o", source=OUT, destination=str(tmp_path / "out"))],
    )
    assert jobs.submit(spec).wait(60).status == "Completed"
    assert (tmp_path / "out" / "made").read_text() == "m"
    argv = docker.calls("run")[0]["argv"]
    assert option(argv, "--mount")[1:] == [
        f"type=bind,source={tmp_path / 'data'},target=/opt/ml/processing/input/d,readonly",
        f'type=bind,"source={tmp_path / "a,b.csv"}","target=/opt/ml/processing/input/f/a,b.csv",readonly',
    ]
    assert option(argv, "--network") == ["none"]
    assert option(argv, "--workdir") == ["/opt/ml/processing/input/code"]
    assert option(argv, "--entrypoint") == ["python3"], "this host's interpreter is not in the image"
    assert argv[-4:] == ["own/image:1", "/opt/ml/processing/input/code/p.py", "--x", "1"]


def test_a_container_that_fails_and_one_that_is_stopped(agent: Home, docker: FakeEngine) -> None:
    failed = jobs.submit(a_spec("image-fails", container_arguments=["--fail"])).wait(60)
    assert (failed.status, failed.exit_code) == ("Failed", 3)
    job = jobs.submit(a_spec("image-stops", container_entrypoint=["run", "--wait"]))
    await_log("image-stops", "in the container")
    job.stop(grace=20)
    assert job.wait(60).status == "Stopped"
    assert len(docker.calls("rm")) == 2, "a container that its engine's program left behind is removed"


def test_gpus_are_asked_for_as_each_engine_wants_it() -> None:
    from mlstudio.jobs.runner.container import run_argv

    known = {"image": "i", "variables": []}
    granted = {"cpus": [0, 2], "env": {"CUDA_VISIBLE_DEVICES": "GPU-1,GPU-2"}}
    by_docker = run_argv({**known, "engine": "/bin/docker"}, Path("/r"), [], granted)
    assert option(by_docker, "--gpus") == ['"device=GPU-1,GPU-2"']
    assert option(by_docker, "--cpuset-cpus") == ["0,2"]
    by_podman = run_argv({**known, "engine": "/bin/podman"}, Path("/r"), [], granted)
    assert option(by_podman, "--device") == ["nvidia.com/gpu=GPU-1", "nvidia.com/gpu=GPU-2"]


def test_no_engine_and_an_engine_that_does_not_work_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusal(**changes: Any) -> str:
        with pytest.raises(InvalidField) as refused:
            check_image(a_spec("x", **changes))
        return str(refused.value)

    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert refusal().startswith(
        "The image own/image:1 cannot be run: podman and docker were looked for, none is on PATH."
    )
    FakeEngine(tmp_path / "bin", broken="warning\nCannot connect to the daemon.\n")
    assert f"{tmp_path}/bin/docker says Cannot connect to the daemon. Install podman" in refusal()
    FakeEngine(tmp_path / "bin", "podman")
    check_image(a_spec("x"))
    assert engine({}) == str(tmp_path / "bin" / "podman"), "podman needs no daemon: it is asked first"
    monkeypatch.setenv("MLSTUDIO_CONTAINER_ENGINE", "nerdctl")
    assert "nerdctl (MLSTUDIO_CONTAINER_ENGINE) were looked for" in refusal()
    assert "is no name of an image" in refusal(image_uri="--privileged")
    assert "needs a container" in refusal(image_uri=None, network_isolation=True)


def test_a_job_without_an_image_has_no_container() -> None:
    assert plan(a_spec("x", image_uri=None), [], {}, {}) == {}
