"""torch: what is held back reaches the run, however the loop and the process end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mlstudio
from mlstudio.entities.experiments import ComponentCreate, ComponentRecord
from mlstudio.store import open_store
from mlstudio.store.home import default_home
from mlstudio.store.recover import recover_journals

from .conftest import counts
from .test_torch import loop, switch_rows, values

Recorded = Callable[[], list[ComponentRecord]]


@pytest.fixture(autouse=True)
def following() -> None:
    mlstudio.autolog()


@pytest.fixture
def script(tmp_path: Any) -> Callable[[str], subprocess.CompletedProcess[str]]:
    def run(code: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "train.py"
        path.write_text(code)
        return subprocess.run(
            [sys.executable, "-W", "error", str(path)],
            capture_output=True,
            text=True,
            env=dict(os.environ),
            check=False,
        )

    return run


LOOP = """
import mlstudio
mlstudio.autolog()
import torch
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(7):
    model(torch.ones(2, 3)).mean().backward()
    optimizer.step()
"""


def test_a_script_that_just_ends_loses_nothing(script: Any, recorded: Recorded) -> None:
    done = script(LOOP)
    assert (done.returncode, done.stderr) == (0, "")
    (run,) = recorded()
    assert run.status == "Completed"
    assert counts(run)["torch/loss"] == 7


def test_a_script_that_raises_is_a_failed_run(script: Any, recorded: Recorded) -> None:
    done = script(LOOP + "raise ValueError('after training')\n")
    assert done.returncode == 1
    assert "after training" in done.stderr
    (run,) = recorded()
    assert run.status == "Failed"
    assert counts(run)["torch/loss"] == 7


def test_a_script_that_ctrl_c_ends_is_a_stopped_run_with_every_step(script: Any, recorded: Recorded) -> None:
    done = script(LOOP + "raise KeyboardInterrupt\n")
    assert "KeyboardInterrupt" in done.stderr
    (run,) = recorded()
    assert run.status == "Stopped"
    assert counts(run)["torch/loss"] == 7


def test_sigkill_of_a_loop_that_pauses_loses_only_the_last_moment(script: Any, recorded: Recorded) -> None:
    pause = "import os, signal, time\ntime.sleep(1.5)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    assert script(LOOP + pause).returncode == -9
    recover_journals(open_store(), default_home())
    (run,) = recorded()
    assert counts(run)["torch/loss"] == 7


def test_a_point_has_the_time_of_its_step(recorded: Recorded) -> None:
    with mlstudio.run("loops"):
        loop(1)
        began = time.time()
        losses = loop(3)
        ended = time.time()
        time.sleep(0.6)
    (run,) = recorded()
    points = open_store().points(run.name, "torch/loss")
    stamps = points.ts.tolist()[1:]
    assert points.values.tolist()[1:] == losses
    assert began - 0.001 <= stamps[0] <= stamps[1] <= stamps[2] <= ended + 0.001, "a store keeps milliseconds"


def test_the_panel_sees_a_loop_that_goes_on_within_a_second(recorded: Recorded) -> None:
    with mlstudio.run("loops") as run:
        loop(5)
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline and "mlstudio-autolog" in threads() and switch_rows().held:
            time.sleep(0.01)
        assert not switch_rows().held, "a thread wrote them, no further step did"
        assert run.flush()
        assert counts(recorded()[0])["torch/loss"] == 5
    assert "mlstudio-autolog" not in threads()


def threads() -> list[str]:
    """Return the names of the threads; one that was told to end gets a moment."""
    time.sleep(0.05)
    return [one.name for one in threading.enumerate()]


def test_a_forked_process_leaves_what_is_held_to_its_parent(recorded: Recorded) -> None:
    with mlstudio.run("loops"):
        loop(5)
        child = os.fork()
        if child == 0:
            held = len(switch_rows().held)
            os._exit(held)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        loop(1)
    (run,) = recorded()
    assert values(run, "torch/loss")[0] == [0, 1, 2, 3, 4, 5]


SPAWNED = """
import os, sys
import mlstudio
import torch

def work(rank, port):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
    torch.distributed.init_process_group("gloo", rank=rank, world_size=2)
    mlstudio.autolog()
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(3, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        (model(torch.ones(2, 3)).square().mean() + 100 * rank).backward()
        optimizer.step()
    torch.distributed.destroy_process_group()

if __name__ == "__main__":
    torch.multiprocessing.spawn(work, args=(sys.argv[1],), nprocs=2)
"""


@pytest.mark.timeout(400)  # two interpreters import torch
@pytest.mark.parametrize("shared", [False, True], ids=["without a run", "in one run"])
def test_of_spawned_processes_the_first_has_the_run_and_others_a_context_in_a_shared_one(
    shared: bool, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "spawned.py"
    script.write_text(SPAWNED)
    if shared:
        open_store().create_component(ComponentCreate(name="ours", status="InProgress"))
        monkeypatch.setenv("MLSTUDIO_TRIAL_COMPONENT", "ours")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    done = subprocess.run([sys.executable, str(script), port], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    (run,) = recorded()
    series = {str(one.context): one for one in run.metrics if one.name == "torch/loss"}
    assert series.keys() == ({"{}", "{'rank': 1}"} if shared else {"{}"})
    assert (series["{}"].count, series["{}"].max < 100) == (5, True)
    if shared:
        assert (series["{'rank': 1}"].count, series["{'rank': 1}"].min > 99) == (5, True)
