"""One import, from a request to a report: which reader, one at a time, whatever happens.

Only one import runs in a home at a time: two imports of the same source would bring each run twice.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlstudio.entities.errors import NotFound
from mlstudio.entities.transfers import ImportRequest, TransferReport
from mlstudio.experiments.importers.found import Source
from mlstudio.experiments.importers.tally import Progress, Stop, Stopped, Tally
from mlstudio.store.home import default_home

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

_LOOK_AGAIN: Final = 0.2


def run_import(
    request: ImportRequest, *, store: Store | None = None, progress: Progress | None = None, stop: Stop | None = None
) -> TransferReport:
    """Bring runs in from elsewhere; the same run twice is once.

    Args:
        request: from where, into what.
        store: default: this process's.
        progress: called with runs done, runs in all, and a few words.
        stop: asked between runs; True ends the import, what was written stays.

    Returns:
        What came in, and what could not be carried and why.

    Raises:
        NotFound: there is nothing at the source.
        InvalidField: what is there is no such source, or too new to be understood.
        StudioError: the store refuses (full, busy, damaged).
    """
    from mlstudio.experiments.importers.landing import Landing

    if store is None:
        from mlstudio.store import open_store

        store = open_store()
    tally = Tally(progress, stop)
    source: Source | None = None
    try:
        with one_at_a_time(tally):
            source = open_source(request, tally)
            candidates = source.candidates()
            landing = Landing(
                store,
                request.kind,
                tally,
                experiment=request.experiment,
                described=source.experiments(),
                dry_run=request.dry_run,
            )
            landing.land(candidates)
    except Stopped:
        tally.note("The import was stopped; what had come in stays. Import again to go on.")
    finally:
        if source is not None:
            source.close()
    if request.dry_run:
        tally.note("Nothing was written: this was a rehearsal.")
    return tally.report()


def open_source(request: ImportRequest, tally: Tally) -> Source:
    """Return the reader of a request's kind. Raises: NotFound, InvalidField."""
    where = request.source
    if request.kind == "mlflow":
        from mlstudio.experiments.importers.mlflow import open_mlflow

        return open_mlflow(where, tally, request.artifact_roots)
    path = Path(where).expanduser()
    if not path.exists():
        raise NotFound(f"There is nothing at {where}.", field="source")
    if request.kind == "tensorboard":
        from mlstudio.experiments.importers.tensorboard import TensorBoardSource

        return TensorBoardSource(path, tally)
    if request.kind == "wandb":
        from mlstudio.experiments.importers.wandb import WandbSource

        return WandbSource(path, tally)
    from mlstudio.experiments.importers.smexperiments import SmexperimentsSource

    return SmexperimentsSource(path, tally)


@contextmanager
def one_at_a_time(tally: Tally) -> Iterator[None]:
    """Wait until no other import runs in this home. Raises: Stopped, while waiting."""
    home = default_home()
    home.ensure()
    handle = os.open(home.root / "import.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                tally.tell("waiting for another import")
                time.sleep(_LOOK_AGAIN)
        yield
    finally:
        os.close(handle)
