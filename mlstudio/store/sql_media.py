"""Media in SQL: a row with a small preview for each, its bytes an artifact.

`write_media` runs inside the transaction of `apply`. A page is read name by name along the index,
so that previews are never sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.engine import Connection

from mlstudio.entities.experiments import ArtifactItem
from mlstudio.entities.media import MediaItem, MediaPage, MediaRef, MediaSeries
from mlstudio.entities.names import new_uid
from mlstudio.store.laws_around import MediaStore
from mlstudio.store.media_rules import clean_medium, item_of, next_cursor, page_size, place_of, step_of, thinned
from mlstudio.store.rules import now, user
from mlstudio.store.sql_parts import drop_unreferenced, name_ids
from mlstudio.store.sql_rows import required
from mlstudio.store.sqlite import SqlBase

_LAST: Final = "SELECT max(step) FROM media WHERE component_id = ? AND name_id = ?"
_NAMES: Final = (
    "SELECT n.text, n.id FROM name n WHERE n.id IN (SELECT DISTINCT name_id FROM media WHERE component_id = ?)"
    " ORDER BY n.text"
)
_STEPS: Final = "SELECT step, count(*) FROM media WHERE component_id = ? AND name_id = ? GROUP BY step ORDER BY step"
_KIND: Final = "SELECT kind FROM media WHERE component_id = ? AND name_id = ? ORDER BY step DESC, seq DESC LIMIT 1"
_PAGE: Final = (
    "SELECT m.step, m.seq, m.ts, m.kind, m.caption, m.preview, m.preview_type, a.uid, a.media_type, a.size"
    " FROM media m JOIN artifact a ON a.id = m.artifact_id WHERE m.component_id = ? AND m.name_id = ?"
    " AND m.step >= ? AND m.step <= ? AND (m.step, m.seq) > (?, ?) ORDER BY m.step, m.seq LIMIT ?"
)
_FIND: Final = "SELECT id, artifact_id FROM media WHERE component_id = ? AND name_id = ? AND step = ? AND seq = ?"
_PUT: Final = (
    "INSERT INTO media(component_id, name_id, step, seq, ts, kind, artifact_id, preview, caption, preview_type)"
    " VALUES (?,?,?,?,?,?,?,?,?,?)"
)
_CHANGE: Final = (
    "UPDATE media SET ts = ?, kind = ?, artifact_id = ?, preview = ?, caption = ?, preview_type = ? WHERE id = ?"
)
_PUT_ARTIFACT: Final = (
    "INSERT INTO artifact(uid, uri, sha256, size, media_type, type, created_at, created_by)"
    " VALUES (?,?,?,?,?,'media',?,?)"
)
_COLUMNS: Final = (
    "step", "seq", "ts", "kind", "caption", "preview", "preview_type", "artifact_uid", "media_type", "size",
)  # fmt: skip
_BEGIN: Final = -(2**63)
_END: Final = 2**63 - 1


def write_media(conn: Connection, component_id: int, refs: Sequence[MediaRef]) -> None:
    """Add media, each replacing what stands at its name, step and seq."""
    cleaned = [clean_medium(ref) for ref in refs]
    ids = name_ids(conn, [ref.name for ref in cleaned])
    raw: Any = conn.connection.driver_connection
    last: dict[int, int | None] = {}
    for ref in cleaned:
        name_id = ids[ref.name]
        if name_id not in last:
            last[name_id] = raw.execute(_LAST, (component_id, name_id)).fetchone()[0]
        step = step_of(ref, last[name_id])
        known = last[name_id]
        last[name_id] = step if known is None else max(known, step)
        _put(conn, component_id, name_id, step, ref)


def _put(conn: Connection, component_id: int, name_id: int, step: int, ref: MediaRef) -> None:
    """Write one medium; plain SQL, for a training may log thousands and building a statement costs more than it."""
    raw: Any = conn.connection.driver_connection
    here, artifact_id = (component_id, name_id, step, ref.seq), _artifact(raw, ref)
    row = (ref.ts, ref.kind, artifact_id, ref.preview, ref.caption, ref.preview_type)
    old = raw.execute(_FIND, here).fetchone()
    if old is None:
        raw.execute(_PUT, (*here, *row))
        return
    raw.execute(_CHANGE, (*row, old[0]))
    if old[1] != artifact_id:
        drop_unreferenced(conn, [old[1]])


def _artifact(raw: Any, ref: MediaRef) -> int:
    """Return the key of the artifact that holds a medium's bytes, made unless its uid is known."""
    stored = ref.ref
    if stored.uid is not None:
        known = raw.execute("SELECT id FROM artifact WHERE uid = ?", (stored.uid,)).fetchone()
        if known is not None:
            return int(known[0])
    row = (stored.uid or new_uid(), stored.value, stored.sha256, stored.size, stored.media_type, now(), user())
    return int(raw.execute(_PUT_ARTIFACT, row).lastrowid)


def media_artifact(conn: Connection, uid: str) -> ArtifactItem | None:
    """Return the artifact of a medium by its uid, under the medium's name; None when there is none."""
    raw: Any = conn.connection.driver_connection
    row = raw.execute(
        "SELECT n.text, a.uri, a.media_type, a.size, a.sha256, a.created_at FROM artifact a"
        " JOIN media m ON m.artifact_id = a.id JOIN name n ON n.id = m.name_id WHERE a.uid = ? LIMIT 1",
        (uid,),
    ).fetchone()
    if row is None:
        return None
    name, value, media_type, size, sha256, at = row
    return ArtifactItem(
        name=name,
        direction="output",
        value=value,
        media_type=media_type,
        uid=uid,
        size=size,
        sha256=sha256,
        created_at=at,
    )


class SqlMedia(SqlBase, MediaStore):
    """The part of the store that lists media."""

    def media_series(self, component: str) -> list[MediaSeries]:
        """Return the media of a component (its name), folded by name. Raises: NotFound."""
        with self.read() as conn:
            key = required(conn, "trial-component", component).id
            raw: Any = conn.connection.driver_connection
            found = []
            for name, name_id in raw.execute(_NAMES, (key,)).fetchall():
                steps = raw.execute(_STEPS, (key, name_id)).fetchall()
                (kind,) = raw.execute(_KIND, (key, name_id)).fetchone()
                count = sum(row[1] for row in steps)
                found.append(MediaSeries(name=name, kind=kind, count=count, steps=thinned([row[0] for row in steps])))
        return found

    def media(
        self,
        component: str,
        name: str | None = None,
        *,
        steps: tuple[int, int] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> MediaPage:
        """Return a page by name, step and seq; both ends of `steps` included. Raises: NotFound."""
        behind, size = place_of(cursor), page_size(limit)
        low, high = steps or (_BEGIN, _END)
        found: list[MediaItem] = []
        with self.read() as conn:
            key = required(conn, "trial-component", component).id
            raw: Any = conn.connection.driver_connection
            for text, name_id in raw.execute(_NAMES, (key,)).fetchall():
                if (name is not None and text != name) or (behind is not None and text < behind[0]):
                    continue
                after = behind[1:] if behind is not None and text == behind[0] else (_BEGIN, -1)
                wanted = size + 1 - len(found)
                rows = raw.execute(_PAGE, (key, name_id, low, high, *after, wanted)).fetchall()
                found += [item_of({"name": text, **dict(zip(_COLUMNS, row, strict=True))}) for row in rows]
                if len(found) > size:
                    break
        more = next_cursor(found[size - 1]) if len(found) > size else None
        return MediaPage(found[:size], more)
