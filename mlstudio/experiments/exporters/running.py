"""One export, from a request to a report: which writer, and a file that is whole or not there.

A file is written beside its place and renamed; a folder is made anew, or must be empty.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from mlstudio.entities.errors import InvalidField, StoreUnreachable
from mlstudio.entities.transfers import ExportRequest, TransferReport
from mlstudio.experiments.exporters.selection import pages
from mlstudio.experiments.importers.tally import Progress, Stop, Stopped, Tally
from mlstudio.store.journal_file import explain

if TYPE_CHECKING:
    from mlstudio.store.laws import Store


def run_export(
    request: ExportRequest,
    path: Path,
    *,
    store: Store | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> TransferReport:
    """Take rows out, into a file or, for MLflow, a folder.

    Args:
        request: which rows and columns, in which format.
        path: the file or folder to write; a file that is there is replaced at the end.
        store: default: this process's.
        progress: called with rows done, rows in all, and a few words.
        stop: asked between steps; True ends the export and removes what was written.

    Raises:
        BadQuery, NotFound: the search, a column or the scope is none.
        InvalidField: `path` cannot be written.
        DiskFull: there is no room.
    """
    if store is None:
        from mlstudio.store import open_store

        store = open_store()
    tally = Tally(progress, stop)
    try:
        if request.format == "mlflow":
            from mlstudio.experiments.exporters.mlflow import write_mlflow

            write_mlflow(store, request, path, tally)
        else:
            _write_file(store, request, path, tally)
    except Stopped:
        tally.note("The export was stopped; nothing was left behind.")
    except OSError as error:
        raise _unwritable(error, path) from error
    if request.scope.experiment is not None:
        tally.experiments[request.scope.experiment] = None
    return tally.report()


def _write_file(store: Store, request: ExportRequest, path: Path, tally: Tally) -> None:
    if path.is_dir():
        raise InvalidField(f"{path} is a folder.", field="destination", hint="Name a file.")
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    rows = pages(store, request, tally)
    try:
        part.touch(mode=0o600, exist_ok=False)
        if request.format == "csv":
            from mlstudio.experiments.exporters.csv_file import write_csv

            tally.runs = write_csv(rows, part)
        else:
            from mlstudio.experiments.exporters.parquet_file import write_parquet

            tally.runs = write_parquet(rows, part)
        tally.bytes = part.stat().st_size
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    """Return the umask; reading it means setting it."""
    present = os.umask(0o077)
    os.umask(present)
    return present


def _unwritable(error: OSError, path: Path) -> Exception:
    explained = explain(error, path)
    if isinstance(explained, StoreUnreachable):
        return InvalidField(f"{path} cannot be written: {error.strerror or error}.", field="destination")
    return explained
