"""Refusals to delete, and what is written down of an edit, in the words that every backend uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET

from mlstudio.entities.errors import Conflict, HasChildren
from mlstudio.store.laws import RecordKind
from mlstudio.store.rules import LABELS, field_of


def has_children(kind: RecordKind, name: str, count: int) -> HasChildren:
    """Return the error for a record that others still hang on."""
    word = {"experiment": "trial", "trial": "trial component", "trial-component": "trial"}[kind]
    verb = "is in" if kind == "trial-component" else "has"
    return HasChildren(
        f'{LABELS[kind]} "{name}" {verb} {count} {word}{"" if count == 1 else "s"}.',
        field=field_of(kind),
        hint="Delete or remove them first, or delete with force.",
    )


def not_deleted(kind: RecordKind, name: str) -> Conflict:
    """Return the error for a purge of a record that is not deleted."""
    return Conflict(f'{LABELS[kind]} "{name}" is not deleted.', field=field_of(kind), hint="Delete it first.")


_TEXTS = {"display_name": "renamed", "description": "noted", "experiment_name": "moved"}
_FLAGS = {"starred": ("unstarred", "starred"), "archived": ("unarchived", "archived")}


def edits(present: Mapping[str, Any], change: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (action, before, after) for each thing that an update of any kind really changes.

    Args:
        present: the fields as they are; of the change's fields only those that it sets are asked for.
        change: an `…Update`.
    """
    for field, action in _TEXTS.items():
        wanted = getattr(change, field, UNSET)
        if wanted is not UNSET and wanted != present[field]:
            yield action, present[field], wanted
    for field, actions in _FLAGS.items():
        wanted = getattr(change, field)
        if wanted is not UNSET and bool(wanted) != present[field]:
            yield actions[bool(wanted)], None, None
    if change.tags is not UNSET and change.tags != present["tags"]:
        old, new = present["tags"], change.tags
        differing = {key for key in {*old, *new} if old.get(key) != new.get(key)}
        before = {key: old[key] for key in sorted(differing & old.keys())}
        yield "tagged", before, {key: new[key] for key in sorted(differing & new.keys())}
