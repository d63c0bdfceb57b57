"""One import at a time, and each run once."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

import mlstudio
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.transfers import ImportRequest, TransferReport
from mlstudio.experiments.importers.running import one_at_a_time, run_import
from mlstudio.experiments.importers.tally import Stopped, Tally
from mlstudio.experiments.query_text import parse
from mlstudio.store import open_store


def test_two_imports_at_once_bring_each_run_once(tmp_path: Path) -> None:
    found = [{"TrialComponentName": f"tc-{number}"} for number in range(40)]
    (tmp_path / "all.json").write_text(json.dumps(found), encoding="utf-8")
    open_store()
    reports: list[TransferReport] = []
    request = ImportRequest(kind="smexperiments", source=str(tmp_path))
    threads = [threading.Thread(target=lambda: reports.append(run_import(request))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted((report.runs, report.unchanged) for report in reports) == [(0, 40), (40, 0)]
    assert len(open_store().search_components(parse(""))) == 40


def test_who_waits_for_another_import_can_be_stopped() -> None:
    told: list[str] = []
    with one_at_a_time(Tally()):
        waiting = Tally(lambda _done, _total, text: told.append(text), lambda: bool(told))
        with pytest.raises(Stopped), one_at_a_time(waiting):
            pass
    assert told == ["waiting for another import"]


def test_a_kind_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="none of mlflow, tensorboard, wandb, smexperiments"):
        mlstudio.import_runs("neptune", tmp_path)  # type: ignore[arg-type]
