"""An export is whole, or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlstudio
from mlstudio.entities.errors import BadQuery, InvalidField


def test_what_cannot_be_written_leaves_nothing_behind(recorded: None, tmp_path: Path) -> None:
    with pytest.raises(BadQuery):
        mlstudio.export_runs("csv", tmp_path / "a.csv", "params.x <")
    with pytest.raises(InvalidField, match="is a folder"):
        mlstudio.export_runs("csv", tmp_path)
    with pytest.raises(InvalidField, match="cannot be written"):
        mlstudio.export_runs("csv", tmp_path / "missing" / "a.csv")
    with pytest.raises(InvalidField, match="none of csv, parquet, mlflow"):
        mlstudio.export_runs("xlsx", tmp_path / "a.xlsx")  # type: ignore[arg-type]
    report = mlstudio.export_runs("csv", tmp_path / "b.csv", stop=lambda: True)
    assert "stopped" in report.notes[0]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(InvalidField, match="already"):
        mlstudio.export_runs("mlflow", tmp_path / "full")
    mlstudio.export_runs("mlflow", tmp_path / "half", stop=lambda: True)
    assert {path.name for path in tmp_path.iterdir()} == {"home", "full"}
