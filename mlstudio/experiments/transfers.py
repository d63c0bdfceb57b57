"""`mlstudio.import_runs` and `mlstudio.export_runs`: in and out, in one call each.

mlstudio.import_runs("mlflow", "mlflow.db")
mlstudio.export_runs("parquet", "runs.parquet", 'experiment = "digits"')
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.transfers import ExportFormat, ExportRequest, ImportRequest, SourceKind, TransferReport

if TYPE_CHECKING:
    from mlstudio.experiments.importers.tally import Progress, Stop

KINDS: tuple[SourceKind, ...] = ("mlflow", "tensorboard", "wandb", "smexperiments")
FORMATS: tuple[ExportFormat, ...] = ("csv", "parquet", "mlflow")


def import_runs(
    kind: SourceKind,
    source: str | os.PathLike[str],
    *,
    experiment: str | None = None,
    artifact_roots: Sequence[str | os.PathLike[str]] = (),
    dry_run: bool = False,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> TransferReport:
    """Bring runs in from MLflow, TensorBoard, W&B or smexperiments; the same run twice is once.

    Args:
        kind: ``mlflow``, ``tensorboard``, ``wandb`` or ``smexperiments``.
        source: a folder or file of theirs; for MLflow also ``sqlite:///mlflow.db``.
        experiment: put everything into this one; None: the source's own names.
        artifact_roots: folders, besides the source's own, from which artifacts may be copied.
        dry_run: count, and write nothing.
        progress: called with runs done, runs in all, and a few words.
        stop: asked between runs; True ends the import, what came in stays.

    Returns:
        What came in, and what could not be carried and why.

    Raises:
        InvalidField: no such kind, or what is at `source` cannot be read as one.
        NotFound: there is nothing at `source`.
    """
    from mlstudio.experiments.importers import run_import

    _one_of(kind, KINDS, "kind")
    request = ImportRequest(
        kind=kind,
        source=os.fspath(source),
        experiment=experiment,
        artifact_roots=[os.fspath(root) for root in artifact_roots],
        dry_run=dry_run,
    )
    return run_import(request, progress=progress, stop=stop)


def export_runs(
    format: ExportFormat,
    destination: str | os.PathLike[str],
    query: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> TransferReport:
    """Take runs out: to a CSV or Parquet file, or to a folder that MLflow opens.

    Args:
        format: ``csv``, ``parquet`` or ``mlflow``.
        destination: the file, or the new folder, to write.
        query: a search in our text language, with its own order and limit; None: every run.
        columns: column keys (``params.lr``, ``metrics.loss.min``); None: every column there is.
        progress: called with rows done, rows in all, and a few words.
        stop: asked between steps; True ends the export and removes what was written.

    Raises:
        InvalidField: no such format, or the destination cannot be written.
        BadQuery: the search or a column cannot be read.
    """
    from mlstudio.experiments.exporters import run_export

    _one_of(format, FORMATS, "format")
    request = ExportRequest(format=format, where=query, columns=None if columns is None else list(columns))
    return run_export(request, Path(destination), progress=progress, stop=stop)


def _one_of(value: object, known: Sequence[str], field: str) -> None:
    if value not in known:
        raise InvalidField(f"{str(value)[:60]!r} is none of {', '.join(known)}.", field=field)
