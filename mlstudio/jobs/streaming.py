"""A job's log as it comes, until the job has ended.

Driven by what the agent tells, not by the clock. Bytes are decoded as they come: a character that is
cut by a read is not broken by it.

Reads: log files, by `jobs.client`.
"""

from __future__ import annotations

import codecs
from typing import Any, TextIO

from mlstudio.entities.jobs import JobRecord
from mlstudio.jobs.client import Job, read_log
from mlstudio.jobs.logs import marker


def stream(job: Job, out: TextIO) -> JobRecord:
    """Write a job's log to `out` from its beginning until the job has ended; return its record then.

    Secrets are masked, dropped bytes show as a marker line.

    Raises:
        NotFound: it was deleted.
        AgentUnavailable: no agent can be started.
        KeyboardInterrupt: Ctrl-C; the job runs on.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    offset = 0
    for event in job.follow():
        offset = _more(job.name, offset, decoder, out)
        if event.get("ended"):
            break
    _more(job.name, offset, decoder, out)
    out.write(decoder.decode(b"", final=True))
    out.flush()
    return job.record()


def _more(name: str, offset: int, decoder: Any, out: TextIO) -> int:
    while True:
        chunk = read_log(name, offset=offset)
        if chunk.dropped:
            out.write(decoder.decode(marker(chunk.dropped)))
        out.write(decoder.decode(chunk.data))
        if chunk.next_offset <= offset or not chunk.data:
            out.flush()
            return max(offset, chunk.next_offset)
        offset = chunk.next_offset
