"""Saved views and the origins of imported components, in SQL; and which blobs are in use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy.engine import Connection

from mlstudio.entities.names import new_uid
from mlstudio.entities.views import SavedView, SavedViewCreate, SavedViewUpdate
from mlstudio.store import schema
from mlstudio.store.laws_around import Origin
from mlstudio.store.rules import clean_text, not_found, now, user
from mlstudio.store.sql_parts import among
from mlstudio.store.sql_rows import living, required
from mlstudio.store.sqlite import SqlBase
from mlstudio.store.view_rules import check_view_version, checked_view_name, no_view, read_view, view_json, view_taken

_STAMPS: Final = ("uid", "name", "owner", "created_at", "modified_at", "modified_by", "version")


class SqlViews(SqlBase):
    """The part of the store that keeps how somebody looked at an experiment.

    In the change feed a view goes by the name of its experiment: that is who must look again.
    """

    def create_view(self, wanted: SavedViewCreate) -> SavedView:
        """Keep a view. Raises: NotFound (the experiment), AlreadyExists (the name), InvalidField (256 KiB)."""
        name, spec = checked_view_name(wanted.name), view_json(wanted.spec)
        at, who = now(), user()
        row = {"uid": new_uid(), "owner": who, "created_at": at, "modified_at": at, "modified_by": who, "version": 1}
        with self.write() as conn:
            home = living(conn, "experiment", wanted.experiment)
            self._refuse_view(conn, home.id, wanted.experiment, name)
            conn.execute(
                sa.insert(schema.saved_view), {**row, "experiment_id": home.id, "name": name, "spec_json": spec}
            )
            self.note_change(conn, "view", str(row["uid"]), wanted.experiment, "created")
            return self._view(conn, str(row["uid"]))

    @staticmethod
    def _refuse_view(conn: Connection, home: int, experiment: str, name: str) -> None:
        c = schema.saved_view.c
        if conn.execute(sa.select(c.id).where(c.experiment_id == home, c.name == name)).first() is not None:
            raise view_taken(name, experiment)

    def views(self, experiment: str) -> list[SavedView]:
        """Return the views of an experiment by name. Raises: NotFound."""
        with self.read() as conn:
            home = required(conn, "experiment", experiment)
            here = schema.saved_view.c.experiment_id == home.id
            return [_view_of(row) for row in conn.execute(_views().where(here).order_by(schema.saved_view.c.name))]

    def get_view(self, uid: str) -> SavedView:
        """Return one. Raises: NotFound."""
        with self.read() as conn:
            return self._view(conn, uid)

    @staticmethod
    def _view(conn: Connection, uid: str) -> SavedView:
        row = conn.execute(_views().where(schema.saved_view.c.uid == uid)).one_or_none()
        if row is None:
            raise no_view(uid)
        return _view_of(row)

    def update_view(self, uid: str, change: SavedViewUpdate) -> SavedView:
        """Change it. Raises: NotFound, VersionConflict, AlreadyExists."""
        table = schema.saved_view
        fields: dict[str, Any] = {} if change.spec is UNSET else {"spec_json": view_json(change.spec)}
        if change.name is not UNSET:
            fields["name"] = checked_view_name(change.name)
        with self.write() as conn:
            present = self._view(conn, uid)
            check_view_version(present.name, present.version, change.version)
            if fields.get("name", present.name) != present.name:
                home = required(conn, "experiment", present.experiment)
                self._refuse_view(conn, home.id, present.experiment, fields["name"])
            fields |= {"modified_at": now(), "modified_by": user(), "version": table.c.version + 1}
            conn.execute(sa.update(table).where(table.c.uid == uid).values(fields))
            self.note_change(conn, "view", uid, present.experiment, "updated")
            return self._view(conn, uid)

    def delete_view(self, uid: str) -> None:
        """Remove it. Raises: NotFound."""
        with self.write() as conn:
            present = self._view(conn, uid)
            conn.execute(sa.delete(schema.saved_view).where(schema.saved_view.c.uid == uid))
            self.note_change(conn, "view", uid, present.experiment, "deleted")


def _views() -> sa.Select[Any]:
    table, home = schema.saved_view, schema.experiment
    columns = [table.c[name] for name in _STAMPS]
    query = sa.select(*columns, table.c.spec_json, home.c.name.label("experiment"))
    return query.join_from(table, home, home.c.id == table.c.experiment_id)


def _view_of(row: sa.Row[Any]) -> SavedView:
    stamps = {name: getattr(row, name) for name in _STAMPS}
    return SavedView(**stamps, experiment=row.experiment, spec=read_view(row.spec_json))


_COMPONENT: Final = "SELECT 1 FROM trial_component WHERE uid = ?"
_PUT_ORIGIN: Final = (
    "INSERT INTO origin(kind, source_id, component_uid, fingerprint, at) VALUES (?,?,?,?,?)"
    " ON CONFLICT(kind, source_id) DO UPDATE SET component_uid = excluded.component_uid,"
    " fingerprint = excluded.fingerprint, at = excluded.at"
)


class SqlOrigins(SqlBase):
    """The part of the store that knows where imported components came from."""

    def origins(self, kind: str, source_ids: Sequence[str]) -> dict[str, Origin]:
        """Return what is known of these, by source id; a component that was purged is forgotten."""
        c = schema.origin.c
        query = sa.select(c.kind, c.source_id, c.component_uid, c.fingerprint)
        with self.read() as conn:
            rows = conn.execute(query.where(c.kind == kind, among(c.source_id, source_ids)))
            return {row.source_id: Origin(*row) for row in rows}

    def set_origin(self, origin: Origin) -> None:
        """Remember one; the last write wins. Raises: NotFound (the component)."""
        row = (
            clean_text(origin.kind, "kind"),
            clean_text(origin.source_id, "source_id"),
            origin.component,
            clean_text(origin.fingerprint, "fingerprint"),
            now(),
        )
        with self.write() as conn:
            raw: Any = conn.connection.driver_connection
            if raw.execute(_COMPONENT, (origin.component,)).fetchone() is None:
                raise not_found("trial-component", origin.component)
            raw.execute(_PUT_ORIGIN, row)


class SqlBlobUse(SqlBase):
    """The part of the store that knows which blobs its records name."""

    def blobs_in_use(self, sha256s: Iterable[str] | None = None) -> set[str]:
        """Return those hashes that a record names (None: all that are named)."""
        asked = None if sha256s is None else list(sha256s)
        artifact, code, part = schema.artifact.c, schema.code, schema.component
        joined = code.join(part, part.c.code_id == code.c.id)
        queries = (
            (sa.select(artifact.sha256).distinct(), artifact.sha256),
            (sa.select(code.c.diff_sha256).distinct().select_from(joined), code.c.diff_sha256),
        )
        found: set[str] = set()
        with self.read() as conn:
            for query, column in queries:
                wanted = column.is_not(None) if asked is None else among(column, asked)
                found.update(row[0] for row in conn.execute(query.where(wanted)))
        return found
