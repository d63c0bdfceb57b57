"""The verbs of ``mlstudio experiments`` that change something: star, tag, note, rename, move, archive,
delete, restore, purge; and `history`, which tells who did what.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from mlstudio.cli.output import add_json, as_json, cell, plain, table, when
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import ComponentUpdate, ExperimentUpdate, TrialUpdate

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

KINDS = ("experiment", "trial", "trial-component")


def register(verbs: Any) -> None:
    """Add the verbs."""
    star = _verb(verbs, "star", "mark it, so that it is found again", _star)
    star.add_argument("--off", action="store_true", help="take the mark away")
    tag = _verb(verbs, "tag", "set tags, or take them away; without any, list them", _tag)
    tag.add_argument("tags", nargs="*", metavar="KEY=VALUE")
    tag.add_argument("--remove", nargs="+", default=[], metavar="KEY", help="tags to take away")
    note = _verb(verbs, "note", "write its note (Markdown), or print it", _note)
    note.add_argument("text", nargs="?", help='the note; "-" reads it from standard input; leave out to print')
    rename = _verb(verbs, "rename", "give it another display name; its name stays as it is", _rename)
    rename.add_argument("display_name", help='what is shown; "" shows the name again')
    move = verbs.add_parser("move", help="move a trial to another experiment")
    move.add_argument("name", metavar="TRIAL")
    move.add_argument("experiment", metavar="EXPERIMENT")
    move.set_defaults(handler=_move)
    archive = _verb(verbs, "archive", "put it away: lists, tables and searches leave it out", _archive)
    archive.add_argument("--off", action="store_true", help="take it back")
    delete = _verb(verbs, "delete", "delete softly; `restore` brings it back", _delete)
    delete.add_argument("--force", action="store_true", help="also when it still has trials or associations")
    _verb(verbs, "restore", "bring back what was deleted", _restore)
    purge = _verb(verbs, "purge", "remove a deleted one for good, and give the disk back", _purge)
    purge.add_argument("--yes", action="store_true", help="do not ask")
    history = verbs.add_parser("history", help="who did what, newest first")
    history.add_argument("name", nargs="?", help="of this one only")
    history.add_argument("--kind", choices=KINDS, default="experiment")
    history.add_argument("--limit", type=int, default=50, help="how many at most (default 50)")
    add_json(history)
    history.set_defaults(handler=_history)


def _verb(verbs: Any, name: str, text: str, handler: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=text)
    parser.add_argument("name")
    parser.add_argument("--kind", choices=KINDS, default="experiment", help="what NAME is (default: experiment)")
    parser.set_defaults(handler=handler)
    return parser


def _store() -> Store:
    from mlstudio.store import open_store

    return open_store()


def record_of(store: Store, kind: str, name: str) -> Any:
    """Return a record of any kind. Raises: NotFound."""
    read = {"experiment": store.get_experiment, "trial": store.get_trial, "trial-component": store.get_component}
    return read[kind](name)


def _update(store: Store, kind: str, name: str, **fields: Any) -> None:
    if kind == "experiment":
        store.update_experiment(name, ExperimentUpdate(**fields))
    elif kind == "trial":
        store.update_trial(name, TrialUpdate(**fields))
    else:
        store.update_component(name, ComponentUpdate(**fields))


def _star(args: argparse.Namespace) -> int:
    _update(_store(), args.kind, args.name, starred=not args.off)
    return 0


def _tag(args: argparse.Namespace) -> int:
    store = _store()
    record = record_of(store, args.kind, args.name)
    wanted = dict(_pair(text) for text in args.tags)
    unknown = [key for key in args.remove if key not in record.tags]
    if unknown:
        raise InvalidField(f'"{args.name}" has no tag "{unknown[0]}".', field="tags")
    if wanted or args.remove:
        tags = {key: value for key, value in record.tags.items() if key not in args.remove} | wanted
        _update(store, args.kind, args.name, tags=tags, version=record.version)
    else:
        for key, value in record.tags.items():
            print(f"{plain(key)}={plain(value)}")
    return 0


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InvalidField(f'"{text}" is no tag.', field="tags", hint="Write KEY=VALUE.")
    return key, value


def _note(args: argparse.Namespace) -> int:
    store = _store()
    if args.text is None:
        print(plain(record_of(store, args.kind, args.name).description or ""))
        return 0
    text = sys.stdin.read() if args.text == "-" else args.text
    _update(store, args.kind, args.name, description=text or None)
    return 0


def _rename(args: argparse.Namespace) -> int:
    _update(_store(), args.kind, args.name, display_name=args.display_name or None)
    return 0


def _move(args: argparse.Namespace) -> int:
    store = _store()
    before = store.get_trial(args.name).experiment_name
    store.update_trial(args.name, TrialUpdate(experiment_name=args.experiment))
    print(f"Moved {args.name} to {args.experiment}. `mlstudio experiments move {args.name} {before}` moves it back.")
    return 0


def _archive(args: argparse.Namespace) -> int:
    _update(_store(), args.kind, args.name, archived=not args.off)
    if not args.off:
        print(f"Archived {args.name}. `mlstudio experiments archive {args.name}{_kind(args)} --off` takes it back.")
    return 0


def _kind(args: argparse.Namespace) -> str:
    return "" if args.kind == "experiment" else f" --kind {args.kind}"


def _delete(args: argparse.Namespace) -> int:
    _store().delete(args.kind, args.name, force=args.force)
    print(f"Deleted {args.name}. `mlstudio experiments restore {args.name}{_kind(args)}` brings it back.")
    return 0


def _restore(args: argparse.Namespace) -> int:
    _store().restore(args.kind, args.name)
    return 0


def _purge(args: argparse.Namespace) -> int:
    from mlstudio.store.artifacts import BlobStore
    from mlstudio.store.collect import collect
    from mlstudio.store.collect_debt import owe
    from mlstudio.store.doctor_sizes import shown
    from mlstudio.store.home import default_home
    from mlstudio.store.run_logs import purge

    store = _store()
    if record_of(store, args.kind, args.name).deleted_at is not None and not args.yes:
        typed = input(f"{args.name} and its points will be gone for good. Type its name to go on: ")
        if typed.strip() != args.name:
            print("Nothing was removed.")
            return 1
    purge(store, default_home(), args.kind, args.name)
    owe(default_home())  # what is too young now is removed by a server, a day later
    found = collect(store, BlobStore(default_home().artifacts))
    print(f"Removed {args.name} for good, and {found.blobs} artifact files ({shown(found.bytes)}).")
    return 0


def _history(args: argparse.Namespace) -> int:
    store = _store()
    uid = None if args.name is None else record_of(store, args.kind, args.name).uid
    found = store.audit(uid, limit=min(max(args.limit, 1), 10_000))
    if args.json:
        print(as_json({"items": found}))
        return 0
    if not found:
        print("Nothing was done yet.")
        return 0
    rows = [(when(act.at), act.who, act.action, act.name, cell(act.before), cell(act.after)) for act in found]
    print(table(("when", "who", "did", "what", "before", "after"), rows))
    return 0
