"""``mlstudio schedules``: list, add, rm, run, enable, disable."""

from __future__ import annotations

import argparse
from pathlib import Path

from mlstudio.cli.jobs_actions import pairs_of
from mlstudio.cli.output import Subparsers, add_json, as_json, table, when
from mlstudio.cli.run_job import exit_code
from mlstudio.entities.job_requests import CronQuery, JobFromFile, ScheduleFromFile
from mlstudio.entities.jobs import ExperimentConfig
from mlstudio.entities.schedules import ScheduleUpdate
from mlstudio.entities.secrets_jobs import masked_schedules
from mlstudio.entities.wire import read_param


def register(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    parser = commands.add_parser("schedules", help="jobs that run again and again: list, add, switch on and off")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    listing = verbs.add_parser("list", help="list schedules by name")
    add_json(listing)
    listing.set_defaults(handler=_list)

    _register_add(verbs.add_parser("add", help="run a script or notebook by cron; its code is copied now"))

    run = verbs.add_parser("run", help="submit its job once, now")
    run.add_argument("name")
    run.add_argument("-f", "--follow", action="store_true", help="print the log; exit as the job did")
    run.set_defaults(handler=_run)

    remove = verbs.add_parser("rm", help="remove a schedule; its jobs stay")
    remove.add_argument("name")
    remove.set_defaults(handler=_remove)

    for verb, enabled in (("enable", True), ("disable", False)):
        switch = verbs.add_parser(verb, help=f"switch a schedule {'on' if enabled else 'off'}")
        switch.add_argument("name")
        switch.set_defaults(handler=_switch, enabled=enabled)


def _register_add(add: argparse.ArgumentParser) -> None:
    add.add_argument("name", help="of the schedule; its jobs are named after it")
    add.add_argument("--cron", required=True, metavar="CRON", help='minute hour day month weekday, such as "0 3 * * *"')
    add.add_argument("--timezone", default="", metavar="ZONE", help="such as Europe/Berlin (default: the host's)")
    add.add_argument("--catch-up", action="store_true", help="run once, late, for times that were missed")
    add.add_argument("--keep", type=int, default=30, metavar="N", help="how many ended jobs are kept (default 30)")
    add.add_argument("--with-folder", action="store_true", help="copy the whole folder of the file")
    add.add_argument(
        "--kernel", metavar="NAME", help="kernelspec that runs it (default: the notebook's own, this Python)"
    )
    add.add_argument("--instance-type", default="local", metavar="TYPE")
    add.add_argument("--experiment", metavar="NAME", help="where its runs are recorded")
    add.add_argument("--param", action="append", default=[], metavar="KEY=VALUE", help="of a notebook; may be repeated")
    add.add_argument("--env", action="append", default=[], metavar="KEY=VALUE", help="may be repeated")
    add.add_argument("file", help="a .py, .sh or .ipynb file")
    add.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…", help="its arguments")
    add.set_defaults(handler=_add)


def _list(args: argparse.Namespace) -> int:
    from mlstudio.store import open_store

    found = masked_schedules(open_store().schedules())
    if args.json:
        print(as_json(found))
    elif not found.items:
        print("No schedules.")
    else:
        rows = [
            (one.name, one.cron, one.timezone or "host", when(one.next_at), one.runs, one.last_error or one.last_job)
            for one in found.items
        ]
        print(table(("schedule", "cron", "zone", "next", "runs", "last"), rows))
    return 0


def _add(args: argparse.Namespace) -> int:
    from mlstudio.jobs import schedules
    from mlstudio.jobs.cells.submit import make_places
    from mlstudio.jobs.cron import explained
    from mlstudio.jobs.from_file import installed_kernels
    from mlstudio.store import open_store

    told = explained(CronQuery(cron=args.cron, timezone=args.timezone))
    make_places(open_store(), args.experiment, None)
    job = JobFromFile(
        path=args.file,
        with_folder=args.with_folder,
        interpreter=args.kernel,
        parameters={key: read_param(text) for key, text in pairs_of(args.param, "--param").items()},
        arguments=list(args.arguments),
        environment=pairs_of(args.env, "--env"),
        instance_type=args.instance_type,
        experiment_config=ExperimentConfig(experiment_name=args.experiment),
    )
    wanted = ScheduleFromFile(
        name=args.name, cron=args.cron, timezone=args.timezone, catch_up=args.catch_up, keep=args.keep, job=job
    )
    made = schedules.create_from_file(wanted, Path(args.file).absolute(), installed_kernels)
    print(f"{made.name}: {told.text}; next {when(made.next_at)}")
    return 0


def _run(args: argparse.Namespace) -> int:
    from mlstudio.jobs import schedules

    job = schedules.run_now(args.name)
    if args.follow:
        return exit_code(job.stream())
    print(job.name)
    return 0


def _remove(args: argparse.Namespace) -> int:
    from mlstudio.jobs import schedules

    schedules.delete(args.name)
    return 0


def _switch(args: argparse.Namespace) -> int:
    from mlstudio.jobs import schedules

    made = schedules.update(args.name, ScheduleUpdate(enabled=args.enabled))
    print(f"{made.name}: next {when(made.next_at)}" if made.enabled else f"{made.name}: off")
    return 0
