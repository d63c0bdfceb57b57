"""Cursors: where a page ended, as an opaque text that every backend reads alike."""

from __future__ import annotations

import base64
import binascii

import msgspec

from mlstudio.entities.errors import InvalidField

_Cursor = tuple[str | int, str]


def encode_cursor(key: str | int, uid: str) -> str:
    """Return an opaque cursor that points behind a row."""
    return base64.urlsafe_b64encode(msgspec.json.encode((key, uid))).decode().rstrip("=")


def decode_cursor(cursor: str, kind: type[str] | type[int]) -> _Cursor:
    """Return (key, uid) of a cursor. Raises: InvalidField when it is none of ours."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key, uid = msgspec.json.decode(raw, type=_Cursor)
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        key, uid = None, ""
    if type(key) is not kind:
        raise InvalidField("The cursor is not one of this list.", field="cursor", hint="Begin at the first page.")
    return key, uid
