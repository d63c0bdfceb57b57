"""Fixtures that every room uses: a home of one's own, never the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio.store.home import Home


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A fresh MLSTUDIO_HOME; no variable of the caller's environment leaks in."""
    for name in (
        "MLSTUDIO_STORE_URL",
        "MLSTUDIO_TRIAL_COMPONENT",
        "MLSTUDIO_JOB_NAME",
        "TRAINING_JOB_ARN",
        "TRAINING_JOB_NAME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLSTUDIO_SYSTEM_METRICS", "off")  # a test that is slow today has the same series
    root = tmp_path / "home"
    monkeypatch.setenv("MLSTUDIO_HOME", str(root))
    return Home(root)
