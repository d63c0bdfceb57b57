"""From rows of the change feed to events: what a change by any process means to those who look.

Changes of one poll are merged first: a component that was touched ten times is read once.

Reads: the store, in a thread. Knows nothing of: sockets.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec

from mlstudio.entities.errors import NotFound
from mlstudio.entities.events import Change
from mlstudio.entities.experiments import ComponentRecord, ListRequest
from mlstudio.entities.media import MediaSeries
from mlstudio.entities.secrets_jobs import masked_job, masked_schedule
from mlstudio.server.live.cells import Cells, Shown, cells_of
from mlstudio.server.live.hub import News
from mlstudio.store.bounds import PART_BYTES, trimmed
from mlstudio.store.laws import Store

Ops = dict[str, tuple[str, set[str]]]
"""By name: uid and what was done, in one poll."""
KNOWN: Final = 20_000
STEPS: Final = 2000
"""Steps of media in one event; all of them are asked for over HTTP."""
MOST_CELLS: Final = 5000
"""Cells of one row that an event carries, and parts of one component: more would hold up every socket."""
MANY: Final = 500
_NAMED: Final = ("params.", "metrics.", "tags.")
_PARTS: Final = {"params": ("params",), "artifacts": ("inputs", "outputs"), "updated": ("tags", "trials")}
"""What an event of a change carries of a record, metrics apart."""
_ENDINGS: Final = ("purged", "deleted", "restored", "created")
"""Of several things done to a record, the first of these names the event."""


class Projector:
    """Turns changes into news; remembers which rows stand in which experiments."""

    def __init__(self) -> None:
        self.shown = Shown()
        self.ahead: dict[str, dict[str, int]] = {}
        """By component uid and metric: the step up to which the journal's tail has told `last`."""
        self._where: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._columns: dict[str, set[str]] = {}
        self._trials: dict[str, str] = {}

    def project(
        self, store: Store, changes: Iterable[Change], listening: set[str], watched: Collection[str] = ()
    ) -> list[News]:
        """Return the news in changes.

        Args:
            store: is read once per kind of record.
            changes: oldest first.
            listening: names of experiments that somebody listens to, told of rows that are gone for good.
            watched: names of components that somebody listens to, told of their media.
        """
        kinds: dict[str, Ops] = {}
        for change in changes:
            kinds.setdefault(change.kind, {}).setdefault(change.name, (change.uid, set()))[1].add(change.op)
        news: list[News] = []
        touched: dict[str, str] = {}
        components = kinds.get("trial-component", {})
        for name, (_, ops) in kinds.get("trial", {}).items():
            self._trial(store, name, ops, components, touched)
        news += self._components(store, components, listening, touched)
        experiments = kinds.get("experiment", {})
        for name in touched:
            experiments.setdefault(name, ("", {"updated"}))
        news += self._experiments(store, experiments)
        news += self._media(store, components, watched)
        news += [(f"views:{experiment}", "changed", {}) for experiment in kinds.get("view", {})]
        news += _schedules(store, kinds.get("schedule", {}))
        return news + self._jobs(store, kinds.get("job", {}))

    def reset(self) -> None:
        """Remember nothing: the store is another one than it was."""
        self.shown = Shown()
        self.ahead.clear()
        self._where.clear()
        self._columns.clear()
        self._trials.clear()

    def seed_columns(self, store: Store, experiment: str) -> None:
        """Learn which columns an experiment has, so that a new one can be told."""
        try:
            self._columns[experiment] = {column.key for column in store.columns(experiment)}
        except NotFound:
            self._columns[experiment] = set()

    def forget_columns(self, listening: set[str]) -> None:
        """Remember no columns of experiments that nobody listens to."""
        self._columns = {name: keys for name, keys in self._columns.items() if name in listening}

    def experiments_of(self, store: Store, uid: str, name: str) -> frozenset[str]:
        """Return the experiments in which a component stands, from memory where it is known."""
        if uid not in self._where:
            for record in store.get_components([name], most=0):
                self._remember(record)
        return self._where.get(uid, frozenset())

    def _remember(self, record: ComponentRecord) -> frozenset[str]:
        found = frozenset(ref.experiment_name for ref in record.trials)
        self._where[record.uid] = found
        self._where.move_to_end(record.uid)
        if len(self._where) > KNOWN:
            self._where.popitem(last=False)
        return found

    def _trial(self, store: Store, name: str, ops: set[str], components: Ops, touched: dict[str, str]) -> None:
        """A trial that moved, ended or came back takes its components' rows along."""
        try:
            place = store.get_trial(name).experiment_name
        except NotFound:
            return
        touched[place] = ""
        before = self._trials.get(name)
        self._trials[name] = place
        if ops == {"created"} or (before == place and not ops & {"deleted", "restored"}):
            return  # a component was put into it: that one's own change says so
        page = store.list_components(ListRequest(limit=MANY), trial=name)
        for record in page.items:
            components.setdefault(record.name, (record.uid, set()))[1].add("updated")

    def _components(self, store: Store, wanted: Ops, listening: set[str], touched: dict[str, str]) -> list[News]:
        if not wanted:
            return []
        records = {record.name: record for record in store.get_components(list(wanted))}
        news: list[News] = []
        for name, (uid, ops) in wanted.items():
            record = records.get(name)
            if record is None or record.deleted_at is not None:
                places = self._where.pop(uid, None)
                self.shown.forget(uid)
                self.ahead.pop(uid, None)
                touched.update(dict.fromkeys(places or (), ""))
                data = {"uid": uid, "name": name}
                news += [(f"experiment:{place}", "component.removed", data) for place in places or listening]
                news.append((f"component:{name}", "updated", data | {"deleted": True}))
            else:
                news += self._component(record, ops, touched)
        return news

    def _media(self, store: Store, wanted: Ops, watched: Collection[str]) -> list[News]:
        """Tell which media a component has now; read only where somebody looks."""
        news: list[News] = []
        for name, (uid, ops) in wanted.items():
            if "media" not in ops or name not in watched:
                continue
            try:
                series = store.media_series(name)
            except NotFound:
                continue
            news.append((f"component:{name}", "media", {"uid": uid, "name": name, "series": _short(series)}))
        return news

    def _component(self, record: ComponentRecord, ops: set[str], touched: dict[str, str]) -> list[News]:
        before = self._where.get(record.uid)
        places = self._remember(record)
        cells, withheld = self._not_behind(record)
        changed = self.shown.changed(record.uid, cells, withheld)
        data = {"uid": record.uid, "name": record.name}
        news: list[News] = []
        for place in sorted(places):
            new = place not in before if before is not None else bool(ops & {"created", "restored"})
            told_cells = cells if new else changed
            kind = "component.created" if new else "component.updated"
            few = _few(told_cells)
            news.append((f"experiment:{place}", kind, data | {"cells": few}))
            if few is not told_cells:
                news.append((f"experiment:{place}", "invalidate", {}))
            if self._new_columns(place, cells):
                news.append((f"experiment:{place}", "columns.changed", {}))
        gone = sorted((before or frozenset()) - places)
        news += [(f"experiment:{place}", "component.removed", data) for place in gone]
        if gone or ops & {"created", "restored", "status"} or before != places:
            touched.update(dict.fromkeys([*places, *gone], ""))
        told = sorted(_told(ops) - {"media"})
        long = _long(record, told)
        if long:
            told = [op for op in told if op not in long]
            news.append((f"component:{record.name}", "invalidate", {}))
        return news + [(f"component:{record.name}", op, data | _part(record, op)) for op in told]

    def _not_behind(self, record: ComponentRecord) -> tuple[Cells, set[str]]:
        """Leave out `last` where the journal's tail has told a newer one than is stored; return what was left out."""
        cells, withheld = cells_of(record), set[str]()
        ahead = self.ahead.get(record.uid)
        if ahead:
            for series in record.metrics:
                if not series.context and series.last_step < ahead.get(series.name, series.last_step):
                    withheld.add(f"metrics.{series.name}.last")
        return {key: value for key, value in cells.items() if key not in withheld}, withheld

    def _new_columns(self, experiment: str, cells: Cells) -> bool:
        known = self._columns.get(experiment)
        if known is None:
            return False
        fresh = {key for key in cells if key.startswith(_NAMED)} - known
        known |= fresh
        return any(not key.startswith("metrics.") or key.endswith(".last") for key in fresh)

    def _experiments(self, store: Store, wanted: Ops) -> list[News]:
        news: list[News] = []
        for name, (uid, ops) in wanted.items():
            kind = next((op for op in _ENDINGS if op in ops), "updated")
            if kind != "purged":
                try:
                    uid = store.get_experiment(name).uid  # noqa: PLW2901 - unknown where a child was touched
                except NotFound:
                    continue
            news.append(("experiments", kind, {"uid": uid, "name": name}))
        return news

    def _jobs(self, store: Store, wanted: Ops) -> list[News]:
        news: list[News] = []
        for name, (uid, ops) in wanted.items():
            try:
                job = masked_job(store.get_job(name))
            except NotFound:
                news.append(("jobs", "deleted", {"uid": uid, "name": name}))
                news.append((f"job:{name}", "deleted", {"uid": uid, "name": name}))
                continue
            whole: dict[str, Any] = msgspec.to_builtins(job)
            short = {key: value for key, value in whole.items() if key != "spec"}
            news.append(("jobs", "created" if "created" in ops else "updated", short))
            news.append((f"job:{name}", "updated", whole))
        return news


def _schedules(store: Store, wanted: Ops) -> list[News]:
    news: list[News] = []
    for name, (uid, ops) in wanted.items():
        try:
            found = masked_schedule(store.get_schedule(name))
        except NotFound:
            news.append(("schedules", "deleted", {"uid": uid, "name": name}))
            continue
        whole: dict[str, Any] = msgspec.to_builtins(found)
        short = {key: value for key, value in whole.items() if key != "spec"}
        news.append(("schedules", "created" if "created" in ops else "updated", short))
    return news


def _short(series: list[MediaSeries]) -> list[MediaSeries]:
    """Return series whose steps fit into an event: evenly thinned, the first and the last kept."""
    most = max(2, STEPS // max(1, len(series)))
    return [
        one if len(one.steps) <= most else msgspec.structs.replace(one, steps=_spread(one.steps, most))
        for one in series
    ]


def _spread(steps: list[int], most: int) -> list[int]:
    last = len(steps) - 1
    return [steps[place * last // (most - 1)] for place in range(most)]


def _told(ops: set[str]) -> set[str]:
    parts = ops & {"status", "params", "metrics", "artifacts", "media"}
    return parts | {"updated"} if ops - parts else parts


def _long(record: ComponentRecord, told: Collection[str]) -> set[str]:
    """Return the changes whose new value is too long for one event; who looks reads the record again."""
    found = {"metrics"} if "metrics" in told and len(record.metrics) > MOST_CELLS else set()
    parts = {op: names for op, names in _PARTS.items() if op in told}
    if parts:
        cut = trimmed(msgspec.structs.replace(record, metrics=[]), MOST_CELLS)
        for op, names in parts.items():
            if any(getattr(cut, name) is not getattr(record, name) for name in names):
                found.add(op)
    return found


def _few(cells: Cells) -> Cells:
    """Leave what is named by users out of a row too long for one event; who looks reads the table again."""
    if len(cells) <= MOST_CELLS and sum(len(one) for one in cells.values() if isinstance(one, str)) <= PART_BYTES:
        return cells
    return {key: value for key, value in cells.items() if not key.startswith(_NAMED)}


def _part(record: ComponentRecord, op: str) -> dict[str, Any]:
    """Return the new value of what was changed."""
    if op == "status":
        return {
            "status": record.status,
            "status_message": record.status_message,
            "start_time": record.start_time,
            "end_time": record.end_time,
        }
    if op == "params":
        return {"params": record.params}
    if op == "metrics":
        return {"metrics": record.metrics, "dropped": record.dropped}
    if op == "artifacts":
        return {"inputs": record.inputs, "outputs": record.outputs}
    return {
        "display_name": record.display_name,
        "description": record.description,
        "tags": record.tags,
        "starred": record.starred,
        "archived_at": record.archived_at,
        "trials": record.trials,
        "version": record.version,
    }
