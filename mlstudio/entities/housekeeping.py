"""What the doctor found, how much room things take, what can be set right, and who did what.

Imports: msgspec and `entities.wire`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from mlstudio.entities.wire import Count, Time


class DoctorFinding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    code: str
    level: Literal["ok", "note", "slow", "unsafe"]
    message: str
    hint: str = ""
    repair: str | None = None
    """What to send to ``doctor/repair`` to set it right; None where a person must."""


class DoctorSize(Struct, frozen=True, kw_only=True):
    """How much room something takes."""

    what: str
    bytes: Count
    count: Count | None = None


class DoctorReport(Struct, frozen=True, kw_only=True):
    """What is wrong or could be soon, and how large everything is."""

    items: list[DoctorFinding]
    sizes: list[DoctorSize] = field(default_factory=list)


class RepairRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What to set right: the `repair` of a finding."""

    what: Annotated[str, Meta(min_length=1, max_length=64)]


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One thing that somebody did to a record.

    `action`: renamed, noted, tagged, starred, unstarred, archived, unarchived, moved, deleted, restored, purged.
    """

    id: Count
    at: Time
    who: str
    action: str
    kind: str
    uid: str
    name: str
    before: Any = None
    """What the field was; of tags only those that changed."""
    after: Any = None
