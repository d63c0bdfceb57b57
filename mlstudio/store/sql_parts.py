"""The small writes of which calls are made: inside one transaction, for one record.

`store.metrics_sql` uses them too, so that a parameter drained from a journal and one given to
`update_component` become the same rows.

Each function takes the open connection of a `SqlBase.write()`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mlstudio.entities.experiments import ArtifactRef, CodeRecord, EnvironmentRecord
from mlstudio.entities.names import new_uid
from mlstudio.entities.secrets_records import masked_code, masked_environment
from mlstudio.entities.wire import ParamValue
from mlstudio.store import schema
from mlstudio.store.rules import canonical, clean_key, clean_optional, clean_text, now, param_cell, user

_params_decoder: Final = msgspec.json.Decoder(dict[str, bool | int | float | str])
# What every new component needs goes through the bare driver: building these by Core costs more than running them.
_FIND_NAMES: Final = "SELECT text, id FROM name WHERE text IN (SELECT value FROM json_each(?))"
_NEW_NAME: Final = "INSERT OR IGNORE INTO name(text) VALUES (?)"
_PUT_PARAM: Final = (
    "INSERT INTO param(component_id, name_id, num, str) VALUES (?,?,?,?)"
    " ON CONFLICT(component_id, name_id) DO UPDATE SET num = excluded.num, str = excluded.str"
)
_PUT_TAG: Final = (
    "INSERT INTO tag(entity_kind, entity_id, key, value) VALUES (?,?,?,?)"
    " ON CONFLICT(entity_kind, entity_id, key) DO UPDATE SET value = excluded.value"
)

_FIND_ARTIFACT: Final = "SELECT id FROM artifact WHERE uid = ?"
_NEW_ARTIFACT: Final = (
    "INSERT INTO artifact(uid, uri, sha256, size, media_type, type, created_at, created_by) VALUES (?,?,?,?,?,?,?,?)"
)
_OF_NAME: Final = " component_artifact WHERE component_id = ? AND direction = ? AND name = ?"
_FIND_LINK: Final = "SELECT artifact_id FROM" + _OF_NAME
_CUT_LINK: Final = "DELETE FROM" + _OF_NAME
_PUT_LINK: Final = "INSERT INTO component_artifact(component_id, direction, name, artifact_id) VALUES (?,?,?,?)"


def among(column: sa.ColumnElement[Any], values: Iterable[int | str]) -> sa.ColumnElement[bool]:
    """Return ``column IN (values)`` with one bound parameter, however many there are."""
    listed = sa.func.json_each(canonical(list(values))).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def name_ids(conn: Connection, texts: Iterable[str]) -> dict[str, int]:
    """Return the ids of metric and parameter names, adding those that are new."""
    wanted = list(dict.fromkeys(texts))
    if not wanted:
        return {}
    raw: Any = conn.connection.driver_connection
    found = dict(raw.execute(_FIND_NAMES, (canonical(wanted),)).fetchall())
    missing = [text for text in wanted if text not in found]
    if missing:
        raw.executemany(_NEW_NAME, [(text,) for text in missing])
        found.update(raw.execute(_FIND_NAMES, (canonical(missing),)).fetchall())
    return found


def read_params(text: str) -> dict[str, ParamValue]:
    """Return parameters from their JSON column."""
    return _params_decoder.decode(text)


def write_params(conn: Connection, component_id: int, params: Mapping[str, ParamValue]) -> None:
    """Add search rows of cleaned parameters, replacing those of the same name."""
    if not params:
        return
    ids = name_ids(conn, params)
    raw: Any = conn.connection.driver_connection
    raw.executemany(_PUT_PARAM, [(component_id, ids[key], *param_cell(value)) for key, value in params.items()])


def merge_params(
    conn: Connection, component_id: int, params: Mapping[str, ParamValue], remove: Sequence[str] = ()
) -> None:
    """Merge cleaned parameters into a component and take names out, in both of their forms."""
    table = schema.component
    text = conn.execute(sa.select(table.c.params_json).where(table.c.id == component_id)).scalar_one()
    merged = {**read_params(text), **params}
    gone = [key for key in remove if merged.pop(key, None) is not None]
    conn.execute(sa.update(table).where(table.c.id == component_id).values(params_json=dump(merged)))
    write_params(conn, component_id, params)
    if gone:
        ids = sa.select(schema.name.c.id).where(among(schema.name.c.text, gone))
        conn.execute(
            sa.delete(schema.param).where(schema.param.c.component_id == component_id, schema.param.c.name_id.in_(ids))
        )


def dump(params: Mapping[str, ParamValue]) -> str:
    """Return parameters as their JSON column."""
    return msgspec.json.encode(params).decode()


def write_tags(conn: Connection, kind: str, key: int, tags: Mapping[str, str], *, replace: bool = False) -> None:
    """Merge cleaned tags into a record, or make them the only ones."""
    table = schema.tag
    if replace:
        conn.execute(sa.delete(table).where(table.c.entity_kind == kind, table.c.entity_id == key))
    if tags:
        raw: Any = conn.connection.driver_connection
        raw.executemany(_PUT_TAG, [(kind, key, tag, value) for tag, value in tags.items()])


def write_artifact(conn: Connection, component_id: int, direction: str, name: str, ref: ArtifactRef) -> ArtifactRef:
    """Add an input or output, or replace the one of that name; bytes of ours get a uid."""
    clean_key(name, f"{direction}s")
    uid = ref.uid or (new_uid() if ref.sha256 else None)
    uri, media_type = clean_text(ref.value, f"{direction}s"), clean_optional(ref.media_type, "media_type")
    raw: Any = conn.connection.driver_connection
    found = None if ref.uid is None else raw.execute(_FIND_ARTIFACT, (ref.uid,)).fetchone()
    if found is None:
        row = (uid, uri, ref.sha256, ref.size, media_type, "file", now(), user())
        artifact_id = raw.execute(_NEW_ARTIFACT, row).lastrowid
    else:
        artifact_id = found[0]
    place = (component_id, direction, name)
    old = raw.execute(_FIND_LINK, place).fetchone()
    if old is not None:
        raw.execute(_CUT_LINK, place)
    raw.execute(_PUT_LINK, (*place, artifact_id))
    if old is not None:
        drop_unreferenced(conn, [old[0]])
    return msgspec.structs.replace(ref, uid=uid)


def drop_artifacts(conn: Connection, component_id: int, direction: str, names: Sequence[str]) -> None:
    """Take inputs or outputs out of a component; a pointer that nobody else holds goes with it."""
    link = schema.component_artifact
    mine = (link.c.component_id == component_id) & (link.c.direction == direction) & among(link.c.name, names)
    ids = [row[0] for row in conn.execute(sa.select(link.c.artifact_id).where(mine))]
    if not ids:
        return
    conn.execute(sa.delete(link).where(mine))
    drop_unreferenced(conn, ids)


def drop_unreferenced(conn: Connection, ids: Sequence[int]) -> None:
    """Remove those artifact rows that no component holds any more, as input, output or medium."""
    table = schema.artifact
    holders = (schema.component_artifact.c.artifact_id, schema.media.c.artifact_id)
    unused = [table.c.id.not_in(sa.select(holder).where(among(holder, ids))) for holder in holders]
    conn.execute(sa.delete(table).where(among(table.c.id, ids), *unused))


def code_id(conn: Connection, code: CodeRecord | None) -> int | None:
    """Return the id of a code record, stored once per content."""
    if code is None:
        return None
    code = masked_code(code)
    row = {key: value for key, value in msgspec.structs.asdict(code).items() if key != "argv"}
    return _once(conn, schema.code, {**row, "argv_json": canonical(code.argv)}, canonical(code))


def env_id(conn: Connection, env: EnvironmentRecord | None) -> int | None:
    """Return the id of an environment, stored once per content."""
    if env is None:
        return None
    env = masked_environment(env)
    row = {"python": env.python, "platform": env.platform}
    texts = {f"{key}_json": canonical(getattr(env, key)) for key in ("packages", "hardware", "variables")}
    return _once(conn, schema.env, {**row, **texts}, canonical(env))


def _once(conn: Connection, table: sa.Table, row: dict[str, Any], content: str) -> int:
    digest = hashlib.sha256(clean_text(content, table.name).encode()).hexdigest()
    found = conn.execute(sa.select(table.c.id).where(table.c.sha256 == digest)).scalar()
    if found is not None:
        return int(found)
    key = conn.execute(sa.insert(table), {**row, "sha256": digest}).inserted_primary_key
    return int(key[0]) if key is not None else 0
