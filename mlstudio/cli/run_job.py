"""``mlstudio run --instance-type T … script.py args``: the script as a job, followed to its end.

The job outlives this terminal. Its log is printed as it comes; the exit code is the job's.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mlstudio.cli.run_arguments import parameters
from mlstudio.entities.errors import InvalidField, StudioError
from mlstudio.entities.experiments import ComponentUpdate
from mlstudio.entities.jobs import ExperimentConfig, JobRecord, JobSpec, MetricDefinition
from mlstudio.entities.names import timestamped_name


def register(parser: argparse.ArgumentParser) -> None:
    """Add the options by which `run` submits a job instead of starting the script itself."""
    group = parser.add_argument_group("as a job")
    group.add_argument(
        "--instance-type", metavar="TYPE", help="run as a job on this size, such as ml.m5.large or local"
    )
    group.add_argument(
        "--source-dir", metavar="PATH", help="folder that is copied as the job's code (default: the script)"
    )
    group.add_argument("--detach", action="store_true", help="print the job's name and return at once")


def run_as_job(args: argparse.Namespace, experiment: str, metrics: list[MetricDefinition], tags: dict[str, str]) -> int:
    """Submit the script and follow it; return the job's exit code.

    Raises:
        InvalidField: it is no file that a job can run, and as `jobs.submit`.
    """
    from mlstudio import jobs
    from mlstudio.jobs.cells.submit import make_places
    from mlstudio.store import open_store

    script = Path(args.script)
    if args.module or not script.is_file():
        raise InvalidField(f"{args.script!r:.200} is no script.", field="script", hint="A job runs a file.")
    folder = Path(args.source_dir) if args.source_dir else script
    entry = script.resolve().relative_to(folder.resolve()) if _within(script, folder) else script
    if args.source_dir and entry.is_absolute():
        raise InvalidField(f"{args.script} does not lie in {args.source_dir}.", field="source_dir")
    store = open_store()
    make_places(store, experiment, None)
    spec = JobSpec(
        name=timestamped_name(args.name or script.stem),
        entry_point=str(entry) if args.source_dir else script.name,
        source_dir=str(folder.absolute()),
        interpreter=sys.executable,
        arguments=list(args.arguments),
        instance_type=args.instance_type,
        metric_definitions=metrics,
        tags=tags,
        experiment_config=ExperimentConfig(experiment_name=experiment, trial_component_display_name=args.name),
    )
    job = jobs.submit(spec)
    _keep_parameters(job.record(), args.arguments)
    if args.detach:
        print(job.name)
        return 0
    print(f"mlstudio: job {job.name} of {experiment}", file=sys.stderr, flush=True)
    try:
        return exit_code(job.stream())
    except KeyboardInterrupt:
        print(f"\nmlstudio: job {job.name} runs on; mlstudio jobs stop {job.name} ends it.", file=sys.stderr)
        raise


def exit_code(record: JobRecord) -> int:
    """Return what a shell is told of a job that has ended: its exit code; 128 and the signal's number for a signal."""
    code = record.exit_code
    if code is None or (code == 0 and record.status != "Completed"):
        return int(record.status != "Completed")
    return code if code >= 0 else 128 - code


def _within(script: Path, folder: Path) -> bool:
    return folder.is_dir() and script.resolve().is_relative_to(folder.resolve())


def _keep_parameters(record: JobRecord, words: list[str]) -> None:
    from mlstudio.store import open_store

    found = parameters(words)
    if not found:
        return
    try:
        open_store().update_component(record.trial_component, ComponentUpdate(params=dict(found)))
    except StudioError as error:  # the job runs all the same
        print(f"mlstudio: its parameters are not recorded: {error.message}", file=sys.stderr)
