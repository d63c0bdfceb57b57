"""``mlstudio experiments``: list, show, compare; what changes something is in `experiment_edits`."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Final

from mlstudio.cli import experiment_edits
from mlstudio.cli.output import Subparsers, add_json, as_json, cell, duration, pairs, table, when
from mlstudio.entities.experiments import ComponentRecord, ListRequest
from mlstudio.entities.search import Query

FOLLOW_SECONDS: Final = 0.2


def register(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    parser = commands.add_parser("experiments", help="what was tried, and how it went")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    listing = verbs.add_parser("list", help="list experiments, newest first")
    listing.add_argument("query", nargs="?", help='for example: name like "mnist*" and starred')
    listing.add_argument("--deleted", action="store_true", help="the deleted ones, which `restore` brings back")
    listing.add_argument("--archived", action="store_true", help="those that were put away")
    listing.add_argument("--limit", type=int, default=100, help="how many at most, 1 to 1000 (default 100)")
    add_json(listing)
    listing.set_defaults(handler=_list)

    show = verbs.add_parser("show", help="show one experiment and its trial components")
    show.add_argument("name")
    show.add_argument("--where", metavar="QUERY", help="for example: metrics.loss.last < 0.3 order by params.lr")
    add_json(show)
    show.set_defaults(handler=_show)

    compare = verbs.add_parser("compare", help="set components side by side: only what differs")
    compare.add_argument(
        "query",
        nargs="+",
        help='names of components, or one search: experiment = "digits" order by metrics.accuracy.max desc limit 5',
    )
    compare.add_argument("--all", action="store_true", help="also what is the same everywhere")
    add_json(compare)
    compare.set_defaults(handler=_compare)

    log = verbs.add_parser("log", help="print what a run of `mlstudio run`, or the job of a component, prints")
    log.add_argument("name", help="of the trial component")
    log.add_argument("-f", "--follow", action="store_true", help="until the run ends")
    log.set_defaults(handler=_log)

    experiment_edits.register(verbs)


def _parsed(text: str | None) -> Query:
    from mlstudio.experiments.search import read_query

    return read_query(text)


def _list(args: argparse.Namespace) -> int:
    from mlstudio.store import open_store

    limit = min(max(args.limit, 1), 1000)
    request = ListRequest(deleted=args.deleted, archived=args.archived, limit=limit)
    page = open_store().list_experiments(request, _parsed(args.query).where)
    if args.json:
        print(as_json(page))
        return 0
    if not page.items:
        print("No experiments here. `mlstudio demo` makes one." if not args.query else "None matches.")
        return 0
    rows = [
        (("★ " if item.starred else "") + item.name, item.trials, item.components, item.running, when(item.created_at))
        for item in page.items
    ]
    print(table(("experiment", "trials", "components", "running", "created"), rows))
    if page.next:
        print(f"… more than {limit}; --limit shows more.")
    return 0


def _show(args: argparse.Namespace) -> int:
    from mlstudio.store import open_store

    store = open_store()
    record = store.get_experiment(args.name)
    components = store.search_components(_parsed(args.where), experiment=args.name)
    if args.json:
        print(as_json({"experiment": record, "items": components}))
        return 0
    print(
        pairs(
            {
                "experiment": record.name,
                "shown as": record.display_name if record.display_name != record.name else None,
                "description": record.description,
                "tags": ", ".join(f"{key}={value}" for key, value in record.tags.items()),
                "created": f"{when(record.created_at)} by {record.created_by}",
                "deleted": when(record.deleted_at),
            }
        )
    )
    print(f"\n{components_table(components)}" if components else "\nNo trial components.")
    return 0


def components_table(components: list[ComponentRecord]) -> str:
    """Return one line a component: name, status, time, parameters, last value of each metric but the machine's."""
    from mlstudio.experiments.values import SYSTEM_PREFIX

    params = dict.fromkeys(
        key for item in components for key in sorted(item.params) if not key.startswith("sagemaker_")
    )
    metrics = dict.fromkeys(
        series.name
        for item in components
        for series in item.metrics
        if not series.context and not series.name.startswith(SYSTEM_PREFIX)
    )
    rows = []
    for item in components:
        last = {series.name: series.last for series in item.metrics if not series.context}
        row = [item.display_name or item.name, item.status or "-", duration(item.start_time, item.end_time)]
        rows.append([*row, *(item.params.get(key) for key in params), *(last.get(key) for key in metrics)])
    return table(("trial component", "status", "took", *map(cell, params), *map(cell, metrics)), rows)


def _compare(args: argparse.Namespace) -> int:
    from mlstudio.experiments.comparison import compare
    from mlstudio.store import open_store

    by_name = len(args.query) > 1 or bool(open_store().get_components(args.query))
    frame = compare(args.query if by_name else args.query[0])
    if not args.all and len(frame) > 1:
        same = [key for key in frame.columns if key != "display_name" and frame[key].nunique(dropna=False) < 2]
        frame = frame.drop(columns=same)
    if args.json:
        print(frame.to_json(orient="records", indent=2))
    elif frame.empty:
        print("None matches.")
    else:
        print(table([cell(name) for name in frame.columns], frame.itertuples(index=False)))
    return 0


def _log(args: argparse.Namespace) -> int:
    from mlstudio.jobs.logs import marker
    from mlstudio.jobs.run_log import read_component_log
    from mlstudio.store import open_store

    store, offset = open_store(), 0
    while True:
        running = store.get_component(args.name, most=0).status == "InProgress"  # before the log: its end is printed
        while (chunk := read_component_log(args.name, offset=offset, store=store)).data:
            sys.stdout.buffer.write((marker(chunk.dropped) if chunk.dropped else b"") + chunk.data)
            sys.stdout.buffer.flush()
            offset = chunk.next_offset
        if not (args.follow and running):
            return 0
        time.sleep(FOLLOW_SECONDS)
