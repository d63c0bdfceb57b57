"""Imports and exports as tasks of the server.

A source is a path of the server's machine, read with the rights of the server's user; the routes
demand the action execute for it. Sources are files and SQLite databases only: the server opens no
connection because of what a client sent.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.transfers import ExportRequest, ImportRequest, TaskRecord, TransferReport
from mlstudio.server.parse import condition
from mlstudio.server.tasks import Control, check_destination

if TYPE_CHECKING:
    from mlstudio.server.studio import Studio

SUFFIXES: Final = {"csv": ".csv", "parquet": ".parquet"}


def begin_import(studio: Studio, request: ImportRequest) -> TaskRecord:
    """Start an import.

    Raises:
        InvalidField: the source is no absolute path of this machine.
        TooMany: enough tasks wait already.
    """
    check_source(request.source)
    for root in request.artifact_roots:
        check_source(root, field="artifact_roots")

    def work(control: Control) -> TransferReport:
        from mlstudio.experiments.importers import run_import

        return run_import(request, store=studio.store(), progress=control.progress, stop=control.stopping)

    what = "Look at" if request.dry_run else "Import"
    return studio.tasks.start("import", f"{what} {request.kind}: {request.source}", work)


def begin_export(studio: Studio, request: ExportRequest) -> TaskRecord:
    """Start an export.

    Raises:
        BadQuery: the condition cannot be read.
        InvalidField: the destination cannot be written to, or is missing for MLflow.
        TooMany: enough tasks wait already.
    """
    condition(request.where)
    target = None if request.destination is None else check_destination(request.destination, studio.home.root)
    if target is None and request.format not in SUFFIXES:
        raise InvalidField(
            "An export to MLflow is a folder and needs a place.", field="destination", hint="Name a new folder."
        )
    name = request.scope.trial or request.scope.experiment or "mlstudio"

    def work(control: Control) -> TransferReport:
        from mlstudio.experiments.exporters import run_export

        path = target or control.file(name + SUFFIXES[request.format])
        return run_export(request, path, store=studio.store(), progress=control.progress, stop=control.stopping)

    where = f" to {target}" if target else ""
    return studio.tasks.start("export", f"Export {name} as {request.format}{where}", work)


def check_source(text: str, *, field: str = "source") -> None:
    """Raise InvalidField unless `text` is an absolute path, or the URL of a file or a SQLite database."""
    path = text
    for scheme in ("sqlite:///", "file://"):
        path = path.removeprefix(scheme)
    if "\0" in text or "://" in path:
        raise InvalidField(
            "The server reads folders, files and SQLite databases of its own machine only.",
            field=field,
            hint="For another database, run `mlstudio import` in a terminal.",
        )
    if not Path(path).is_absolute():
        raise InvalidField("The path is not absolute.", field=field, hint="Begin it with /; ~ is not read.")
