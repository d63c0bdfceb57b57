"""Keras on torch: epochs, also of several fits; no torch rows beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mlstudio
from mlstudio.entities.experiments import ComponentRecord

from .conftest import counts, last

keras = pytest.importorskip("keras")
Recorded = Callable[[], list[ComponentRecord]]
X = np.linspace(0, 1, 36, dtype="float32").reshape(12, 3)
Y = X.sum(axis=1)


@pytest.fixture(autouse=True)
def following() -> None:
    mlstudio.autolog()


def model() -> Any:
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    made.compile(optimizer=keras.optimizers.SGD(0.05), loss="mse", metrics=["mae"])
    return made


def test_each_epoch_of_a_fit_is_recorded_with_the_optimizer(recorded: Recorded) -> None:
    history = model().fit(X, Y, batch_size=4, epochs=3, verbose=0, validation_data=(X, Y))

    (run,) = recorded()
    assert run.status == "Completed"
    assert counts(run) == {"loss": 3, "mae": 3, "val_loss": 3, "val_mae": 3}
    assert last(run)["val_loss"] == pytest.approx(history.history["val_loss"][-1])
    assert (run.params["epochs"], run.params["batch_size"], run.params["optimizer/name"]) == (3, 4, "sgd")
    assert run.params["optimizer/learning_rate"] == pytest.approx(0.05)
    assert run.params["model/parameters"] == 4


def test_more_fits_of_a_model_in_a_run_go_on_in_it_and_another_model_is_a_child(recorded: Recorded) -> None:
    with mlstudio.run("keras", "phases"):
        first = model()
        first.fit(X, Y, epochs=2, verbose=0)
        first.fit(X, Y, epochs=2, verbose=0)
        model().fit(X, Y, epochs=1, verbose=0)
    run, child = recorded()
    assert {one.name: one.last_step for one in run.metrics}["loss"] == 3
    assert counts(run)["loss"] == 4
    assert child.parent == run.name


def test_the_users_callbacks_are_called_and_their_list_is_not_changed(recorded: Recorded) -> None:
    seen: list[int] = []
    callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))]
    model().fit(X, Y, epochs=2, verbose=0, callbacks=callbacks)
    assert seen == [0, 1]
    assert len(callbacks) == 1
    assert counts(recorded()[0])["loss"] == 2


def test_a_fit_that_raises_raises_the_same_and_the_run_failed(recorded: Recorded) -> None:
    def stop(*_: Any) -> None:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        model().fit(X, Y, verbose=0, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=stop)])
    (run,) = recorded()
    assert run.status == "Failed"


def test_disabled_leaves_fit_as_it_was() -> None:
    assert "fit" in vars(keras.Model)
    mlstudio.autolog.disable()
    assert "fit" not in vars(keras.Model)
