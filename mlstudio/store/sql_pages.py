"""Pages of the parts of a record in SQL: metrics, parameters, tags, artifacts.

A page reads what it shows and counts the rest, so that a trial of 100,000 metrics is looked through
without being read.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mlstudio.entities.parts import ArtifactPage, Pair, PairPage, PartRequest, SeriesPage
from mlstudio.store import schema
from mlstudio.store.laws_around import PartOwner, PartStore
from mlstudio.store.metrics_rows import series_summary
from mlstudio.store.metrics_sql_points import summary_from
from mlstudio.store.part_rules import artifact_place, holds, paged, pair_place, series_place, start_of
from mlstudio.store.rules import ascii_lower
from mlstudio.store.sql_artifacts import artifact_items
from mlstudio.store.sql_parts import read_params
from mlstudio.store.sql_rows import required
from mlstudio.store.sqlite import SqlBase

_SERIES_HERE: Final = (
    " FROM metric_series s JOIN name n ON n.id = s.name_id WHERE s.component_id = ?"
    " AND (? = '' OR instr(lower(n.text), ?) > 0)"
)
_SERIES_COUNT: Final = "SELECT count(*)" + _SERIES_HERE
_SERIES_PAGE: Final = (
    "SELECT n.text, s.context_json, s.count, s.n_nan, s.first, s.last, s.last_step, s.last_ts, s.min, s.min_step,"
    " s.max, s.max_step, s.mean, s.m2" + _SERIES_HERE + " AND (n.text, s.context_json) > (?, ?)"
    " ORDER BY n.text, s.context_json LIMIT ?"
)
_TAGS_HERE: Final = " FROM tag WHERE entity_kind = ? AND entity_id = ? AND (? = '' OR instr(lower(key), ?) > 0)"
_TAG_COUNT: Final = "SELECT count(*)" + _TAGS_HERE
_TAG_PAGE: Final = "SELECT key, value" + _TAGS_HERE + " AND key > ? ORDER BY key LIMIT ?"


class SqlPages(SqlBase, PartStore):
    """The part of the store that pages through the parts of a record."""

    def series_page(self, component: str, request: PartRequest) -> SeriesPage:
        """Return a page of metrics by name and context. Raises: NotFound, InvalidField (the cursor)."""
        place, text = start_of(request), ascii_lower(request.contains)
        with self.read() as conn:
            here = (required(conn, "trial-component", component).id, text, text)
            raw = _driver(conn)
            (total,) = raw.execute(_SERIES_COUNT, here).fetchone()
            rows = raw.execute(_SERIES_PAGE, (*here, *place, request.limit + 1)).fetchall()
        found = (series_summary(row[0], row[1], summary_from(row[2:])) for row in rows)
        items, following = paged(found, series_place, request.limit)
        return SeriesPage(items, total, following)

    def params_page(self, component: str, request: PartRequest) -> PairPage:
        """Return a page of parameters by name. Raises: NotFound, InvalidField (the cursor)."""
        behind, fits = start_of(request), holds(request)
        with self.read() as conn:
            key, table = required(conn, "trial-component", component).id, schema.component
            text = conn.execute(sa.select(table.c.params_json).where(table.c.id == key)).scalar_one()
        params = sorted((name, value) for name, value in read_params(text).items() if fits(name))
        pairs = (Pair(*one) for one in params if one[0] > behind[0])
        items, following = paged(pairs, pair_place, request.limit)
        return PairPage(items, len(params), following)

    def tags_page(self, kind: PartOwner, name: str, request: PartRequest) -> PairPage:
        """Return a page of tags by key. Raises: NotFound, InvalidField (the cursor)."""
        place, text = start_of(request), ascii_lower(request.contains)
        with self.read() as conn:
            here = (kind, required(conn, kind, name).id, text, text)
            raw = _driver(conn)
            (total,) = raw.execute(_TAG_COUNT, here).fetchone()
            rows = raw.execute(_TAG_PAGE, (*here, place[0], request.limit + 1)).fetchall()
        items, following = paged((Pair(*row) for row in rows), pair_place, request.limit)
        return PairPage(items, total, following)

    def artifacts_page(self, component: str, request: PartRequest) -> ArtifactPage:
        """Return a page of inputs, then outputs, by name. Raises: NotFound, InvalidField (the cursor)."""
        behind, fits = start_of(request), holds(request)
        with self.read() as conn:
            row = required(conn, "trial-component", component)
            found = artifact_items(conn, [schema.component_artifact.c.component_id == row.id])
        found = [item for item in found if fits(item.name)]
        items, following = paged(
            (item for item in found if artifact_place(item) > behind), artifact_place, request.limit
        )
        return ArtifactPage(items, len(found), following)


def _driver(conn: Connection) -> Any:
    return conn.connection.driver_connection
