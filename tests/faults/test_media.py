"""A process that is killed while it logs media loses none that returned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home
from mlstudio.store.laws_around import MediaStore
from mlstudio.store.recover import recover_journals

PROGRAM = """
import numpy as np, mlstudio
run = mlstudio.run("e", "r", capture=False)
noise = np.random.default_rng(0)
for step in range(100_000):
    run.image("noise", noise.integers(0, 256, (16, 16, 3), dtype=np.uint8), step=step)
    print(step, flush=True)
"""


@pytest.mark.parametrize("after", [1, 17])
def test_media_that_returned_survive_kill_9(home: Home, after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdout is not None
        last = -1
        for line in process.stdout:
            last = int(line)
            if last >= after:
                break
        process.send_signal(signal.SIGKILL)
        last = max([last, *map(int, process.stdout)])
    store = open_store()
    assert isinstance(store, MediaStore)
    recover_journals(store, home)
    found, cursor = [], None
    while True:
        page = store.media("e-r", limit=500, cursor=cursor)
        found, cursor = found + page.items, page.next
        if cursor is None:
            break
    assert [item.step for item in found[: last + 1]] == list(range(last + 1))
    assert store.get_component("e-r").status == "Failed"
    blobs = BlobStore(home.artifacts)
    for item in found:
        sha256 = store.artifact(item.artifact_uid).sha256
        assert sha256 is not None
        assert blobs.size(sha256) == item.size
