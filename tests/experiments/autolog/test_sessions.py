"""Which run a training records into, and who keeps quiet meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest

import mlstudio
from mlstudio.entities.experiments import ComponentCreate, ComponentRecord
from mlstudio.experiments.autolog.hooks import Hook
from mlstudio.experiments.autolog.sessions import Session, busy, conduct, current, inside, surrounding
from mlstudio.store import open_store

Recorded = Callable[[], list[ComponentRecord]]


class Trainer:
    """What a library might have."""

    def __init__(self) -> None:
        self.trained = 0

    def train(self, times: int = 1) -> int:
        self.trained += times
        return self.trained


class TrainerSession(Session):
    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        self.params({"times": kwargs.get("times", 1)})
        return args, {**kwargs, "times": kwargs.get("times", 1) + 1}

    def end(self, result: Any) -> None:
        self.log({"trained": result})


class ResumingSession(TrainerSession):
    def continues(self) -> bool:
        return True

    def resumes(self) -> bool:
        return True


@pytest.fixture
def hook() -> Hook:
    made = Hook("trainers")
    made.on = True
    return made


def train(hook: Hook, trainer: Trainer, make: type[Session] = TrainerSession, **kwargs: Any) -> Any:
    return conduct(lambda: make(hook, trainer), hook, Trainer.train, (trainer,), kwargs)


def test_arguments_may_be_changed_and_the_result_is_the_originals(hook: Hook, recorded: Recorded) -> None:
    assert train(hook, Trainer(), times=3) == 4
    (run,) = recorded()
    assert run.params == {"times": 3}
    assert run.trials[0].experiment_name == "default"


def test_off_or_inside_another_training_the_call_is_passed_through(hook: Hook, recorded: Recorded) -> None:
    outer = Session(hook, None)
    with inside(outer):
        assert current() is outer
        assert train(hook, Trainer()) == 1
    assert current() is None
    hook.on = False
    assert train(hook, Trainer()) == 1
    assert recorded() == []


def test_a_worker_of_a_thread_pool_counts_to_the_training_beside_it_and_a_thread_does_not(hook: Hook) -> None:
    seen: list[bool] = []
    with inside(Session(hook, None)), ThreadPool(1) as pool:
        assert pool.apply(busy) is True
        thread = threading.Thread(target=lambda: seen.append(busy()))
        thread.start()
        thread.join()
    assert seen == [False]
    with ThreadPool(1) as pool:
        assert pool.apply(busy) is False


def test_a_trainer_that_goes_on_resumes_its_own_run(hook: Hook, recorded: Recorded) -> None:
    one, other = Trainer(), Trainer()
    train(hook, one, ResumingSession)
    train(hook, one, ResumingSession)
    train(hook, other, ResumingSession)
    assert len(recorded()) == 2
    assert {run.status for run in recorded()} == {"Completed"}


def test_in_a_job_its_component_is_written_and_not_closed(
    hook: Hook, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store().create_component(ComponentCreate(name="job-1", status="InProgress"))
    monkeypatch.setenv("MLSTUDIO_TRIAL_COMPONENT", "job-1")
    train(hook, Trainer(), times=7)
    found = surrounding()
    assert found is not None
    found.flush()
    (job,) = recorded()
    assert (job.name, job.params["times"], job.status) == ("job-1", 7, "InProgress")


def exited() -> SystemExit:
    """What Lightning raises after Ctrl-C."""
    try:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise SystemExit(1)  # noqa: B904 - as there
    except SystemExit as error:
        return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("mine"), "Failed"),
        (KeyboardInterrupt(), "Stopped"),
        (exited(), "Stopped"),
        (SystemExit(3), "Failed"),
        (SystemExit(0), "Completed"),
    ],
    ids=["error", "interrupt", "lightning's interrupt", "exit", "good exit"],
)
def test_what_ends_a_training_ends_its_run(error: BaseException, status: str, hook: Hook, recorded: Recorded) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise error

    with pytest.raises(type(error)):
        conduct(lambda: TrainerSession(hook, None), hook, broken, (), {})
    assert recorded()[0].status == status
    assert mlstudio.current_run() is None


def test_a_session_that_cannot_begin_costs_the_recording_not_the_training(
    hook: Hook, recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(TrainerSession):
        def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            raise RuntimeError("of ours")

    assert train(hook, Trainer(), Broken, times=5) == 5
    assert caplog.text.count("no longer follows trainers") == 1
    (run,) = recorded()
    assert run.status == "Completed"


@pytest.mark.parametrize("where", ["open", "begin", "end", "close"])
def test_an_interrupt_in_a_hook_reaches_the_user_and_the_run_is_stopped(
    where: str, hook: Hook, recorded: Recorded
) -> None:
    """Ctrl-C strikes anywhere: after what the hook of that moment did, and before it returns."""
    interrupt = KeyboardInterrupt("mine")
    struck: list[str] = []

    class Struck(TrainerSession):
        def _strike(self, here: str) -> None:
            if here == where and not struck:
                struck.append(here)
                raise interrupt

        def open(self) -> None:
            super().open()
            self._strike("open")

        def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            found = super().begin(args, kwargs)
            self._strike("begin")
            return found

        def end(self, result: Any) -> None:
            super().end(result)
            self._strike("end")

        def close(self, error: BaseException | None) -> None:
            self._strike("close")
            super().close(error)

    with pytest.raises(KeyboardInterrupt) as caught:
        train(hook, Trainer(), Struck, times=7)
    assert caught.value is interrupt
    (run,) = recorded()
    assert run.status == "Stopped"
    assert run.params == ({} if where == "open" else {"times": 7})
    assert mlstudio.current_run() is None
    assert not busy()
    assert not hook.broken


def test_an_interrupt_of_a_training_keeps_what_it_logged_and_is_the_very_one(hook: Hook, recorded: Recorded) -> None:
    interrupt = KeyboardInterrupt("mine")
    sessions: list[TrainerSession] = []

    def make() -> TrainerSession:
        sessions.append(TrainerSession(hook, None))
        return sessions[0]

    def interrupted(**_: Any) -> None:
        for step in range(100):
            sessions[0].log({"loss": step}, step=step)
        raise interrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        conduct(make, hook, interrupted, (), {})
    assert caught.value is interrupt
    (run,) = recorded()
    assert (run.status, run.metrics[0].count, run.metrics[0].last) == ("Stopped", 100, 99)
