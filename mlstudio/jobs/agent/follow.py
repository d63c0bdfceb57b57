"""One attempt of a job, followed from order to end: its files become status, metrics, artifacts.

Every call may be repeated: moves that were made already are refused by the store and ignored
here, metrics are stored by offset, artifacts by name. So an agent that dies anywhere in here is
simply continued by the next one.

Reads: the run folder. Writes: job and trial component in the store.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.experiments import ComponentUpdate
from mlstudio.entities.job_parts import Grant
from mlstudio.entities.jobs import JobRecord, JobUpdate
from mlstudio.entities.status import ENDED, SECONDARY_MOVES, SecondaryStatus
from mlstudio.jobs.agent.ingest import LogIngest, journal_uid
from mlstudio.jobs.agent.keeping import keep
from mlstudio.jobs.contract import HOST
from mlstudio.jobs.executors.base import Executor, Handle, Observation
from mlstudio.jobs.runner.files import read_events, read_json
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home
from mlstudio.store.laws import Store
from mlstudio.store.recover import drain_component

ORPHAN_GRACE: Final = 120.0
LAUNCH_TIMEOUT: Final = 60.0
"""Seconds after which an attempt that wrote nothing counts as never launched."""
_FIRST_STEPS: Final[tuple[SecondaryStatus, ...]] = ("Starting", "Training")
"""Every job that ran has been through these."""
_STEPS: Final = 8
"""Stretches of log read in one turn, so that one flood does not keep the others waiting."""
_MESSAGES: Final = {
    "Starting": "Prepares the process.",
    "Downloading": "Makes the input channels available.",
    "Training": "Runs.",
    "Uploading": "Packs what the job left.",
    "Stopping": "Was asked to stop.",
}


def _micros(seconds: float) -> int:
    return int(seconds * 1e6)


class Follow:
    """An attempt under observation.

    Args:
        record: the job, not ended.
        run_dir: its run folder.
        component: uid of its trial component, "" when there is none.
        executor: where it runs.
        home: whose artifacts and journals.
    """

    def __init__(self, record: JobRecord, run_dir: Path, component: str, executor: Executor, home: Home) -> None:
        self.record = record
        self._uid, self._home = component, home
        self.run_dir = run_dir
        self.handle = Handle(record.name, record.attempt, str(run_dir))
        self._executor = executor
        self._events = 0
        self._since = time.monotonic()
        self._stop_asked: tuple[float, str] | None = None
        self.orphaned = False
        self.behind = False
        """More of the log waits to be read at once."""
        self._ingest = LogIngest(
            run_dir,
            HOST,
            record.spec.metric_definitions if component else [],
            journal=journal_uid(record.uid, record.attempt, HOST),
            component=component,
        )

    @property
    def log_total(self) -> int:
        """Bytes of log seen so far."""
        return self._ingest.total

    @property
    def ended(self) -> bool:
        """Whether the job has reached an end state."""
        return self.record.status in ENDED

    def started(self, store: Store, grant: Grant) -> None:
        """Say that the order went out, and with what; from now on something must be heard of it."""
        self._since = time.monotonic()
        told = " ".join(["Is being started.", *grant.notices])
        self._move(store, JobUpdate(secondary="Starting", run_dir=str(self.run_dir), status_message=told, grant=grant))

    def advance(self, store: Store) -> None:
        """Bring the store up to what the files say.

        Raises:
            StudioError: the store is away; call again.
        """
        self.behind = self._read_log(store, last=False, most=_STEPS)
        self._read_events(store)
        seen = self._executor.poll([self.handle])[0]
        if seen.state == "ended":
            self.behind = self._read_log(store, last=True, most=_STEPS)
            if not self.behind:
                self._read_events(store)
                self._finish(store, seen.exit or {})
        elif seen.state != "running":
            self._lost(store, seen)

    def stop(self, store: Store, grace: float, reason: str) -> None:
        """Carry a stop request out; the same one again does nothing."""
        if self._stop_asked == (grace, reason):
            return
        self._executor.stop(self.handle, grace, reason)
        self._stop_asked = (grace, reason)
        self.record = store.get_job(self.record.name)
        self._component(store, ComponentUpdate(status="Stopping", status_message=f"Stop was asked for ({reason})."))

    def _read_log(self, store: Store, *, last: bool, most: int | None) -> bool:
        count = 0
        while self._ingest.step(store, last=last):
            count += 1
            if most is not None and count >= most:
                return True
        return False

    def _read_events(self, store: Store) -> None:
        done = {one.status for one in self.record.transitions}
        for event in list(read_events(self.run_dir / "events.jsonl"))[self._events :]:
            self._events += 1
            status = event["data"].get("status")
            if event["type"] != "secondary" or status in done or status not in _MESSAGES:
                continue
            at = _micros(event["t"])
            self._catch_up(store, status)
            change = JobUpdate(
                secondary=status,
                status="Stopping" if status == "Stopping" else None,
                started_at=at if status == "Training" else None,
                status_message=_MESSAGES[status],
            )
            self._move(store, change)
            if status == "Training":
                self._component(store, ComponentUpdate(start_time=at))
            elif status == "Stopping":
                self._component(store, ComponentUpdate(status="Stopping"))

    def _finish(self, store: Store, done: dict[str, Any]) -> None:
        outcome = done.get("outcome", "Failed")
        reason = done.get("reason")
        secondary = reason if reason == "MaxRuntimeExceeded" else outcome
        made: dict[str, dict[str, Any]] = done.get("artifacts", {})
        names = {"model": "SageMaker.ModelArtifact", "output": "SageMaker.OutputData"}
        blobs = BlobStore(self._home.artifacts)
        outputs = {names[key]: keep(blobs, one) for key, one in made.items()}
        if self._uid:  # what the script logged itself and could not store before it was killed
            drain_component(store, self._home, self._uid)
        at = _micros(done.get("t", time.time()))
        message = reason if outcome == "Failed" else " ".join(done.get("problems", [])) or _said(outcome, reason)
        self._component(
            store, ComponentUpdate(status=outcome, status_message=message, end_time=at, outputs=outputs), end=True
        )
        change = JobUpdate(
            status=outcome,
            secondary=secondary,
            status_message=message,
            failure_reason=reason if outcome == "Failed" else None,
            exit_code=_exit_code(done),
            ended_at=at,
            model_artifact=made["model"]["path"] if "model" in made else None,
            output_artifact=made["output"]["path"] if "output" in made else None,
            log_bytes=done.get("log_bytes"),
            log_dropped=done.get("log_dropped"),
        )
        self._catch_up(store, secondary)
        self._move(store, change)

    def _lost(self, store: Store, seen: Observation) -> None:
        """End an attempt that cannot end itself any more (nothing here when it only just started)."""
        if seen.state == "absent":
            if time.monotonic() - self._since > LAUNCH_TIMEOUT:
                self._executor.stop(self.handle, 0, "LaunchFailed")  # one that comes late must not run
                free = shutil.disk_usage(self._home.root).free >> 20
                self.fail(store, f"LaunchFailed: nothing was heard of the job's supervisor; {free} MB are free here.")
        elif seen.state == "orphaned":
            self.orphaned = True
            grace = self._stop_asked[0] if self._stop_asked else ORPHAN_GRACE
            if self._executor.kill_orphan(self.handle, grace):
                self.fail(store, "SupervisorLost: the supervisor was killed; the job was stopped.")
        elif seen.state == "rebooted":
            self.fail(store, "HostRestarted: the host was restarted while the job ran.")
        else:
            self.fail(store, "SupervisorLost: supervisor and job were killed; how the job ended is unknown.")

    def fail(self, store: Store, reason: str) -> None:
        """End the job as Failed, with what its log said until then."""
        self._read_log(store, last=True, most=None)
        log = {"log_bytes": self.log_total}
        self._finish(store, {"outcome": "Failed", "reason": reason, "t": time.time(), **log})

    def stopped_before_start(self, store: Store) -> None:
        """End a job that never left the queue."""
        self._finish(store, {"outcome": "Stopped", "reason": None, "t": time.time(), "rc": None})

    def waits(self, store: Store, why: str) -> None:
        """Say why the job is pending."""
        if self.record.status_message != why:
            self._move(store, JobUpdate(status_message=why))

    def _catch_up(self, store: Store, target: str) -> None:
        """Make the moves before `target` that nobody could tell: a full disk may have cost an event or an order."""
        for step in _FIRST_STEPS:
            known = self.record.secondary
            if known == target or target in SECONDARY_MOVES[known]:
                return
            if step in SECONDARY_MOVES[known]:
                run = read_json(self.run_dir / "run.json") if step == "Training" else None
                at = _micros(run["t"]) if run else None
                self._move(store, JobUpdate(secondary=step, run_dir=str(self.run_dir), started_at=at))

    def _move(self, store: Store, change: JobUpdate) -> None:
        try:
            self.record = store.update_job(self.record.name, change)
        except Conflict:  # it went further already, for instance because a stop was asked for
            self.record = store.get_job(self.record.name)

    def _component(self, store: Store, change: ComponentUpdate, *, end: bool = False) -> None:
        name = self.record.trial_component
        try:
            store.update_component(name, change)
        except NotFound:
            return
        except Conflict:
            if end:  # its status went ahead of us; the rest of what we know still belongs to it
                store.update_component(name, ComponentUpdate(outputs=change.outputs, end_time=change.end_time))


def _said(outcome: str, reason: str | None) -> str:
    if reason == "MaxRuntimeExceeded":
        return "Stopped because max_run was over."
    return {"Completed": "Completed.", "Stopped": "Stopped as asked."}.get(outcome, outcome)


def _exit_code(done: dict[str, Any]) -> int | None:
    """Return the exit code as a shell gives it: 128 + signal for a death by signal."""
    if done.get("signal") is not None:
        return 128 + int(done["signal"])
    return done.get("rc")
