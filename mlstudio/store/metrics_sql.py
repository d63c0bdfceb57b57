"""Metrics in SQL: a stretch of a journal becomes rows in one transaction, and curves come back.

`apply` writes everything that a stretch said (the component, points, parameters, tags, artifacts,
status) together with the offset that it reached, so a stretch is stored exactly once, whoever
drains it. Metric points alone may be committed without waiting for the disk (synchronous=NORMAL):
the journal still has them. State always waits.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.experiments import Process, SeriesSummary
from mlstudio.entities.status import ENDED
from mlstudio.store import schema
from mlstudio.store.batch import Batch, Purged, StatusMove
from mlstudio.store.codec import Stored, decode
from mlstudio.store.laws import BlockSummaries, Heartbeat, Points
from mlstudio.store.metrics_rows import series_summary, summaries_of
from mlstudio.store.metrics_sql_points import summary_from, write_points
from mlstudio.store.rules import clean_params, clean_tags, now, user
from mlstudio.store.sql_components import move_component, open_component
from mlstudio.store.sql_media import write_media
from mlstudio.store.sql_parts import merge_params, write_artifact, write_tags
from mlstudio.store.sqlite import SqlBase
from mlstudio.store.summary_cache import SummaryCache

_GREATEST: Final = 2**63 - 1
_COMPONENT: Final = "SELECT id, name FROM trial_component WHERE uid = ?"
_GIVEN_UP: Final = (
    "SELECT 1 FROM trial_component WHERE id = ? AND status = 'Stopped' AND status_message LIKE 'lost contact%'"
)
_OFFSET: Final = "SELECT drained_to FROM journal WHERE uid = ?"
_PURGED: Final = (
    "SELECT 1 FROM audit WHERE entity_uid = ?1 AND action = 'purged'"
    " AND NOT EXISTS (SELECT 1 FROM trial_component WHERE uid = ?1)"
)
_PUT_JOURNAL: Final = (
    "INSERT INTO journal(uid, component_uid, host, pid, proc_start, boot_id, drained_to, dropped, bad_records,"
    " closed_at) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT(uid) DO UPDATE SET drained_to = excluded.drained_to,"
    " dropped = max(dropped, excluded.dropped), bad_records = bad_records + excluded.bad_records,"
    " closed_at = coalesce(closed_at, excluded.closed_at)"
)
_FIND_SERIES: Final = (
    "SELECT s.id FROM trial_component c LEFT JOIN name n ON n.text = ? LEFT JOIN metric_series s"
    " ON s.component_id = c.id AND s.name_id = n.id AND s.context_json = ? WHERE c.name = ?"
)
_LIST_SERIES: Final = (
    "SELECT n.text, s.context_json, s.count, s.n_nan, s.first, s.last, s.last_step, s.last_ts, s.min, s.min_step,"
    " s.max, s.max_step, s.mean, s.m2 FROM metric_series s JOIN name n ON n.id = s.name_id WHERE s.component_id = ?"
    " ORDER BY n.text, s.context_json"
)
# Blocks of a series never overlap: the last one that begins at or before the first wanted step is the first to look
# at. Without it, all blocks from the beginning of the series would be walked.
_MEETING: Final = (
    " FROM metric_block WHERE series_id = ?1 AND step1 >= ?2 AND step0 <= ?3 AND step0 >= coalesce("
    "(SELECT max(step0) FROM metric_block WHERE series_id = ?1 AND step0 <= ?2), ?2) ORDER BY step0"
)
_BLOCKS: Final = (
    "SELECT n, step0, step1, ts0, ts1, first, last, min, coalesce(min_step, 0), min_ts, max, coalesce(max_step, 0),"
    " max_ts, n_nan" + _MEETING
)
_DATA: Final = "SELECT n, reg, stride, step0, ts0, data" + _MEETING
_BEATS: Final = (
    "SELECT uid, name, heartbeat_no, host, pid, proc_start, boot_id, source_arn, status FROM trial_component"
    " WHERE status IN ('InProgress', 'Stopping') AND host IS NOT NULL ORDER BY uid"
)


class SqlMetrics(SqlBase):
    """The part of the store that holds series, blocks and journals."""

    def _start(self) -> None:
        super()._start()
        self._summaries = SummaryCache()

    def apply(self, batch: Batch) -> int:
        """Store a batch and return the offset up to which its journal is now stored.

        Raises:
            Conflict: the batch starts beyond the stored offset.
            NotFound: the component does not exist and the batch does not open it.
            Purged: it was removed for good, and with it what was known of the journal.
        """
        with self.write(durable=_is_state(batch)) as conn:
            raw: Any = conn.connection.driver_connection
            row = raw.execute(_OFFSET, (batch.journal,)).fetchone()
            stored = row[0] if row else 0
            if row is None and raw.execute(_PURGED, (batch.component,)).fetchone() is not None:
                raise Purged(batch.component)
            if batch.start > stored:
                raise Conflict(f"Journal {batch.journal} is stored up to {stored}, not to {batch.start}.")
            if batch.start < stored:
                return int(stored)
            component_id, name = self._component_of(conn, raw, batch)
            if batch.points:
                write_points(raw, component_id, batch.points)
                self.note_change(conn, "trial-component", batch.component, name, "metrics")
            if batch.media:
                write_media(conn, component_id, batch.media)
                self.note_change(conn, "trial-component", batch.component, name, "media")
            self._apply_state(conn, batch, component_id, name)
            process, closed = batch.process, now() if batch.closed else None
            whose = (process.host, process.pid, process.proc_start, process.boot_id)
            counted = (batch.dropped, batch.bad_records, closed)
            raw.execute(_PUT_JOURNAL, (batch.journal, batch.component, *whose, batch.end, *counted))
        return batch.end

    def _component_of(self, conn: Connection, raw: Any, batch: Batch) -> tuple[int, str]:
        """Return id and name of the batch's component, made when the batch opens it."""
        row = raw.execute(_COMPONENT, (batch.component,)).fetchone()
        if row is not None:
            return row[0], row[1]
        if batch.open is None:
            raise NotFound(f'Trial component with the id "{batch.component}" does not exist.', field="component")
        key, uid, name, new = open_component(conn, batch.open, lenient=True)
        if new:
            self.note_change(conn, "trial-component", uid, name, "created")
        return key, name

    def _apply_state(self, conn: Connection, batch: Batch, key: int, name: str) -> None:
        """Write what is not a point; each kind adds its row to the change feed."""
        part, ops = schema.component, _write_parts(conn, batch, key)
        fields: dict[str, Any] = {}
        if batch.note is not None:
            fields["description"] = batch.note
            ops.append("updated")
        # A component that was given up for lost reports after all: it runs again before it says how it ended.
        if batch.heartbeat is not None and self._came_back(conn, key):
            back = {"status": "InProgress", "status_message": None, "end_time": None}
            conn.execute(sa.update(part).where(part.c.id == key).values(back))
            ops.append("status")
        if batch.status is not None and move_component(conn, key, batch.status.status, resume=batch.status.resume):
            fields |= _status_fields(batch.status)
            ops.append("status")
        if ops:
            fields |= {"modified_at": now(), "modified_by": user(), "version": part.c.version + 1}
        if batch.heartbeat is not None:
            fields["heartbeat_no"] = batch.heartbeat
        if fields:
            conn.execute(sa.update(part).where(part.c.id == key).values(fields))
        for op in dict.fromkeys(ops):
            self.note_change(conn, "trial-component", batch.component, name, op)

    def _came_back(self, conn: Connection, key: int) -> bool:
        """Tell whether a component was given up for lost, and reports after all."""
        row = _driver(conn).execute(_GIVEN_UP, (key,)).fetchone()
        return row is not None

    def drained_to(self, journal: str) -> int:
        """Return the stored offset of a journal, 0 when it is unknown."""
        with self.read() as conn:
            row = _driver(conn).execute(_OFFSET, (journal,)).fetchone()
        return int(row[0]) if row else 0

    def series(self, component: str) -> list[SeriesSummary]:
        """Return the summaries of a component's series by (name, context)."""
        with self.read() as conn:
            rows = _driver(conn).execute(_LIST_SERIES, (_component_id(conn, component),)).fetchall()
        return [series_summary(row[0], row[1], summary_from(row[2:])) for row in rows]

    def points(self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None) -> Points:
        """Return the exact points of a series, both ends of `steps` included."""
        low, high = steps or (-_GREATEST, _GREATEST)
        with self.read() as conn:
            series = _series_id(conn, component, name, context)
            rows = _driver(conn).execute(_DATA, (series, low, high)).fetchall()
        found = decode([Stored(*row) for row in rows])
        if steps is None:
            return found
        start, end = np.searchsorted(found.steps, low), np.searchsorted(found.steps, high, side="right")
        return Points(found.steps[start:end], found.ts[start:end], found.values[start:end])

    def blocks(
        self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None
    ) -> BlockSummaries:
        """Return the summaries of the blocks that meet `steps`."""
        low, high = steps or (-_GREATEST, _GREATEST)
        key = (component, name, context)
        with self.read() as conn:
            place, kept = self._summaries.look(_driver(conn), key)
            if kept is not None:
                return kept if steps is None else _meeting(kept, low, high)
            series = _series_id(conn, component, name, context)
            rows = _driver(conn).execute(_BLOCKS, (series, low, high)).fetchall()
        found = summaries_of(rows)
        if steps is None:
            self._summaries.keep(place, key, found)
        return found

    def heartbeats(self) -> list[Heartbeat]:
        """Return the components that run, with their process and the number that rises while it lives."""
        with self.read() as conn:
            rows = _driver(conn).execute(_BEATS).fetchall()
        return [
            Heartbeat(uid, name, beat, Process(host, pid or 0, start or 0, boot or ""), source is not None)
            for uid, name, beat, host, pid, start, boot, source, _ in rows
        ]


def _write_parts(conn: Connection, batch: Batch, key: int) -> list[str]:
    """Write what stands in rows of its own, and return what was done, for the change feed."""
    ops = []
    if batch.params:
        merge_params(conn, key, clean_params(batch.params))
        ops.append("params")
    if batch.tags:
        write_tags(conn, "trial-component", key, clean_tags(batch.tags))
        ops.append("updated")
    for added in batch.artifacts:
        write_artifact(conn, key, added.direction, added.name, added.ref)
    if batch.artifacts:
        ops.append("artifacts")
    return ops


def _driver(conn: Connection) -> Any:
    return conn.connection.driver_connection


def _is_state(batch: Batch) -> bool:
    """Tell whether a batch holds what no journal may have to repeat after a power cut."""
    said = batch.open, batch.params, batch.tags, batch.artifacts, batch.media, batch.note, batch.status
    return batch.closed or any(part is not None and part not in ({}, []) for part in said)


def _status_fields(move: StatusMove) -> dict[str, Any]:
    """Return the columns that a move sets."""
    fields: dict[str, Any] = {"status_message": move.message}
    if move.status in ENDED:
        began = schema.component.c.start_time  # a clock that was set back ends nothing before it began
        fields["end_time"] = sa.case((began > move.at, began), else_=move.at)
    elif move.status == "InProgress":
        fields["start_time"] = sa.func.coalesce(schema.component.c.start_time, move.at)
        fields["end_time"] = None
    return fields


def _meeting(blocks: BlockSummaries, low: int, high: int) -> BlockSummaries:
    """Return the blocks that meet two steps; blocks in order do not overlap."""
    start, end = int(np.searchsorted(blocks.step1, low)), int(np.searchsorted(blocks.step0, high, side="right"))
    return BlockSummaries(*(getattr(blocks, field)[start : max(start, end)] for field in BlockSummaries.__slots__))


def _component_id(conn: Connection, name: str) -> int:
    row = _driver(conn).execute("SELECT id FROM trial_component WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise NotFound(f'Trial component "{name}" does not exist.', field="trial_component_name")
    return int(row[0])


def _series_id(conn: Connection, component: str, name: str, context: str) -> int:
    row = _driver(conn).execute(_FIND_SERIES, (name, context, component)).fetchone()
    if row is None:
        raise NotFound(f'Trial component "{component}" does not exist.', field="trial_component_name")
    if row[0] is None:
        raise NotFound(f'Trial component "{component}" has no metric "{name}" in the context {context}.', field="name")
    return int(row[0])
