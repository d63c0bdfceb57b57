"""What may be a saved view: its name and its size, alike for every backend.

Knows nothing of: what is in a view.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mlstudio.entities.errors import AlreadyExists, InvalidField, NotFound, VersionConflict
from mlstudio.entities.views import MAX_SPEC
from mlstudio.store.rules import clean_text


def checked_view_name(name: str) -> str:
    """Return the name of a view without blanks around it. Raises: InvalidField."""
    cleaned = clean_text(name, "name").strip()
    if not cleaned or len(cleaned) > 200:
        raise InvalidField("A view needs a name of 1 to 200 characters.", field="name")
    return cleaned


def view_json(spec: dict[str, Any]) -> str:
    """Return the JSON of a view. Raises: InvalidField (beyond 256 KiB, no JSON, no text)."""
    try:
        text = msgspec.json.encode(spec).decode()
        clean_text(text, "spec")
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidField("A view must be a JSON object.", field="spec") from error
    size = len(text.encode())
    if size > MAX_SPEC:
        raise InvalidField(f"The view has {size} bytes.", field="spec", hint=f"At most {MAX_SPEC} are kept.")
    return text


def read_view(text: str) -> dict[str, Any]:
    """Return a view from its JSON."""
    return msgspec.json.decode(text, type=dict[str, Any])


def no_view(uid: str) -> NotFound:
    """Return the error for a view that does not exist."""
    return NotFound(f'Saved view "{str(uid)[:200]}" does not exist.', field="view_uid")


def view_taken(name: str, experiment: str) -> AlreadyExists:
    """Return the error for a name that another view of the experiment has."""
    return AlreadyExists(
        f'Experiment "{experiment}" has a view "{name}" already.', field="name", hint="Use another name, or update it."
    )


def check_view_version(name: str, present: int, given: int | None) -> None:
    """Refuse a change of a view that somebody else changed since. Raises: VersionConflict."""
    if given is not None and given != present:
        raise VersionConflict(
            f'View "{name}" is at version {present}, the change was made from version {given}.',
            field="version",
            hint="Read it again and repeat the change.",
        )
