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

from msgspec import UNSET, UnsetType

from mlstudio.entities.errors import Conflict, DiskFull, NotFound
from mlstudio.entities.experiments import ComponentUpdate
from mlstudio.entities.job_parts import Grant, JobUsage
from mlstudio.entities.jobs import JobRecord, JobUpdate
from mlstudio.entities.status import ENDED, SECONDARY_MOVES, SecondaryStatus
from mlstudio.jobs.agent.attempts import INFRASTRUCTURE, attempt_folder, next_attempt, retries_used
from mlstudio.jobs.agent.ingest import LogIngest, journal_uid
from mlstudio.jobs.agent.keeping import keep, kept_folder
from mlstudio.jobs.agent.usage import UsageIngest
from mlstudio.jobs.agent.waiting import rest
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
_EXCEEDED: Final = ("MaxRuntimeExceeded", "MaxWaitTimeExceeded")
_LAUNCHES: Final = 3
"""How often an attempt is ordered whose supervisor is killed while it prepares."""
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
        self._first = attempt_folder(home.jobs / record.uid, 1)
        self._launches = 0
        self._started_at: int | UnsetType = UNSET
        self._usage = UsageIngest(run_dir, f"usage-{record.uid}-{record.attempt}", component)
        self.restarted = False
        """The attempt ended and the next one is ready: `record` says where."""
        self.orphaned = False
        self.behind = False
        """More of the log waits to be read at once."""
        self._ingest = LogIngest(
            run_dir,
            HOST,
            record.spec.metric_definitions if component else [],
            journal=journal_uid(record.uid, 1, HOST),  # one stream over all attempts
            component=component,
        )

    @property
    def log_total(self) -> int:
        """Bytes of log seen so far."""
        return self._ingest.total

    @property
    def interruptible(self) -> bool:
        """Whether it may be interrupted now for a job of higher priority."""
        return self.record.spec.spot and self._stop_asked is None and not self.record.stop_requested

    @property
    def interrupting(self) -> bool:
        """Whether it was asked to make room and has not done so yet."""
        return self._stop_asked is not None and self._stop_asked[1].startswith("Interrupted")

    def rest(self) -> tuple[float, str] | None:
        """Return in how many seconds it has waited too long, and the word for it; None: it may wait for ever."""
        return rest(self.record, self._first)

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
        self._usage.step(store)
        seen = self._executor.poll([self.handle])[0]
        self._read_events(store, over=seen.state == "ended")
        if seen.state == "ended":
            self.behind = self._read_log(store, last=True, most=_STEPS)
            if not self.behind:
                self._read_events(store, over=True)
                self._end(store, seen.exit or {})
        elif seen.state != "running":
            self._lost(store, seen)

    def interrupt(self, reason: str) -> None:
        """Ask the attempt to make room, or to end because it has waited too long; asked once."""
        if self._stop_asked is None:
            self._stop_asked = (self.record.spec.grace, reason)
            self._executor.stop(self.handle, *self._stop_asked)

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

    def _read_events(self, store: Store, *, over: bool) -> None:
        """Make the moves that the supervisor told of; what the component is told waits for the end if that is here."""
        done = self._seen_of_attempt()
        for event in list(read_events(self.run_dir / "events.jsonl"))[self._events :]:
            self._events += 1
            status = event["data"].get("status")
            if event["type"] != "secondary" or status in done or status not in _MESSAGES:
                continue
            reason = str(event["data"].get("reason", ""))
            if reason.startswith("Interrupted"):
                self._move(store, JobUpdate(secondary="Interrupted", status_message=reason))
            if self.record.secondary == "Interrupted":
                continue
            at = _micros(event["t"])
            self._catch_up(store, status)
            change = JobUpdate(
                secondary=status,
                status="Stopping" if status == "Stopping" else None,
                started_at=at if status == "Training" and self.record.started_at is None else None,
                status_message=_MESSAGES[status],
            )
            self._move(store, change)
            if status == "Training":
                self._started_at = at
                if not over:
                    self._component(store, ComponentUpdate(start_time=at))
            elif over:
                continue
            elif status == "Stopping":
                self._component(store, ComponentUpdate(status="Stopping"))

    def _seen_of_attempt(self) -> set[str]:
        """Return the secondary statuses that this attempt has had."""
        found: set[str] = set()
        for one in self.record.transitions:
            found = set() if one.status == "Restarting" else found | {one.status}
        return found

    def _end(self, store: Store, done: dict[str, Any]) -> None:
        """End the job as its attempt ended, or make the next attempt ready."""
        why = self._why_again(store, done)
        if why is None:
            self._finish(store, done)
            return
        because = " ".join(why.split())
        number, counts = self.record.attempt + 1, not because.startswith("Interrupted")
        self._component(store, ComponentUpdate(status="InProgress", status_message=because, resume=True))
        self._move(store, JobUpdate(secondary="Interrupted", status_message=because, usage=self._used(done)))
        run_dir = attempt_folder(self._first, number)
        try:
            next_attempt(
                self.run_dir,
                run_dir,
                number,
                because=f"Attempt {number}. {because}",
                retries=retries_used(self.run_dir) + counts,
                ran=float(done.get("ran_s", time.monotonic() - self._since)),
                checkpoints=self.record.spec.checkpoint_path,
            )
        except OSError as error:
            raise DiskFull(f"The next attempt cannot be made ready: {error.strerror} ({error.filename}).") from error
        told = f"Starts again: attempt {number}. {because}"
        change = JobUpdate(secondary="Restarting", status_message=told, attempt=number, run_dir=str(run_dir))
        self._move(store, change)
        self.restarted = True

    def _why_again(self, store: Store, done: dict[str, Any]) -> str | None:
        """Return why there is one more attempt, None when there is none."""
        reason, spec = str(done.get("reason") or ""), self.record.spec
        word = reason.partition(":")[0]
        if store.stop_request(self.record.name) is not None or not (self.run_dir / "spec.json").exists():
            return None
        if done.get("outcome") == "Stopped":
            return reason if word == "Interrupted" else None
        if done.get("outcome") != "Failed" or retries_used(self.run_dir) >= spec.retries:
            return None
        return reason if spec.retry_on == "any" or word in INFRASTRUCTURE else None

    def _used(self, done: dict[str, Any]) -> JobUsage | None:
        """Return what all attempts used, this one included; None when it is not known."""
        before = self.record.usage or JobUsage()
        if "cpu_s" not in done:
            return None
        return JobUsage(
            cpu_seconds=round(before.cpu_seconds + float(done["cpu_s"]), 3),
            max_rss=max(before.max_rss, int(done.get("max_rss", 0))),
            oom_kills=before.oom_kills + int(done.get("oom", 0)),
        )

    def _finish(self, store: Store, done: dict[str, Any]) -> None:
        outcome = done.get("outcome", "Failed")
        reason = done.get("reason")
        secondary = reason if reason in _EXCEEDED else outcome
        made: dict[str, dict[str, Any]] = done.get("artifacts", {})
        names = {"model": "SageMaker.ModelArtifact", "output": "SageMaker.OutputData"}
        blobs = BlobStore(self._home.artifacts)
        outputs = {names[key]: keep(blobs, one) for key, one in made.items()}
        outputs |= {name: kept_folder(one) for name, one in done.get("outputs", {}).items()}
        if self._uid:  # what the script logged itself and could not store before it was killed
            drain_component(store, self._home, self._uid)
        at = _micros(done.get("t", time.time()))
        told = " ".join(filter(None, [done.get("message"), *done.get("problems", [])]))
        message = reason if outcome == "Failed" else told or _said(outcome, reason)
        ended = ComponentUpdate(
            status=outcome, status_message=message, start_time=self._started_at, end_time=at, outputs=outputs
        )
        self._component(store, ended, end=True)
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
            usage=self._used(done),
        )
        self._catch_up(store, secondary)
        self._move(store, change)

    def _lost(self, store: Store, seen: Observation) -> None:
        """End an attempt that cannot end itself any more (nothing here when it only just started)."""
        if not self.run_dir.is_dir():
            self.orphaned = not self._executor.kill_orphan(self.handle, 0)
            if not self.orphaned:
                self.fail(store, "RunFolderLost: the job's folder was removed while it ran; the job was stopped.")
        elif seen.state == "absent":
            self._unheard(store)
        elif seen.state == "orphaned":
            self.orphaned = True
            grace = self._stop_asked[0] if self._stop_asked else ORPHAN_GRACE
            if self._executor.kill_orphan(self.handle, grace):
                self.orphaned = False
                self.fail(store, "SupervisorLost: the supervisor was killed; the job was stopped.")
        elif seen.state == "rebooted":
            self.fail(store, "HostRestarted: the host was restarted while the job ran.")
        else:
            self.fail(store, "SupervisorLost: supervisor and job were killed; how the job ended is unknown.")

    def _unheard(self, store: Store) -> None:
        """Order an attempt again whose supervisor was killed before it started anything; give it up after a minute."""
        if (self.run_dir / "preparing.json").exists() and self._launches < _LAUNCHES:
            if self._executor.kill_orphan(self.handle, 0):  # what installed its requirements
                (self.run_dir / "preparing.json").unlink(missing_ok=True)
                self._launches += 1
                self._since = time.monotonic()
                self._executor.submit(self.handle)
            else:
                self.orphaned = True
        elif time.monotonic() - self._since > LAUNCH_TIMEOUT:
            self._executor.stop(self.handle, 0, "LaunchFailed")  # one that comes late must not run
            free = shutil.disk_usage(self._home.root).free >> 20
            self.fail(store, f"LaunchFailed: nothing was heard of the job's supervisor; {free} MB are free here.")

    def fail(self, store: Store, reason: str, *, final: bool = False) -> None:
        """End the attempt as Failed, with what its log said until then.

        Args:
            store: where to.
            reason: a word, a colon, a sentence.
            final: another attempt would not help.
        """
        self._read_log(store, last=True, most=None)
        done = {"outcome": "Failed", "reason": reason, "t": time.time(), "log_bytes": self.log_total}
        if final:
            self._finish(store, done)
        else:
            self._end(store, done)

    def overdue(self, store: Store, word: str, why: str) -> None:
        """End a job that has waited too long: as Failed in the queue, as Stopped when it may have run already."""
        spec = self.record.spec
        if word == "MaxPendingTimeExceeded":
            self.fail(store, f"{word}: it waited {spec.max_pending} s. {why}".strip(), final=True)
        else:
            done = {"outcome": "Stopped", "reason": word, "t": time.time(), "rc": None, "log_bytes": self.log_total}
            self._finish(store, done)

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
            store.update_component(name, change, most=0)
        except NotFound:
            return
        except Conflict:
            if end:  # its status went ahead of us; the rest of what we know still belongs to it
                known = ComponentUpdate(outputs=change.outputs, start_time=change.start_time, end_time=change.end_time)
                store.update_component(name, known, most=0)


def _said(outcome: str, reason: str | None) -> str:
    if reason in _EXCEEDED:
        return f"Stopped because {'max_run' if reason == 'MaxRuntimeExceeded' else 'max_wait'} was over."
    return {"Completed": "Completed.", "Stopped": "Stopped as asked."}.get(outcome, outcome)


def _exit_code(done: dict[str, Any]) -> int | None:
    """Return the exit code as a shell gives it: 128 + signal for a death by signal."""
    if done.get("signal") is not None:
        return 128 + int(done["signal"])
    return done.get("rc")
