"""Refusals to delete, in the words that every backend uses."""

from __future__ import annotations

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
