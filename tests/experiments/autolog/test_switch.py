"""`mlstudio.autolog()` on and off: twice is once, and off is as it was."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import sklearn.linear_model
import torch

import mlstudio
from mlstudio.entities.errors import InvalidField
from mlstudio.experiments.autolog import LIBRARIES, switch
from mlstudio.experiments.autolog.hooks import is_hooked

FIT = sklearn.linear_model.LinearRegression.fit
BACKWARD = torch.Tensor.backward


def test_on_and_off_leave_everything_as_it_was() -> None:
    mlstudio.autolog()
    assert is_hooked(sklearn.linear_model.LinearRegression.fit)
    assert torch.Tensor.backward is not BACKWARD
    assert mlstudio.autolog.libraries == set(LIBRARIES)
    mlstudio.autolog.disable()
    assert sklearn.linear_model.LinearRegression.fit is FIT
    assert torch.Tensor.backward is BACKWARD
    assert "__init_subclass__" not in vars(sklearn.base.BaseEstimator)
    assert not sys.modules["torch.optim.optimizer"]._global_optimizer_post_hooks
    assert not any(type(finder).__name__ == "ImportWatch" for finder in sys.meta_path)


def test_twice_is_once() -> None:
    mlstudio.autolog()
    first = sklearn.linear_model.LinearRegression.fit
    mlstudio.autolog()
    assert sklearn.linear_model.LinearRegression.fit is first
    assert not is_hooked(first.__wrapped__)


def test_the_last_setting_counts() -> None:
    mlstudio.autolog()
    mlstudio.autolog(disable=["torch"])
    assert torch.Tensor.backward is BACKWARD
    assert is_hooked(sklearn.linear_model.LinearRegression.fit)
    mlstudio.autolog(disable="sklearn")
    assert torch.Tensor.backward is not BACKWARD
    assert sklearn.linear_model.LinearRegression.fit is FIT
    mlstudio.autolog(disable=True)
    assert not mlstudio.autolog.libraries


def test_the_environment_switches_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLSTUDIO_AUTOLOG", "off")
    mlstudio.autolog()
    assert not mlstudio.autolog.libraries
    assert torch.Tensor.backward is BACKWARD


def test_an_unknown_library_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidField, match="sklern") as caught:
        mlstudio.autolog(disable=["sklern"])
    assert caught.value.hint == "Did you mean 'sklearn'?"
    assert not mlstudio.autolog.libraries


def test_a_library_whose_hook_raised_stays_off(caplog: pytest.LogCaptureFixture) -> None:
    mlstudio.autolog()
    switch._hooks["torch"].failed(RuntimeError("x"))
    mlstudio.autolog()
    assert "torch" not in mlstudio.autolog.libraries
    assert torch.Tensor.backward is BACKWARD


def test_the_name_in_experiments_can_be_called_too() -> None:
    from mlstudio.experiments import autolog

    autolog(disable=[one for one in LIBRARIES if one != "keras"])
    assert mlstudio.autolog.libraries == {"keras"}
    autolog.disable()
    assert not mlstudio.autolog.libraries


def test_switching_on_imports_no_library_and_a_later_import_is_hooked() -> None:
    code = (
        "import sys, mlstudio; mlstudio.autolog()\n"
        "heavy = {'torch', 'sklearn', 'numpy', 'sqlalchemy', 'msgspec', 'pandas'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "from sklearn.linear_model import LinearRegression\n"
        "assert LinearRegression.fit.__mlstudio__\n"
        "mlstudio.autolog()\n"
        "import sklearn.model_selection\n"
        "assert sklearn.model_selection.cross_validate.__mlstudio__\n"
        "class Mine(LinearRegression):\n"
        "    def fit(self, X, y): return self\n"
        "assert Mine.fit.__mlstudio__\n"
        "mlstudio.autolog.disable()\n"
        "assert not hasattr(LinearRegression.fit, '__mlstudio__') and not hasattr(Mine.fit, '__mlstudio__')\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env=dict(os.environ))
