"""torch: whichever hook raises, the training is what it would have been."""

from __future__ import annotations

import itertools
import logging
import pkgutil
from typing import Any

import pytest
import torch

import mlstudio
from mlstudio.experiments.autolog import torch_pace

X = torch.linspace(-1, 1, 12).reshape(4, 3)


def trained() -> tuple[list[torch.Tensor], list[float]]:
    """Return parameters and losses of a training that meets every hook: a scaler, two optimizers, a closure."""
    torch.manual_seed(7)
    model, head = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)
    first, second = torch.optim.Adam(model.parameters(), lr=0.1), torch.optim.LBFGS(head.parameters(), max_iter=3)
    schedule = torch.optim.lr_scheduler.ExponentialLR(first, 0.9)
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    losses = []

    def closure() -> torch.Tensor:
        second.zero_grad()
        again = head(model(X).detach()).square().mean()
        again.backward()
        return again

    for _ in range(6):
        first.zero_grad()
        loss = head(model(X)).square().mean()
        (loss * 0.5).backward(retain_graph=True)
        scaler.scale(loss).backward()
        scaler.step(first)
        scaler.update()
        schedule.step()
        second.step(closure)
        losses.append(loss.item())
    return [one.detach().clone() for one in (*model.parameters(), *head.parameters())], losses


POINTS = [
    ("torch_hook.Loop._kept", 1),
    ("torch_hook.Loop._scaled", 1),
    ("torch_hook.Loop._stepped", 1),
    ("torch_hook.busy", 1),
    ("torch_pace.Pace.forget", 2),
    ("torch_pace.Pace.recorded", 1),
    ("torch_rows.Rows.add", 2),
    ("torch_rows.Rows.turn", 1),
    ("torch_rows.Rows._begin", 1),
    ("torch_rows.Rows._read", 1),
    ("torch_rows.Rows._settle", 1),
    ("torch_rows._write", 1),
    ("torch_followers.Follower.describe", 1),
    ("torch_followers.Follower.write", 3),
    ("torch_rows.first_step", 1),
    ("torch_rows.surrounding", 1),
]


@pytest.mark.parametrize(("point", "call"), POINTS, ids=[point for point, _ in POINTS])
@pytest.mark.parametrize("error", [RuntimeError, MemoryError])
def test_whichever_hook_raises_the_training_is_bit_equal_and_one_line_says_so(
    point: str, call: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mlstudio.autolog.disable()
    plain, losses = trained()
    monkeypatch.setattr(torch_pace, "EVERY", 2)
    raised = strike(monkeypatch, f"mlstudio.experiments.autolog.{point}", call, error)
    mlstudio.autolog()
    with caplog.at_level(logging.WARNING, "mlstudio.experiments"), mlstudio.run("points"):
        followed, found = trained()
    assert raised, "the point was passed"
    assert found == losses
    assert all(torch.equal(*pair) for pair in zip(plain, followed, strict=True))
    assert len([one for one in caplog.records if "no longer follows torch" in one.message]) == 1
    assert not hasattr(torch.Tensor.backward, "__wrapped__")
    assert not hasattr(torch.amp.GradScaler.scale, "__wrapped__")


def strike(monkeypatch: pytest.MonkeyPatch, name: str, call: int, error: type[Exception]) -> list[Exception]:
    """Have a function raise at its `call`-th call and at every later one; what it raised is in the list."""
    owner, _, last_name = name.rpartition(".")
    holder: Any = pkgutil.resolve_name(owner)
    original, raised, calls = getattr(holder, last_name), [], itertools.count(1)

    def struck(*args: Any, **kwargs: Any) -> Any:
        if next(calls) < call:
            return original(*args, **kwargs)
        raised.append(error("of ours"))
        raise raised[-1]

    monkeypatch.setattr(holder, last_name, struck)
    return raised
