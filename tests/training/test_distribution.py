"""Several processes for one script: what is asked for, and a real all-reduce between two of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_parts import Distribution
from mlstudio.jobs.checks import check_spec
from mlstudio.training import PyTorch, UnexpectedStatusException
from mlstudio.training.distribution import as_given, distribution_of

TWO = {"torch_distributed": {"enabled": True, "processes_per_host": 2}}
DDP = """\
import argparse, hashlib, json, os
import torch, torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
lr = parser.parse_args().lr
dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
total = torch.tensor([float(rank + 1)])
dist.all_reduce(total)
torch.manual_seed(rank)  # each begins differently and has other data: only DDP makes them equal
model = DistributedDataParallel(torch.nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=lr)
for _ in range(3):
    optimizer.zero_grad()
    model(torch.randn(8, 4)).pow(2).mean().backward()
    optimizer.step()
weights = [float(one) for one in model.module.weight.flatten()]
told = {"world": world, "sum": total.item(), "weights": weights, "lr": lr, "port": os.environ["MASTER_PORT"],
        "interface": os.environ["GLOO_SOCKET_IFNAME"], "threads": os.environ["OMP_NUM_THREADS"]}
with open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], f"{rank}.json"), "w") as file:
    json.dump(told, file)
dist.destroy_process_group()
"""


@pytest.mark.usefixtures("agent")
def test_two_jobs_of_two_processes_train_at_once_and_agree(tmp_path: Path) -> None:
    (tmp_path / "ddp.py").write_text(DDP)
    ports = set()
    estimators = [PyTorch(tmp_path / "ddp.py", distribution=TWO, hyperparameters={"lr": 0.1}) for _ in range(2)]
    for estimator in estimators:
        estimator.fit(wait=False)
    for estimator in estimators:
        job = estimator.latest_training_job
        assert job is not None
        job.wait(logs=None)
        data = Path(job.record().run_dir) / "ml" / "output" / "data"
        told = [json.loads((data / f"{rank}.json").read_text()) for rank in (0, 1)]
        assert [(one["world"], one["sum"], one["lr"], one["interface"]) for one in told] == [(2, 3.0, 0.1, "lo")] * 2
        assert told[0]["weights"] == told[1]["weights"], "gradients were averaged: both have the same model"
        ports.add(told[0]["port"])
        again = PyTorch.attach(job.name)
        assert again.distribution == estimator.distribution
    assert len(ports) == 2, "two jobs at once do not meet on one port"


@pytest.mark.usefixtures("agent")
def test_one_process_that_fails_ends_the_job_with_its_own_error(tmp_path: Path) -> None:
    (tmp_path / "half.py").write_text(
        "import os, time\nif os.environ['RANK'] == '1':\n    raise ValueError('rank one is broken')\ntime.sleep(60)\n"
    )
    estimator = PyTorch(tmp_path / "half.py", distribution=TWO)
    with pytest.raises(UnexpectedStatusException, match="ValueError: rank one is broken"):
        estimator.fit(logs=None)
    assert estimator.latest_training_job is not None
    assert "rank one is broken" in (estimator.latest_training_job.record().failure_reason or "")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ({}, None),
        ({"torch_distributed": {"enabled": False}}, None),
        ({"smdistributed": {"dataparallel": {"enabled": False}}}, None),
        ({"pytorchddp": {"enabled": True}}, Distribution(kind="torch")),
        (TWO, Distribution(kind="torch", processes_per_host=2)),
        (
            {"mpi": {"enabled": True, "processes_per_host": 4, "custom_mpi_options": "-x 'A B'"}},
            Distribution(kind="mpi", processes_per_host=4, options=["-x", "A B"]),
        ),
    ],
)
def test_sagemaker_s_forms_are_understood(given: dict[str, Any] | None, expected: Distribution | None) -> None:
    found = distribution_of(given)
    assert found == expected
    assert distribution_of(as_given(found)) == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smdistributed": {"dataparallel": {"enabled": True}}}, "torch_distributed"),
        ({"parameter_server": {"enabled": True}}, "torch_distributed"),
        ({"torch_distributd": {"enabled": True}}, "Did you mean 'torch_distributed'"),
        ({"torch_distributed": True}, "enabled"),
        ({"torch_distributed": {"enabled": True, "processes_per_hos": 2}}, "Did you mean 'processes_per_host'"),
        ({"torch_distributed": {"enabled": True, "processes_per_host": 0}}, "from 1 to 256"),
        ({"torch_distributed": {"enabled": True, "processes_per_host": True}}, "from 1 to 256"),
        ({"torch_distributed": {"enabled": True}, "mpi": {"enabled": True}}, "Enable one"),
        ({"mpi": {"enabled": True, "custom_mpi_options": "-x 'A"}}, "quotes"),
        ("torch_distributed", "torch_distributed"),
    ],
)
def test_what_cannot_be_had_says_what_to_use(given: Any, said: str) -> None:
    with pytest.raises(InvalidField) as refused:
        distribution_of(given)
    assert refused.value.field == "distribution"
    assert said in (refused.value.hint or "")


def test_options_of_mpi_do_nothing_to_torchrun_and_say_so() -> None:
    with pytest.warns(UserWarning, match="no effect on pytorchddp"):
        distribution_of({"pytorchddp": {"enabled": True, "custom_mpi_options": "-verbose"}})


def test_mpi_without_mpirun_and_a_shell_script_are_refused_before_anything_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.py").write_text("")
    (tmp_path / "train.sh").write_text("")
    monkeypatch.setenv("PATH", str(tmp_path))
    mpi = {"mpi": {"enabled": True}}
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(InvalidField, match="mpirun was looked for") as refused:
        check_spec(PyTorch(tmp_path / "train.py", distribution=mpi).spec("j"))
    assert refused.value.field == "distribution"
    with pytest.raises(InvalidField, match="cannot be started in several processes"):
        check_spec(PyTorch(tmp_path / "train.sh", distribution=TWO).spec("j"))
