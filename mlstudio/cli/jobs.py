"""``mlstudio jobs``: list, show, logs, stop, rm; `jobs_actions` has the rest."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Final

from mlstudio.cli import jobs_actions
from mlstudio.cli.output import Subparsers, add_json, as_json, duration, pairs, table, when
from mlstudio.entities.jobs import JobListRequest, StopRequest
from mlstudio.entities.secrets_jobs import masked_job, masked_page
from mlstudio.entities.status import ENDED

FOLLOW_SECONDS: Final = 0.2


def register(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    parser = commands.add_parser("jobs", help="training jobs: list, look, follow, stop")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    listing = verbs.add_parser("list", help="list jobs, newest first")
    listing.add_argument("--status", choices=["InProgress", "Completed", "Failed", "Stopping", "Stopped"])
    listing.add_argument("--experiment", metavar="NAME")
    listing.add_argument("--limit", type=int, default=50, help="how many at most, 1 to 1000 (default 50)")
    add_json(listing)
    listing.set_defaults(handler=_list)

    show = verbs.add_parser("show", help="show one job; secrets in its environment are hidden")
    show.add_argument("name")
    add_json(show)
    show.set_defaults(handler=_show)

    logs = verbs.add_parser("logs", help="print the log; with -f until the job ends")
    logs.add_argument("name")
    logs.add_argument("-f", "--follow", action="store_true", help="go on until the job ends; exit as the job did")
    logs.add_argument("--host", default="algo-1", help="which host of the job (default algo-1)")
    logs.set_defaults(handler=_logs)

    stop = verbs.add_parser("stop", help="stop a job: SIGTERM, then SIGKILL after the grace")
    stop.add_argument("name")
    stop.add_argument("--grace", type=float, default=120.0, metavar="SECONDS", help="0 to 3600 (default 120)")
    stop.add_argument("--wait", action="store_true", help="return when it has ended")
    stop.set_defaults(handler=_stop)

    remove = verbs.add_parser("rm", help="remove an ended job; its trial component stays")
    remove.add_argument("name")
    remove.set_defaults(handler=_remove)
    jobs_actions.register(verbs)


def _list(args: argparse.Namespace) -> int:
    from mlstudio import jobs

    limit = min(max(args.limit, 1), 1000)
    page = jobs.list(JobListRequest(status=args.status, experiment=args.experiment, limit=limit))
    if args.json:
        print(as_json(masked_page(page)))
    elif not page.items:
        print("No jobs.")
    else:
        rows = [
            (job.name, job.status, job.secondary, duration(job.started_at, job.ended_at), when(job.created_at))
            for job in page.items
        ]
        print(table(("job", "status", "now", "took", "created"), rows))
    return 0


def _show(args: argparse.Namespace) -> int:
    from mlstudio import jobs

    record = masked_job(jobs.get(args.name).record())
    if args.json:
        print(as_json(record))
        return 0
    spec = record.spec
    print(
        pairs(
            {
                "job": record.name,
                "status": f"{record.status} ({record.secondary})",
                "why": record.failure_reason or record.status_message,
                "exit code": record.exit_code,
                "created": when(record.created_at),
                "took": duration(record.started_at, record.ended_at),
                "experiment": spec.experiment_config.experiment_name,
                "trial": spec.experiment_config.trial_name,
                "component": record.trial_component,
                "runs": f"{spec.entry_point} of {spec.source_dir}",
                "on": f"{spec.instance_count} × {spec.instance_type}",
                "parameters": "  ".join(f"{key}={value}" for key, value in sorted(spec.hyperparameters.items())),
                "environment": "  ".join(f"{key}={value}" for key, value in sorted(spec.environment.items())),
                "model": record.model_artifact,
                "folder": record.run_dir,
                "log": f"{record.log_bytes:,} bytes",
                "log, dropped": f"{record.log_dropped:,} bytes" if record.log_dropped else None,
            }
        )
    )
    return 0


def _logs(args: argparse.Namespace) -> int:
    from mlstudio import jobs

    job = jobs.get(args.name)
    offset = 0
    while True:
        ended = job.record().status in ENDED  # read before the log: what came before the end is printed
        offset = _print_log(args.name, args.host, offset)
        if not args.follow:
            return 0
        if ended:
            record = job.record()
            return record.exit_code if record.exit_code is not None else int(record.status != "Completed")
        time.sleep(FOLLOW_SECONDS)


def _print_log(name: str, host: str, offset: int) -> int:
    from mlstudio import jobs

    while True:
        chunk = jobs.read_log(name, host=host, offset=offset)
        if chunk.data:
            sys.stdout.buffer.write(chunk.data)
            sys.stdout.buffer.flush()
        if chunk.next_offset <= offset:
            return offset
        offset = chunk.next_offset


def _stop(args: argparse.Namespace) -> int:
    from mlstudio import jobs

    jobs.stop(args.name, StopRequest(grace=min(max(args.grace, 0.0), 3600.0)))
    if args.wait:
        jobs.get(args.name).wait()
    print(f"{args.name}: {jobs.get(args.name).status}")
    return 0


def _remove(args: argparse.Namespace) -> int:
    from mlstudio import jobs

    jobs.delete(args.name)
    return 0
