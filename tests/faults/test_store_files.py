"""A store file that is damaged or from the future: training goes on, the server says why, nothing is lost."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mlstudio.entities.experiments import ComponentCreate, ListRequest
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.opening import close_all
from mlstudio.store.recover import recover_journals
from mlstudio.testing.server import running_server

TRAIN = """
import mlstudio
with mlstudio.run("study", "one") as run:
    for step in range(1000):
        mlstudio.log(loss=step, step=step)
print("trained")
"""


def corrupted_pages(path: Path) -> None:
    """Flip 1 % of the bytes of the second half."""
    data, generator = bytearray(path.read_bytes()), random.Random(7)
    for _ in range(len(data) // 100):
        data[generator.randrange(len(data) // 2, len(data))] ^= 0xFF
    path.write_bytes(data)


def newer_schema(path: Path) -> None:
    """Say that a later version made it."""
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.execute("UPDATE setting SET value = '9.9.9' WHERE key = 'made_by'")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("harm", "code", "words"),
    [
        (corrupted_pages, "store_damaged", "reading only"),
        (newer_schema, "store_too_new", "made by mlstudio 9.9.9, you have"),
    ],
)
def test_t10_t12_training_beside_a_store_that_cannot_be_written_keeps_everything_in_its_journal(
    home: Home, tmp_path: Path, harm: Callable[[Path], None], code: str, words: str
) -> None:
    store = open_store()
    for number in range(20):
        store.create_component(ComponentCreate(name=f"c{number}", params={"p": f"{number:05}" * 20_000}))
    store.close()
    harm(home.database)
    before = home.database.read_bytes()

    done = subprocess.run([sys.executable, "-c", TRAIN], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "trained\n"), done.stderr
    assert words in done.stderr, "it is said"
    assert "Traceback" not in done.stderr
    with running_server(home.root) as server:
        refused = server.request("POST", "/experiments", {"name": "e"})
        described = server.request("GET", "/openapi.json")
    assert (refused.status, refused.error["code"]) == (503, code)
    assert words in refused.error["message"]
    assert described.status == 200
    assert home.database.read_bytes() == before, "nothing was written into it"

    close_all()
    shutil.move(home.database, tmp_path / "set-aside.db")  # whoever moves it away, or repairs it, finds the run
    recover_journals(open_store(), home)
    (component,) = open_store().list_components(ListRequest()).items
    assert [(one.name, one.count, one.last) for one in component.metrics] == [("loss", 1000, 999.0)]
    assert component.status == "Completed"
    open_store().close()
