"""The log of a run that `mlstudio run` started: written while it goes on, read by absolute offset.

It lies in the segments that jobs use, below the home under the component's uid: the beginning and the end of what
was printed, with a count of what was dropped between. Every line is with the kernel when it was read from the
program, so no end of a process loses it.

Reads: `store.run_logs`, the segments. Knows nothing of: HTTP, how the program runs.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.jobs.client import read_log
from mlstudio.jobs.logs import CHUNK, LogChunk, marker, read_chunk, read_shown, total_bytes
from mlstudio.store.home import Home, default_home
from mlstudio.store.laws import Store
from mlstudio.store.opening import open_store
from mlstudio.store.run_logs import folder_of

OUTPUT: Final = "output"
"""Stands where the host of a job stands: both streams of the program, in the order of their lines."""
_JOB: Final = ":job/"
_EMPTY: Final = Path("/dev/null")


def read_run_log(
    name: str, *, offset: int = 0, limit: int = CHUNK, store: Store | None = None, home: Home | None = None
) -> LogChunk:
    """Read the log of a run, secrets masked; a negative offset counts from the end.

    Args:
        name: of the trial component.
        offset: first byte.
        limit: bytes at most.
        store: where the component is; default the environment's.
        home: where the log is; default the environment's.

    Returns:
        An empty chunk at the end, and for a component whose output was not kept.

    Raises:
        NotFound: there is no such component.
    """
    record = (store or open_store()).get_component(name, most=0)
    return read_shown(_folder(record, home), OUTPUT, offset=offset, limit=limit)


def read_component_log(name: str, *, offset: int = 0, limit: int = CHUNK, store: Store | None = None) -> LogChunk:
    """Read the log of a component: its job's where it is a job's, else its own; as `read_run_log`.

    Raises:
        NotFound: there is no such component.
    """
    opened = store or open_store()
    record = opened.get_component(name, most=0)
    job = (record.source_arn or "").partition(_JOB)[2]
    if job:
        with contextlib.suppress(NotFound):  # the job was removed
            return read_log(job, offset=offset, limit=limit, store=opened)
    return read_run_log(name, offset=offset, limit=limit, store=opened)


def run_log_size(record: ComponentRecord, home: Home | None = None) -> int:
    """Return how many bytes the log of a run has now. Cheap."""
    return total_bytes(_folder(record, home), OUTPUT)


def save_log(folder: Path, target: Path) -> bool:
    """Write what is kept of a log into one file, with a line where bytes were dropped; tells whether there is any.

    Raises:
        OSError: the file cannot be written.
    """
    offset = 0
    with target.open("wb") as file:
        while (chunk := read_chunk(folder, OUTPUT, offset=offset)).data:
            file.write((marker(chunk.dropped) if chunk.dropped else b"") + chunk.data)
            offset = chunk.next_offset
    return offset > 0


def _folder(record: ComponentRecord, home: Home | None) -> Path:
    return folder_of(home or default_home(), record.uid) or _EMPTY
