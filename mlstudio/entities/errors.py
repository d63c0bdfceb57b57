"""Every error that a person can meet: a sentence, the field, and what to do.

One class per meaning, one `code` per class, one HTTP status per code (`HTTP_STATUS`).
Nothing else in the house maps errors to statuses. The wire shape is
``{"error": {"code", "message", "field", "hint"}}``.

Imports: the standard library only.
"""

from __future__ import annotations

from typing import ClassVar, Final


class StudioError(Exception):
    """Base of all errors that mlstudio raises on purpose.

    Args:
        message: one sentence that says what was wrong, with the value.
        field: the argument or field that it concerns, if one does.
        hint: what to do about it.
    """

    code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.field, self.hint))


def _rebuild(cls: type[StudioError], message: str, field: str | None, hint: str | None) -> StudioError:
    return cls(message, field=field, hint=hint)


class InvalidField(StudioError, ValueError):
    """A value that the caller can mend."""

    code = "invalid_field"


class InvalidName(InvalidField):
    """A name outside ``[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}``."""

    code = "invalid_name"


class InvalidJson(InvalidField):
    """A request body that is not the JSON that was asked for."""

    code = "invalid_json"


class UnsafePath(InvalidField):
    """A path that leaves the folder it belongs to."""

    code = "unsafe_path"


class BadRegex(InvalidField):
    """A regular expression that RE2 refuses."""

    code = "bad_regex"


class BadArchive(InvalidField):
    """An archive with a member that may not be extracted or packed."""

    code = "bad_archive"


class BadQuery(InvalidField):
    """A search that cannot be read; the message holds the position."""

    code = "bad_query"


class Forbidden(StudioError):
    """The caller may not do this."""

    code = "forbidden"


class BadHost(Forbidden):
    """A Host header outside the allow-list (DNS rebinding)."""

    code = "bad_host"


class BadOrigin(Forbidden):
    """A request from another site."""

    code = "bad_origin"


class Unauthenticated(Forbidden):
    """No token or cookie, or a wrong one; a login would help."""

    code = "unauthenticated"


class BadXsrf(Forbidden):
    """A write with a cookie and without the matching XSRF header."""

    code = "bad_xsrf"


class InvalidRange(StudioError):
    """A Range header that lies outside the content."""

    code = "invalid_range"


class NotFound(StudioError, LookupError):
    """Nothing by that name; the message holds kind and name."""

    code = "not_found"


class MethodNotAllowed(StudioError):
    """The route exists, the verb does not."""

    code = "method_not_allowed"


class Conflict(StudioError):
    """The present state does not allow it; the message names the state."""

    code = "conflict"


class AlreadyExists(Conflict):
    """The name is taken, perhaps by a deleted record (purge frees it)."""

    code = "already_exists"


class HasChildren(Conflict):
    """The record still has trials or associations."""

    code = "has_children"


class VersionConflict(Conflict):
    """Somebody changed the record since it was read."""

    code = "version_conflict"


class ResourceInUse(Conflict):
    """A job of that name was submitted before (SageMaker's ResourceInUse)."""

    code = "resource_in_use"


class TooLarge(StudioError):
    """A body, file or archive over its limit; the message names the limit."""

    code = "too_large"


class NotJson(StudioError):
    """A write whose Content-Type is not JSON."""

    code = "not_json"


class TooMany(StudioError):
    """A rate or count limit."""

    code = "too_many"


class StoreBusy(StudioError):
    """The store is locked by another process for too long; try again."""

    code = "store_busy"


class StoreUnreachable(StudioError):
    """The store cannot be opened or has gone away."""

    code = "store_unreachable"


class StoreDamaged(StudioError):
    """The store file fails its integrity check; it is open for reading only."""

    code = "store_damaged"


class StoreTooNew(StudioError):
    """The store was made by a newer mlstudio."""

    code = "store_too_new"


class UnsafeSQLite(StudioError):
    """This SQLite build can lose committed data in WAL mode; it may not write."""

    code = "unsafe_sqlite"


class DiskFull(StudioError):
    """No space left; the message says how much is free and where."""

    code = "disk_full"


class AgentUnavailable(StudioError):
    """The job agent did not start or does not answer; the message holds its log's last lines."""

    code = "agent_unavailable"


HTTP_STATUS: Final[dict[str, int]] = {
    "invalid_field": 400,
    "invalid_name": 400,
    "invalid_json": 400,
    "unsafe_path": 400,
    "bad_regex": 400,
    "bad_archive": 400,
    "bad_query": 400,
    "forbidden": 403,
    "unauthenticated": 403,
    "bad_host": 403,
    "bad_origin": 403,
    "bad_xsrf": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "already_exists": 409,
    "has_children": 409,
    "version_conflict": 409,
    "resource_in_use": 409,
    "too_large": 413,
    "not_json": 415,
    "invalid_range": 416,
    "too_many": 429,
    "internal": 500,
    "store_busy": 503,
    "store_unreachable": 503,
    "store_damaged": 503,
    "store_too_new": 503,
    "unsafe_sqlite": 503,
    "agent_unavailable": 503,
    "disk_full": 507,
}
