"""Jobs as they may be shown: secrets of their environment are masked, passwords cut out of URLs."""

from __future__ import annotations

import msgspec

from mlstudio.entities.jobs import JobPage, JobRecord
from mlstudio.entities.secrets import MASK, is_secret, redact, redact_url


def redacted(job: JobRecord) -> JobRecord:
    """Return a copy that hides what must not be shown.

    Hyperparameters hold JSON texts; one whose name is that of a secret is masked like a variable.
    """
    spec = msgspec.structs.replace(
        job.spec,
        environment=redact(job.spec.environment),
        hyperparameters={
            key: f'"{MASK}"' if is_secret(key) else value for key, value in job.spec.hyperparameters.items()
        },
        recorded=redact(job.spec.recorded),
        channels=[msgspec.structs.replace(item, source=redact_url(item.source)) for item in job.spec.channels],
        client_token=None,
    )
    return msgspec.structs.replace(job, spec=spec)


def redacted_page(page: JobPage) -> JobPage:
    """Return a page of such copies."""
    return msgspec.structs.replace(page, items=[redacted(job) for job in page.items])
