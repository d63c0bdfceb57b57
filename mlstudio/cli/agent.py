"""``mlstudio agent``: the process that runs jobs; it starts by itself when a job is submitted."""

from __future__ import annotations

import argparse

from mlstudio.cli.output import Subparsers, add_json, as_json, pairs


def register(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    parser = commands.add_parser("agent", help="the process that runs jobs: start, status, stop")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    start = verbs.add_parser("start", help="start the agent, if none runs")
    start.set_defaults(handler=_start)
    status = verbs.add_parser("status", help="say whether it runs; exit 1 when it does not")
    add_json(status)
    status.set_defaults(handler=_status)
    stop = verbs.add_parser("stop", help="stop the agent; running jobs go on, the next agent adopts them")
    stop.set_defaults(handler=_stop)


def _start(args: argparse.Namespace) -> int:
    from mlstudio.jobs.agent.ensure import ensure

    del args
    with ensure() as connection:
        print(f"The agent runs, pid {connection.agent.get('pid', 'unknown')}.")
    return 0


def _status(args: argparse.Namespace) -> int:
    from mlstudio.jobs.agent.ensure import status

    answer = status()
    found = {key: value for key, value in (answer or {}).items() if key != "ok"}
    if args.json:
        print(as_json({"running": answer is not None, **found}))
    elif answer is None:
        print("No agent runs. It starts by itself with the first job.")
    else:
        print(f"The agent runs.\n{pairs(found)}")
    return 0 if answer is not None else 1


def _stop(args: argparse.Namespace) -> int:
    from mlstudio.jobs.agent.ensure import stop_agent

    del args
    print("The agent has stopped. Running jobs go on." if stop_agent() else "No agent runs.")
    return 0
