"""A disk that is soon full: a small tmpfs, for tests of what happens then."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotMount(RuntimeError):
    """This process may not mount file systems; the message says what was tried."""


@contextmanager
def small_disk(folder: Path, *, megabytes: int = 2) -> Iterator[Path]:
    """Mount a tmpfs of so many MiB on a new folder, and unmount it afterwards.

    Raises:
        CannotMount: no permission to mount here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError as error:
        raise CannotMount(f"mount cannot be run: {error}") from error
    if done.returncode:
        raise CannotMount(f"{' '.join(command)}: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, timeout=30, check=False)
