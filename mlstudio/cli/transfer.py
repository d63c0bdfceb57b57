"""``mlstudio import`` and ``mlstudio export``: runs from elsewhere, and for elsewhere."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from mlstudio.cli.output import Subparsers, add_json, as_json, plain
from mlstudio.entities.transfers import ExportRequest, ImportRequest, TransferReport

IMPORT_EXAMPLES = """\
examples:
  mlstudio import mlflow mlflow.db                  a database, mlruns, or the folder that holds one
  mlstudio import tensorboard runs --dry-run        look first
  mlstudio import wandb wandb --experiment words    all of it into one experiment
"""
EXPORT_EXAMPLES = """\
examples:
  mlstudio export parquet 'experiment = "digits"' digits.parquet
  mlstudio export csv 'metrics.loss < 0.3 order by params.lr' best.csv
  mlstudio export mlflow '' mlruns
"""


def register(commands: Subparsers) -> None:
    """Add the two commands."""
    raw = argparse.RawDescriptionHelpFormatter
    bring = commands.add_parser(
        "import", help="bring runs in from MLflow, TensorBoard or W&B", epilog=IMPORT_EXAMPLES, formatter_class=raw
    )
    bring.add_argument("kind", choices=("mlflow", "tensorboard", "wandb", "smexperiments"))
    bring.add_argument("source", help="a folder or file of theirs; for MLflow also sqlite:///mlflow.db")
    bring.add_argument("--experiment", metavar="NAME", help="put everything into this experiment")
    bring.add_argument(
        "--artifacts",
        metavar="DIR",
        action="append",
        default=[],
        help="another folder from which artifacts may be copied; may be repeated",
    )
    bring.add_argument("--dry-run", action="store_true", help="count, and write nothing")
    add_json(bring)
    bring.set_defaults(handler=_import)

    take = commands.add_parser(
        "export", help="take runs out as CSV, Parquet or MLflow", epilog=EXPORT_EXAMPLES, formatter_class=raw
    )
    take.add_argument("format", choices=("csv", "parquet", "mlflow"))
    take.add_argument("query", help="a search with its own order and limit; '' is every run")
    take.add_argument("destination", type=Path, help="the file, or the new folder, to write")
    take.add_argument("--columns", metavar="KEYS", help="comma-separated: name,params.lr,metrics.loss.min")
    add_json(take)
    take.set_defaults(handler=_export)


def _import(args: argparse.Namespace) -> int:
    from mlstudio.experiments.importers import run_import

    request = ImportRequest(
        kind=args.kind,
        source=args.source,
        experiment=args.experiment,
        artifact_roots=args.artifacts,
        dry_run=args.dry_run,
    )
    with Progress() as progress:
        report = run_import(request, progress=progress)
    print(as_json(report) if args.json else summary(report, "would come in" if args.dry_run else "came in"))
    return 0


def _export(args: argparse.Namespace) -> int:
    from mlstudio.experiments.exporters import run_export

    columns = [key.strip() for key in args.columns.split(",") if key.strip()] if args.columns else None
    request = ExportRequest(format=args.format, where=args.query or None, columns=columns)
    with Progress() as progress:
        report = run_export(request, args.destination, progress=progress)
    print(as_json(report) if args.json else summary(report, f"written to {args.destination}"))
    return 0


class Progress:
    """One line on a terminal's stderr that is written over; nothing where stderr is no terminal."""

    def __init__(self) -> None:
        self._shown = 0
        self._at = 0.0
        self._live = sys.stderr.isatty()

    def __call__(self, done: int, total: int | None, message: str) -> None:
        now = time.monotonic()
        if not self._live or (now - self._at < 0.1 and done != total):
            return
        self._at = now
        line = f"{done} of {total}  {plain(message)[:60]}" if total is not None else f"{done}  {plain(message)[:60]}"
        print(f"\r{line.ljust(self._shown)}", end="", file=sys.stderr, flush=True)
        self._shown = len(line)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print(f"\r{' ' * self._shown}\r", end="", file=sys.stderr, flush=True)


def summary(report: TransferReport, what: str) -> str:
    """Return a report as a person reads it: what happened, what was left behind, what to know."""
    counts = {
        "runs": report.runs,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "points": report.points,
        "parameters": report.params,
        "artifacts": report.artifacts,
        "media": report.media,
    }
    said = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count or word == "runs")
    lines = [f"{said} {what} in {report.seconds:.1f} s."]
    if report.bytes:
        lines.append(f"{report.bytes / 1e6:,.1f} MB of files.")
    if report.experiments:
        lines.append(f"Experiments: {', '.join(report.experiments[:20])}{' …' if len(report.experiments) > 20 else ''}")
    if report.skipped:
        lines.append("Left behind:")
        lines += [
            f"  {one.what}: {one.why}" + (f" ({one.count:,} times)" if one.count > 1 else "") for one in report.skipped
        ]
    lines += report.notes
    return plain("\n".join(lines))
