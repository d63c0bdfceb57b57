"""A training job after `fit`: wait for it, read its log, describe it, stop it.

Reads: the job through `mlstudio.jobs`. Writes: log lines to stdout while somebody waits.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any, ClassVar

from mlstudio import jobs
from mlstudio.entities.experiments import SeriesSummary
from mlstudio.entities.jobs import JobRecord
from mlstudio.jobs.client import run_folder
from mlstudio.jobs.describe import describe
from mlstudio.jobs.logs import last_lines
from mlstudio.store import open_store
from mlstudio.training.progress import progress_of

SHOWN_LINES = 20
SLICE = 0.5
"""Seconds between two looks at the log of a job that is waited for asynchronously."""


class UnexpectedStatusException(ValueError):
    """A job that was waited for ended otherwise than hoped.

    Args:
        message: job, status, FailureReason and the last lines of its log.
        allowed_statuses: what was hoped for.
        actual_status: what came.
    """

    def __init__(self, message: str, allowed_statuses: list[str], actual_status: str) -> None:
        super().__init__(message)
        self.allowed_statuses = allowed_statuses
        self.actual_status = actual_status

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.allowed_statuses, self.actual_status))


class TrainingJob:
    """A training job by name.

    Args:
        name: of an existing job.
    """

    _word: ClassVar[str] = "Training"

    def __init__(self, name: str) -> None:
        self._job = jobs.Job(name)

    def __repr__(self) -> str:
        return f"TrainingJob({self.name!r}, {self.status()})"

    @property
    def name(self) -> str:
        """Its name."""
        return self._job.name

    @property
    def job_name(self) -> str:
        """Its name, in SageMaker's newer spelling."""
        return self.name

    def record(self) -> JobRecord:
        """Return everything known of it now."""
        return self._job.record()

    def status(self) -> str:
        """Return InProgress, Stopping, Completed, Failed or Stopped."""
        return self._job.status

    def describe(self) -> dict[str, Any]:
        """Return SageMaker's DescribeTrainingJob answer."""
        record = self.record()
        return describe(record, self._series(record))

    @staticmethod
    def _series(record: JobRecord) -> list[SeriesSummary]:
        from mlstudio.entities.errors import NotFound

        try:
            return open_store().series(record.trial_component)
        except NotFound:  # the component was purged; the job stays describable
            return []

    def stop(self, grace: float = 120.0) -> None:
        """Ask it to stop and return; a job that has ended is left alone, as SageMaker does.

        Args:
            grace: seconds between SIGTERM and SIGKILL.
        """
        from mlstudio.entities.errors import Conflict

        try:
            self._job.stop(grace)
        except Conflict:
            return

    def logs(self) -> str:
        """Return its log as text."""
        return self._job.logs()

    def wait(self, logs: Any = "All") -> None:
        """Return when it has ended: within 0.2 s of the end.

        In a notebook a card shows how it stands, in a terminal a line; both are renewed in their place.

        Args:
            logs: "All" or True prints its log live; None, False or "None" does not.

        Raises:
            UnexpectedStatusException: it failed; the message holds FailureReason and the last 20 log lines.
            KeyboardInterrupt: Ctrl-C; the job runs on, and how to stop it is printed.
        """
        progress = progress_of(self.name, logs=_wanted(logs))
        try:
            for event in self._job.follow():
                progress.news()
                if event.get("ended"):
                    break
        except KeyboardInterrupt:
            progress.leave()
            sys.stderr.write(
                f"\nJob {self.name} runs on. To stop it: mlstudio.jobs.get({self.name!r}).stop(); "
                f"to watch it again: {self._word}Job({self.name!r}).wait().\n"
            )
            raise
        progress.end()
        self._check()

    async def wait_async(self, logs: Any = None) -> None:
        """Return when it has ended, and let other tasks run meanwhile.

        Args:
            logs: "All" or True prints its log live; None, False or "None" does not.

        Raises:
            UnexpectedStatusException: as `wait`.
            asyncio.CancelledError: the task was cancelled; the job runs on.
        """
        progress = progress_of(self.name, logs=_wanted(logs))
        ended = False
        while not ended:
            with contextlib.suppress(TimeoutError):
                await self._job.wait_async(SLICE)
                ended = True
            progress.news()
        progress.end()
        self._check()

    def _check(self) -> None:
        record = self.record()
        if record.status == "Stopped":  # as SageMaker says it: no error, and no success
            sys.stderr.write(f"Job {self.name} was stopped: {record.status_message or record.secondary}\n")
        if record.status != "Failed":
            return
        lines = "\n".join(last_lines(run_folder(record), SHOWN_LINES))
        raise UnexpectedStatusException(
            f"Error for {self._word} job {self.name}: {record.status}. Reason: {record.failure_reason}"
            + (f"\nThe last lines of its log:\n{lines}" if lines else ""),
            ["Completed", "Stopped"],
            record.status,
        )


def _wanted(logs: Any) -> bool:
    return logs not in (None, False, "None", [], ["None"])
