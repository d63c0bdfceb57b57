"""What the records of a W&B run say: its name and configuration, history, summary, machine and end.

Messages (field numbers): wandb_internal.Record and those below it, from wandb/proto/wandb_internal.proto
(W&B 0.31). Values are JSON texts inside the messages.

Knows nothing of: files, the store.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from mlstudio.entities.wire import ParamValue
from mlstudio.experiments.importers.protobuf import BadMessage, blob, double, fields, signed, text
from mlstudio.experiments.values import as_param

_SPELLED: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
MAX_JSON: Final = 1 << 24
MAX_DEPTH: Final = 8


@dataclass(slots=True)
class Curve:
    """Points of one key of the history."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    ts: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, step: int, ts: float, value: float) -> None:
        """Add one point."""
        self.steps.append(step)
        self.ts.append(ts)
        self.values.append(value)


@dataclass(slots=True)
class WandbRun:
    """All that was said. `media` are (key, step, ts, object), `objects` are W&B's JSON."""

    run_id: str = ""
    project: str = ""
    name: str = ""
    notes: str = ""
    group: str = ""
    job_type: str = ""
    host: str = ""
    tags: list[str] = field(default_factory=list)
    config: dict[str, ParamValue] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    system: dict[str, Curve] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    media: list[tuple[str, int, float, Any]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    args: list[str] = field(default_factory=list)
    commit: str = ""
    remote: str = ""
    started: float | None = None
    last: float | None = None
    exit_code: int | None = None
    left: dict[str, int] = field(default_factory=dict)

    def leave(self, what: str) -> None:
        """Count something that is left behind."""
        self.left[what] = self.left.get(what, 0) + 1

    def read(self, record: bytes) -> None:
        """Take in one record. Raises: BadMessage."""
        readers: dict[int, Callable[[bytes], None]] = {
            2: self._history,
            3: self._summary,
            5: self._configure,
            7: self._stats,
            17: self._run,
            18: self._exit,
            26: self._surroundings,
        }
        for number, _, value in fields(record):
            if number in readers:
                readers[number](blob(value))
            elif number in {8, 25}:
                self.leave("artifact of the registry")
            elif number == 10:
                self.leave("alert")

    def _run(self, body: bytes) -> None:
        texts = {1: "run_id", 3: "project", 6: "group", 7: "job_type", 8: "name", 9: "notes", 13: "host"}
        self.tags = []
        for number, _, value in fields(body):
            if number in texts:
                setattr(self, texts[number], text(value))
            elif number == 4:
                self._configure(blob(value))
            elif number == 10:
                self.tags.append(text(value))
            elif number == 17:
                self.started = _moment(blob(value))
            elif number == 21:
                self._git(blob(value))

    def _git(self, body: bytes) -> None:
        for number, _, value in fields(body):
            if number == 1:
                self.remote = text(value)
            elif number == 2:
                self.commit = text(value)

    def _configure(self, body: bytes) -> None:
        for number, _, value in fields(body):
            path, said = _item(blob(value)) if number == 1 else (["_wandb"], None)
            if path[0] != "_wandb":
                for name, one in flattened(".".join(path), said):
                    self.config[name] = one if isinstance(one, str) else as_param("None" if one is None else one)

    def _history(self, body: bytes) -> None:
        step: int | None = None
        said: dict[str, Any] = {}
        for number, _, value in fields(body):
            if number == 1:
                _plant(said, *_item(blob(value)))
            elif number == 2:
                step = next((signed(told) for inner, _, told in fields(blob(value)) if inner == 1), 0)
        ts = number_of(said.pop("_timestamp", None))
        step = step if step is not None else int(number_of(said.get("_step")) or 0)
        moment = ts if ts is not None else (self.last or self.started or 0.0)
        self.last = moment if self.last is None else max(self.last, moment)
        for key, value in said.items():
            if not key.startswith("_"):
                self._value(key, value, step, moment)

    def _value(self, key: str, value: Any, step: int, ts: float) -> None:
        number = number_of(value)
        if number is not None:
            self.curves.setdefault(key, Curve()).add(step, ts, number)
        elif isinstance(value, dict) and "_type" not in value:
            for name, one in flattened(key, value):
                number = number_of(one)
                if number is not None:
                    self.curves.setdefault(name, Curve()).add(step, ts, number)
                else:
                    self.leave("text inside a nested value of the history")
        elif value is not None:
            self.media.append((key, step, ts, value))

    def _summary(self, body: bytes) -> None:
        for number, _, value in fields(body):
            path, said = _item(blob(value))
            if number == 1:
                _plant(self.summary, path, said)
            elif number == 2:
                self.summary.pop(path[0], None)

    def _stats(self, body: bytes) -> None:
        ts, rows = 0.0, list[tuple[list[str], Any]]()
        for number, _, value in fields(body):
            if number == 2:
                ts = _moment(blob(value))
            elif number == 3:
                rows.append(_item(blob(value)))
        for path, value in rows:
            number_said = number_of(value)
            if number_said is not None:
                curve = self.system.setdefault(".".join(path), Curve())
                curve.add(len(curve.steps), ts, number_said)

    def _exit(self, body: bytes) -> None:
        self.exit_code = 0
        for number, _, value in fields(body):
            if number == 1:
                self.exit_code = signed(value)

    def _surroundings(self, body: bytes) -> None:
        names = {1: "os", 2: "python", 6: "program", 11: "root", 12: "host", 14: "executable", 18: "gpu"}
        for number, _, value in fields(body):
            if number in names:
                self.environment[names[number]] = text(value)
            elif number == 5:
                self.args.append(text(value))
            elif number == 9:
                self._git(blob(value))


def number_of(value: Any) -> float | None:
    """Return a number, also where it is spelled as W&B spells NaN; None for everything else."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return _SPELLED.get(value) if isinstance(value, str) else None


def flattened(key: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) of a nested mapping; lists, and what is nested too deep, become JSON."""
    if isinstance(value, dict) and value and depth < MAX_DEPTH:
        for inner, one in value.items():
            yield from flattened(f"{key}.{inner}", one, depth + 1)
    elif isinstance(value, (dict, list)):
        yield key, json.dumps(value, ensure_ascii=False)
    else:
        yield key, value


def _plant(tree: dict[str, Any], path: list[str], value: Any) -> None:
    """Put a value below the keys of a path; media come so, key by key."""
    for key in path[:-1][:MAX_DEPTH]:
        below = tree.setdefault(key, {})
        if not isinstance(below, dict):
            below = tree[key] = {}
        tree = below
    tree[path[-1]] = value


def _item(body: bytes) -> tuple[list[str], Any]:
    """Return the keys and the value of a HistoryItem, SummaryItem, ConfigItem or StatsItem."""
    key, nested, said = "", list[str](), ""
    for number, _, value in fields(body):
        if number == 1:
            key = text(value)
        elif number == 2:
            nested.append(text(value))
        elif number == 16:
            said = text(value)
    if len(said) > MAX_JSON:
        raise BadMessage("a value that is too large")
    try:
        found = json.loads(said) if said else None
    except (ValueError, RecursionError):
        found = said[:1000]
    return ([key] if key else nested) or [""], found


def _moment(body: bytes) -> float:
    """Return seconds since the epoch of a google.protobuf.Timestamp."""
    seconds = 0.0
    for number, wire, value in fields(body):
        if number == 1:
            seconds += signed(value)
        elif number == 2:
            seconds += signed(value) / 1e9 if wire == 0 else double(value)
    return seconds
