"""``mlstudio jobs rerun | gc | priority``: what is done to jobs beyond looking and stopping."""

from __future__ import annotations

import argparse

from mlstudio.cli.output import Subparsers
from mlstudio.cli.run_job import exit_code
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_requests import DeleteFinished, JobChanges
from mlstudio.entities.wire import read_param

DAY = 86400.0


def register(verbs: Subparsers) -> None:
    """Add the verbs."""
    rerun = verbs.add_parser("rerun", help="run a job once more, with changes; its code is as it ran then")
    rerun.add_argument("name")
    rerun.add_argument("--as", dest="new_name", metavar="NAME", help="name of the new job")
    rerun.add_argument(
        "--hp", action="append", default=[], metavar="KEY=VALUE", help="may be repeated; KEY= removes it"
    )
    rerun.add_argument(
        "--env", action="append", default=[], metavar="KEY=VALUE", help="may be repeated; KEY= removes it"
    )
    rerun.add_argument("--param", action="append", default=[], metavar="KEY=VALUE", help="of a notebook")
    rerun.add_argument("--instance-type", metavar="TYPE")
    rerun.add_argument("-f", "--follow", action="store_true", help="print the log; exit as the job did")
    rerun.set_defaults(handler=_rerun)

    collect = verbs.add_parser("gc", help="remove ended jobs with their folders; their trial components stay")
    collect.add_argument("--status", choices=["Completed", "Failed", "Stopped"])
    collect.add_argument("--schedule", metavar="NAME", help="only jobs of this schedule")
    collect.add_argument("--older-than", type=float, metavar="DAYS", help="only jobs that ended so long ago")
    collect.set_defaults(handler=_collect)

    move = verbs.add_parser("priority", help="move a waiting job in the queue; higher goes first")
    move.add_argument("name")
    move.add_argument("priority", type=int, help="-100 to 100")
    move.set_defaults(handler=_priority)


def pairs_of(words: list[str], option: str) -> dict[str, str]:
    """Cut ``key=value`` words. Raises: InvalidField."""
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not key or not equals:
            raise InvalidField(f"{option} {word!r:.100} is not KEY=VALUE.", field=option)
        found[key] = value
    return found


def _rerun(args: argparse.Namespace) -> int:
    from mlstudio import jobs

    hyperparameters = {key: read_param(text) if text else None for key, text in pairs_of(args.hp, "--hp").items()}
    environment = {key: text or None for key, text in pairs_of(args.env, "--env").items()}
    changes = JobChanges(
        name=args.new_name,
        hyperparameters=hyperparameters or None,
        environment=environment or None,
        parameters={key: read_param(text) for key, text in pairs_of(args.param, "--param").items()} or None,
        instance_type=args.instance_type,
    )
    job = jobs.rerun(args.name, changes)
    if not args.follow:
        print(job.name)
        return 0
    return exit_code(job.stream())


def _collect(args: argparse.Namespace) -> int:
    from mlstudio import jobs

    older = None if args.older_than is None else max(0.0, args.older_than) * DAY
    done = jobs.delete_finished(DeleteFinished(status=args.status, schedule=args.schedule, older_than=older))
    print(f"{done.deleted} jobs removed, {done.freed / 2**20:.1f} MiB freed.")
    return 0


def _priority(args: argparse.Namespace) -> int:
    from mlstudio import jobs

    if not -100 <= args.priority <= 100:
        raise InvalidField(f"{args.priority} is no priority.", field="priority", hint="Use -100 to 100.")
    record = jobs.set_priority(args.name, args.priority)
    print(f"{record.name}: priority {record.priority}")
    return 0
