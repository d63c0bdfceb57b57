"""Live events: what the one socket carries.

Client → server: `SubscribeOp`, `UnsubscribeOp`. Server → client: arrays of `LiveEvent`.
Topics: ``experiments``, ``experiment:<name>``, ``component:<name>``, ``points:<name>``,
``views:<experiment>``, ``task:<uid>``, ``jobs``, ``job:<name>``, ``log:<job>``,
``output:<component>`` (what `mlstudio run` shows), ``schedules``, ``instances``. `seq` rises over the
whole server process (`boot`); another boot or too old a `since` is answered by one ``invalidate`` per topic.

Imports: msgspec only.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

Topics = Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=200)]


class SubscribeOp(Struct, frozen=True, tag_field="op", tag="subscribe"):
    """Listen to topics, from `since` on when given (events after that seq are sent again)."""

    topics: Topics
    since: int | None = None
    boot: str | None = None


class UnsubscribeOp(Struct, frozen=True, tag_field="op", tag="unsubscribe"):
    """Stop listening."""

    topics: Topics


ClientOp = SubscribeOp | UnsubscribeOp


class LiveEvent(Struct, frozen=True):
    """One thing that happened."""

    seq: int
    topic: str
    type: str
    data: Any


class Change(Struct, frozen=True):
    """A row of the store's change feed: what was touched, by any process, in commit order (SQLite).

    `kind` is experiment, trial, trial-component, job or view (a saved one; `name` is its
    experiment's); `op` is created, updated, status, metrics, params, artifacts, media, archived (put
    away or taken back), deleted, restored or purged. Kind store, op restored: everything may differ.
    """

    id: int
    at: int
    kind: str
    uid: str
    name: str
    op: str
