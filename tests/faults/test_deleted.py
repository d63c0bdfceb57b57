"""Somebody deletes, restores or purges a run while its process goes on logging."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ListRequest
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.migrate import connect
from mlstudio.store.recover import recover_journals

PART: Final = "trial-component"
TRAIN = """
import sys, mlstudio
from pathlib import Path
with mlstudio.run("study", "own", lr=0.1, capture=False) as run:
    print(run.component_name, flush=True)
    model, step = Path(sys.argv[1]), 0
    for line in sys.stdin:
        for _ in range(int(line)):
            mlstudio.log({"loss": float(step), "acc": 0.5}, step=step)
            step += 1
        run[f"p{step}"] = step
        run.tag("step", str(step))
        model.write_text(f"weights {step}")
        run.log_file(model, "model")
        run.text("said", f"step {step}", step=step)
        print(step, run.flush(20.0), flush=True)
"""
ROWS = (
    "trial_component",
    "metric_series",
    "metric_block",
    "param",
    "media",
    "component_artifact",
    "artifact",
    "journal",
)


class Training:
    """A process that logs so many points for each number it is sent."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-c", TRAIN, str(folder / "model.bin")]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        assert self.process.stdout
        self._out = self.process.stdout
        self.name = self._out.readline().strip()
        assert self.name

    def log(self, count: int) -> str:
        assert self.process.stdin
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        return self._out.readline().strip()

    def end(self) -> str:
        """Let it end as a script ends; return what it said on stderr."""
        _, said = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, said
        return said


@contextmanager
def training(folder: Path) -> Iterator[Training]:
    found = Training(folder)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.communicate()


def rows(home: Home) -> dict[str, int]:
    """Return the tables that hold anything of a run, with their number of rows."""
    with closing(connect(home.database)) as raw:
        found = {name: raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ROWS}
        found["tag"] = raw.execute(f"SELECT count(*) FROM tag WHERE entity_kind = '{PART}'").fetchone()[0]
    return {name: count for name, count in found.items() if count}


def test_a_run_that_is_deleted_while_it_logs_is_whole_when_it_is_restored(home: Home, tmp_path: Path) -> None:
    with training(tmp_path) as run:
        assert run.log(300) == "300 True"
        store = open_store(home=home)
        store.delete(PART, run.name, force=True)
        assert run.log(300) == "600 True"
        assert store.list_components(ListRequest()).items == []
        assert store.series(run.name)[-1].count == 600, "its journal goes on into the deleted run"
        store.restore(PART, run.name)
        assert run.log(300) == "900 True"
        assert run.end() == ""
    found = store.get_component(run.name)
    assert (found.status, found.deleted_at) == ("Completed", None)
    assert store.points(run.name, "loss").values.tolist() == [float(step) for step in range(900)]
    assert {"p300", "p600", "p900"} <= set(found.params)


def test_a_run_that_is_purged_while_it_logs_ends_well_and_leaves_no_row(home: Home, tmp_path: Path) -> None:
    with training(tmp_path) as run:
        assert run.log(300) == "300 True"
        store = open_store(home=home)
        store.delete(PART, run.name, force=True)
        store.purge(PART, run.name)
        assert [run.log(300), run.log(300)] == ["600 True", "900 True"]
        assert rows(home) == {}
        said = run.end()
    assert said.count("was removed for good. What it goes on to log is not kept.") == 1
    assert "Traceback" not in said
    with pytest.raises(NotFound):
        store.get_component(run.name)
    assert rows(home) == {}
    assert list(home.journals.iterdir()) == []


def test_a_purged_run_whose_process_is_killed_does_not_come_back(home: Home, tmp_path: Path) -> None:
    with training(tmp_path) as run:
        run.log(300)
        store = open_store(home=home)
        store.delete(PART, run.name, force=True)
        store.purge(PART, run.name)
        run.process.kill()
        run.process.wait(20)
        until = time.monotonic() + 10
        while list(home.journals.iterdir()) and time.monotonic() < until:
            recover_journals(store, home)
        assert list(home.journals.iterdir()) == []
        assert rows(home) == {}
