"""What the panel adds to JupyterLab's start, measured in a real browser: at most 60 KB in at most 4 requests."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.store.home import Home

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
MAX_BYTES = 60_000
MAX_REQUESTS = 4
SERVED = re.compile(r"\] 200 GET (/lab/extensions/mlstudio/static/[^ ?]+)")
CHROMIUM = os.environ.get("CHROMIUM_BIN") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@pytest.fixture
def lab(tmp_path: Path, home: Home, bundle: Path) -> Iterator[tuple[str, Path]]:
    """A JupyterLab of its own on loopback: its address, and the log of its requests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "lab.log"
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ip=127.0.0.1", "--no-browser"]
    options += ["--allow-root", "--debug", f"--ServerApp.root_dir={tmp_path}", "--IdentityProvider.token=start"]
    environment = {**os.environ, "HOME": str(tmp_path), "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces")}
    with log.open("wb") as output:
        command = [sys.executable, "-m", "jupyterlab", *options]
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=tmp_path, env=environment)
    try:
        wait_for(lambda: b"is running at" in log.read_bytes(), 60, log)
        yield f"http://127.0.0.1:{port}/lab?token=start&reset", log
    finally:
        process.terminate()
        process.wait(20)


def wait_for(condition: object, seconds: float, log: Path) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until, log.read_text(errors="replace")[-3000:]
        time.sleep(0.2)


def test_the_panel_adds_little_to_the_start_of_jupyterlab(lab: tuple[str, Path], bundle: Path, tmp_path: Path) -> None:
    address, log = lab
    command = [CHROMIUM, *FLAGS.split(), f"--user-data-dir={tmp_path / 'chromium'}", address]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        # Lab asks for its sessions when it has restored its layout: the start is over.
        wait_for(lambda: b"200 GET /api/sessions" in log.read_bytes(), 90, log)
        time.sleep(3)
    finally:
        browser.terminate()
        browser.wait(20)

    asked = list(dict.fromkeys(SERVED.findall(log.read_text(errors="replace"))))
    sizes = {path: (bundle / "static" / path.rpartition("/")[2]).stat().st_size for path in asked}
    assert asked, "JupyterLab never loaded the panel"
    assert len(asked) <= MAX_REQUESTS, sizes
    assert sum(sizes.values()) <= MAX_BYTES, sizes
