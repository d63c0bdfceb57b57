"""The argv, variables and hyperparameters of a job with several processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio.entities.job_parts import Distribution
from mlstudio.jobs.contract import JobNames, all_hyperparameters, command, environment
from mlstudio.jobs.distributed import find_mpirun, processes, variables

from .conftest import SpecFactory


def test_torchrun_is_run_by_the_job_s_interpreter_on_a_port_of_its_own(spec: SpecFactory, tmp_path: Path) -> None:
    one = spec("", distribution=Distribution(kind="torch", processes_per_host=2), hyperparameters={"lr": "0.1"})
    argv = command(one, tmp_path)
    assert argv[:4] == [one.interpreter, "-m", "torch.distributed.run", "--standalone"]
    assert argv[-5:] == ["--nproc-per-node", "2", "train.py", "--lr", "0.1"]
    assert all_hyperparameters(one)["sagemaker_torch_distributed_enabled"] == "true"


def test_threads_are_shared_between_the_processes(spec: SpecFactory, tmp_path: Path) -> None:
    names = JobNames("arn", "component", tmp_path, "sqlite://")
    alone = environment(spec(""), names, {})
    many = environment(spec("", distribution=Distribution(kind="torch", processes_per_host=256)), names, {})
    assert int(alone["OMP_NUM_THREADS"]) >= 1
    assert many["OMP_NUM_THREADS"] == "1"
    assert (many["GLOO_SOCKET_IFNAME"], "GLOO_SOCKET_IFNAME" in alone) == ("lo", False)
    own = spec("", distribution=Distribution(kind="torch"), environment={"GLOO_SOCKET_IFNAME": "eth1"})
    assert environment(own, names, {})["GLOO_SOCKET_IFNAME"] == "eth1", "the user's wins"


def test_one_process_for_each_gpu_unless_told(spec: SpecFactory) -> None:
    free = spec("", distribution=Distribution(kind="torch"))
    assert [processes(free, gpus) for gpus in (0, 1, 4)] == [1, 1, 4]
    assert processes(spec("", distribution=Distribution(kind="torch", processes_per_host=3)), 4) == 3
    assert processes(spec(""), 4) == 1


def test_mpirun_gets_the_options_and_the_script(
    spec: SpecFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "mpirun"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    options = ["-x", "A=1"]
    one = spec(
        "", distribution=Distribution(kind="mpi", processes_per_host=2, options=options), interpreter="/x/python"
    )
    assert find_mpirun("/x/python") == str(tool)
    assert command(one, tmp_path) == [str(tool), "-n", "2", "-x", "A=1", "/x/python", "train.py"]
    told = all_hyperparameters(one)
    assert (told["sagemaker_mpi_num_of_processes_per_host"], told["sagemaker_mpi_custom_mpi_options"]) == (
        "2",
        '"-x A=1"',
    )
    assert variables(one)["OMPI_ALLOW_RUN_AS_ROOT"] == "1"
