"""What lies in a job's folder, and what two jobs do not share, as it may be shown: secrets are masked."""

from __future__ import annotations

import msgspec

from mlstudio.entities.job_requests import FieldDifference, JobDifference, JobFolders, JobSource
from mlstudio.entities.secrets import MASK, is_secret, redact_url
from mlstudio.server.redact_code import redacted_text


def redacted_source(source: JobSource) -> JobSource:
    """Return a job's code without what reads like a secret; lines stay lines."""
    files = [
        one if one.text is None else msgspec.structs.replace(one, text=redacted_text(one.text)) for one in source.files
    ]
    return msgspec.structs.replace(source, files=files)


def redacted_difference(found: JobDifference) -> JobDifference:
    """Return what two jobs do not share without secrets: that a secret differs is told, its values are not."""
    files = [msgspec.structs.replace(one, diff=redacted_text(one.diff)) for one in found.files]
    return msgspec.structs.replace(found, fields=[_field(one) for one in found.fields], files=files)


def _field(one: FieldDifference) -> FieldDifference:
    def shown(value: str | None) -> str | None:
        if value is None:
            return None
        return MASK if is_secret(one.name) else redacted_text(redact_url(value))

    return msgspec.structs.replace(one, left=shown(one.left), right=shown(one.right))


def redacted_folders(found: JobFolders) -> JobFolders:
    """Return a job's folders without the passwords of their URLs."""
    return JobFolders([msgspec.structs.replace(one, place=redact_url(one.place)) for one in found.items])
