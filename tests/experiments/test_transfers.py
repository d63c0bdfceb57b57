"""`import_runs` and `export_runs` from a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import mlstudio
from mlstudio.experiments.transfers import FORMATS, KINDS


def test_in_and_out_in_one_call_each(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"TrialComponentName": "x"}), encoding="utf-8")
    told: list[str] = []
    report = mlstudio.import_runs(
        "smexperiments", tmp_path, experiment="mine", progress=lambda _done, _total, text: told.append(text)
    )
    assert (report.runs, report.experiments) == (1, ["mine"])
    assert told == ["1 runs found", "x"]
    assert mlstudio.import_runs("smexperiments", tmp_path, dry_run=True).unchanged == 1
    assert mlstudio.export_runs("csv", tmp_path / "a.csv", columns=["display_name"]).runs == 1
    assert (tmp_path / "a.csv").read_text() == "display_name\nx\n"
    assert (len(KINDS), len(FORMATS)) == (4, 3)
