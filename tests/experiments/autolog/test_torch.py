"""torch: a loop of one's own, watched at `backward` and `step`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import torch

import mlstudio
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.experiments.autolog import switch, torch_pace
from mlstudio.store import open_store

from .conftest import counts, last

Recorded = Callable[[], list[ComponentRecord]]
X = torch.linspace(-1, 1, 12).reshape(4, 3)


@pytest.fixture(autouse=True)
def following() -> None:
    mlstudio.autolog()


def loop(steps: int, make: Callable[..., Any] = torch.optim.SGD, **options: Any) -> list[float]:
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 1)
    optimizer = make(model.parameters(), **{"lr": 0.1, **options})
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = model(X).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def values(component: ComponentRecord, name: str) -> tuple[list[int], list[float]]:
    points = open_store().points(component.name, name)
    return points.steps.tolist(), points.values.tolist()


def test_each_step_of_a_loop_in_a_run_has_its_loss(recorded: Recorded) -> None:
    with mlstudio.run("loops", "one"):
        losses = loop(100)
    (run,) = recorded()
    steps, found = values(run, "torch/loss")
    assert steps == list(range(100))
    assert found == losses
    assert (run.params["optimizer"], run.params["optimizer/lr"], run.params["optimizer/parameters"]) == ("SGD", 0.1, 4)


def test_the_learning_rate_is_written_where_it_changes(recorded: Recorded) -> None:
    with mlstudio.run("loops"):
        model = torch.nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
        for _ in range(12):
            model(X).sum().backward()
            optimizer.step()
            scheduler.step()
    (run,) = recorded()
    assert values(run, "torch/lr") == ([0, 4, 5, 9, 10, 11], [1.0, 1.0, 0.5, 0.5, 0.25, 0.25])


def test_without_a_run_one_is_opened_and_the_next_training_has_its_own(recorded: Recorded) -> None:
    loop(3)
    loop(4, torch.optim.Adam)
    mlstudio.autolog.disable()
    first, second = recorded()
    assert [one.status for one in (first, second)] == ["Completed", "Completed"]
    assert (counts(first)["torch/loss"], counts(second)["torch/loss"]) == (3, 4)
    assert (first.params["optimizer"], second.params["optimizer"]) == ("SGD", "Adam")
    assert mlstudio.current_run() is None


def test_two_optimizers_at_a_time_have_series_of_their_own(recorded: Recorded) -> None:
    with mlstudio.run("gan"):
        one, two = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)
        first, second = torch.optim.SGD(one.parameters(), lr=0.1), torch.optim.SGD(two.parameters(), lr=0.2)
        for _ in range(5):
            one(X).square().mean().backward()
            first.step()
            (two(X).square().mean() + 100).backward()
            second.step()
    (run,) = recorded()
    assert (counts(run)["torch/loss"], counts(run)["torch/2/loss"]) == (5, 5)
    assert last(run)["torch/loss"] < 50 < last(run)["torch/2/loss"]
    assert (last(run)["torch/lr"], last(run)["torch/2/lr"]) == (0.1, 0.2)


def test_accumulated_losses_are_summed_and_a_closure_counts_once(recorded: Recorded) -> None:
    model = torch.nn.Linear(3, 1)
    with mlstudio.run("loops", "accumulated"):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        for _ in range(4):
            (model(X).square().mean() / 4).backward()
        optimizer.step()
    with mlstudio.run("loops", "closure"):
        lbfgs = torch.optim.LBFGS(model.parameters(), max_iter=5)
        before = model(X).square().mean().item()

        def closure() -> torch.Tensor:
            lbfgs.zero_grad()
            loss = model(X).square().mean()
            loss.backward()
            return loss

        lbfgs.step(closure)
    accumulated, closed = recorded()
    assert last(accumulated)["torch/loss"] == pytest.approx(before)
    assert last(closed)["torch/loss"] == pytest.approx(before)


def test_the_loss_is_the_one_before_it_was_scaled(recorded: Recorded) -> None:
    with mlstudio.run("loops"):
        model = torch.nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
        loss = model(X).square().mean()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    (run,) = recorded()
    assert last(run)["torch/loss"] == pytest.approx(loss.item())


def test_what_the_program_logs_itself_stays_apart(recorded: Recorded) -> None:
    with mlstudio.run("loops") as run:
        model = torch.nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for step in range(3):
            loss = model(X).square().mean()
            loss.backward()
            optimizer.step()
            run.log(loss=loss, step=step * 10)
    (component,) = recorded()
    assert values(component, "loss")[0] == [0, 10, 20]
    assert values(component, "torch/loss")[0] == [0, 1, 2]


def test_a_resumed_run_goes_on_at_its_next_step(recorded: Recorded) -> None:
    with mlstudio.run("loops", "long"):
        loop(3)
    with mlstudio.run("loops", resume="long"):
        loop(2)
    (run,) = recorded()
    assert values(run, "torch/loss")[0] == [0, 1, 2, 3, 4]


def test_a_rank_writes_into_a_context_of_its_own(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    with mlstudio.run("loops"):
        loop(2)
    (run,) = recorded()
    assert {one.name: one.context for one in run.metrics}["torch/loss"] == {"rank": 1}


def test_a_step_reads_nothing_from_a_device_and_starts_no_work_there(recorded: Recorded) -> None:
    """The meta device has no numbers: whatever read one, or copied one, would raise."""
    with mlstudio.run("loops"):
        parameter = torch.nn.Parameter(torch.zeros(3, device="meta"))
        optimizer = torch.optim.SGD([parameter], lr=0.1)
        rows = switch_rows()
        rows._due = float("inf")  # not read until the run ends
        with Calls() as calls:
            for _ in range(50):
                parameter.sum().backward()
                optimizer.step()
        assert "aten._local_scalar_dense" not in calls.names
        assert calls.names.count("aten.detach") <= 3 * 50, "one for us, the others are torch's"
        assert "torch" in mlstudio.autolog.libraries
        assert [row[3].device.type for row in rows.held] == ["meta"] * 50
        rows.held.clear()


def test_on_the_cpu_a_step_asks_torch_for_no_operation(recorded: Recorded) -> None:
    with mlstudio.run("loops"):
        loop(1)
        with Calls() as calls:
            loop(20)
        mlstudio.autolog.disable()
        with Calls() as plain:
            loop(20)
    (run,) = recorded()
    assert counts(run)["torch/loss"] == 21
    assert calls.names == plain.names


class Calls(torch.utils._python_dispatch.TorchDispatchMode):
    """Writes down which operations are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(str(func).rpartition(".")[0])
        return func(*args, **(kwargs or {}))


def switch_rows() -> Any:
    """Return what the torch hook holds back now."""
    undo = switch._hooks["torch"]._undo[-1]
    return undo.__self__.rows  # type: ignore[attr-defined]


def test_quick_steps_are_sampled_after_the_first_hundred(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_pace, "EVERY", 50)
    monkeypatch.setattr(torch_pace, "QUICK", 10.0)
    with mlstudio.run("loops"):
        losses = loop(600)
    (run,) = recorded()
    steps, found = values(run, "torch/loss")
    assert steps[:50] == list(range(50))
    assert 50 < len(steps) < 200
    assert found == [losses[step] for step in steps], "a step that is recorded has its own number and loss"


def test_slow_steps_are_all_recorded() -> None:
    pace = torch_pace.Pace()
    for step in range(3000):
        pace.recorded(step * 0.011)
        assert pace.left == 0
    quick = torch_pace.Pace()
    taken = 0
    now = 0.0
    for _ in range(20_000):
        now += 0.001
        if quick.left:
            quick.left -= 1
            continue
        quick.recorded(now)
        taken += 1
    assert 100 + 19_900 / 8 < taken < 100 + 19_900 / 4


def test_a_broken_hook_leaves_the_loop_alone(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("no run today")

    monkeypatch.setattr("mlstudio.experiments.autolog.torch_rows.surrounding", broken)
    with caplog.at_level(logging.WARNING, "mlstudio.experiments"):
        followed = loop(5)
    assert len([one for one in caplog.records if "no longer follows torch" in one.message]) == 1
    assert followed == loop(5)


def test_a_subclass_of_tensor_is_recorded_once(recorded: Recorded) -> None:
    class Tagged(torch.Tensor):
        pass

    with mlstudio.run("loops"):
        model = torch.nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        loss = model(X).square().mean()
        loss.as_subclass(Tagged).backward()
        optimizer.step()
    (run,) = recorded()
    assert last(run)["torch/loss"] == pytest.approx(loss.item())
