"""Saved views: how somebody looked at an experiment, under a name, to look so again.

`spec` is the panel's own JSON (columns, order, filter, charts); the server keeps it and does not
read it. A view may name columns that are gone: the panel leaves those out and says so.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType, field

from mlstudio.entities.wire import Int, Time

MAX_SPEC: Final = 256 * 1024
"""Bytes of a view's JSON."""
ViewName = Annotated[str, Meta(min_length=1, max_length=200)]


class SavedViewCreate(Struct, frozen=True, forbid_unknown_fields=True):
    """A new view of an experiment."""

    experiment: str
    name: ViewName
    spec: dict[str, Any] = field(default_factory=dict)


class SavedViewUpdate(Struct, frozen=True, forbid_unknown_fields=True):
    """Fields to change; `version`, when given, must be the present one."""

    name: ViewName | UnsetType = UNSET
    spec: dict[str, Any] | UnsetType = UNSET
    version: int | None = None


class SavedView(Struct, frozen=True, kw_only=True):
    """A view that was kept."""

    uid: str
    experiment: str
    name: str
    owner: str
    spec: dict[str, Any]
    created_at: Time
    modified_at: Time
    modified_by: str
    version: Int = 1


class SavedViewList(Struct, frozen=True):
    """Views of an experiment, by name."""

    items: list[SavedView]
