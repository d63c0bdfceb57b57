"""``%jobs``, ``%job NAME …``, and a job's card that keeps itself up to date.

Knows nothing of: cells. A door: asks `jobs`, shows the answer.
"""

from __future__ import annotations

import contextvars
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import DisplayHandle, display

from mlstudio.entities.errors import StudioError
from mlstudio.entities.jobs import JobListRequest, StopRequest
from mlstudio.entities.status import ENDED
from mlstudio.magics.tables import LiveTable, Shown
from mlstudio.magics.words import MagicParser

if TYPE_CHECKING:
    from mlstudio.jobs import Job
    from mlstudio.store.laws import Store

LIVE_SECONDS: Final = 12 * 3600.0
"""After which a card stays as it is."""
PACE: Final = 0.5
"""Seconds between two updates of a card at least."""
STATUSES: Final = ("InProgress", "Completed", "Failed", "Stopping", "Stopped")


class LiveJob:
    """Shows a job's card, and shows it again in the same place as the agent tells of news.

    Args:
        job: which.
        seconds: how long it is followed.
    """

    def __init__(self, job: Job, *, seconds: float = LIVE_SECONDS) -> None:
        self._job, self._seconds = job, seconds
        self.thread: threading.Thread | None = None

    def show(self, *, live: bool) -> None:
        """Display now; with `live` keep it up to date from a daemon thread."""
        handle: DisplayHandle | None = display(self._card(), display_id=True)  # type: ignore[no-untyped-call]
        if not live or handle is None:
            return
        run = contextvars.copy_context().run  # carries the cell's message, to which the updates belong
        self.thread = threading.Thread(target=run, args=(self._follow, handle), daemon=True)
        self.thread.start()

    def _card(self) -> Shown:
        from mlstudio.jobs.shown import job_html

        return Shown(job_html(self._job.name), repr(self._job))

    def _follow(self, handle: DisplayHandle) -> None:
        told = 0.0
        try:
            for event in self._job.follow(self._seconds):
                if event.get("ended") or time.monotonic() - told >= PACE:
                    told = time.monotonic()
                    handle.update(self._card())  # type: ignore[no-untyped-call]
        except (StudioError, TimeoutError, OSError):
            return  # the card stays as it is; %job shows the job anew


def jobs_table(store: Store, request: JobListRequest) -> Shown:
    """Return the newest jobs as a table."""
    from mlstudio.experiments import reprs
    from mlstudio.jobs.shown import says, took

    items = store.list_jobs(request).items
    if not items:
        empty = "No jobs. %%job runs a cell as one."
        return Shown(reprs.table((empty,), ()), empty)
    head = ("job", "status", "now", "took", "")
    rows = [(one.name, one.status, one.secondary, took(one), " ".join(says(one).split())) for one in items]
    text = "\n".join("  ".join(str(cell) for cell in row).rstrip() for row in [head, *rows])
    return Shown(reprs.table(head, rows), text, any(one.status not in ENDED for one in items))


def _parser() -> MagicParser:
    parser = MagicParser("%jobs", "Show jobs, newest first; live.")
    parser.add_argument("--status", choices=STATUSES)
    parser.add_argument("--experiment")
    parser.add_argument("--mine", action="store_true")
    parser.add_argument("--limit", type=int, default=20)
    return parser


@magics_class
class JobsMagics(Magics):
    """Look at jobs and stop them."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._live: LiveTable | None = None

    @line_magic
    def jobs(self, line: str) -> None:
        """Show jobs, newest first; live.

        ``%jobs [--status InProgress] [--experiment X] [--mine] [--limit 20]``
        """
        from mlstudio.store import open_store
        from mlstudio.store.rules import user

        args = _parser().read(line)
        request = JobListRequest(
            status=args.status,
            experiment=args.experiment,
            owner=user() if args.mine else None,
            limit=min(max(args.limit, 1), 1000),
        )
        if self._live is not None:
            self._live.stop()
        try:
            store = open_store()
            self._live = LiveTable(lambda: jobs_table(store, request), store)
            self._live.show(live=hasattr(self.shell, "kernel"))
        except StudioError as error:
            raise UsageError(str(error)) from None

    @line_magic
    def job(self, line: str) -> Any:
        """Look at one job, or do something with it.

        ``%job NAME`` its card · ``%job NAME logs`` its whole log · ``%job NAME stop [GRACE]`` stop it, with 120 s
        of grace · ``%job NAME return`` fetch the variables of ``--return`` · ``%job NAME open`` the `Job` itself
        """
        words = line.split()
        if not words or len(words) > 3 or (len(words) == 3 and words[1] != "stop"):
            raise UsageError("%job NAME [logs | stop [GRACE] | return | open]")
        name, verb = words[0], (words[1] if len(words) > 1 else "")
        try:
            return self._do(name, verb, words[2] if len(words) == 3 else "120")
        except (StudioError, ValueError) as error:
            raise UsageError(str(error)) from None

    def _do(self, name: str, verb: str, grace: str) -> Any:
        from mlstudio import jobs

        job = jobs.get(name)
        if verb == "":
            LiveJob(job).show(live=hasattr(self.shell, "kernel"))
        elif verb == "logs":
            print(job.logs(), end="")  # noqa: T201
        elif verb == "stop":
            jobs.stop(name, StopRequest(grace=min(max(float(grace), 0.0), 3600.0)))
            LiveJob(job).show(live=hasattr(self.shell, "kernel"))
        elif verb == "return":
            found = job.returned()
            if not found:
                raise UsageError(
                    f"Job {name} has left no variables" + ("." if job.status in ENDED else " yet: it has not ended.")
                )
            if self.shell is not None:
                self.shell.push(found)  # type: ignore[no-untyped-call]
            print(", ".join(found))  # noqa: T201
        elif verb == "open":
            return job
        else:
            raise UsageError(f"There is no {verb!r}: %job NAME [logs | stop [GRACE] | return | open]")
        return None
