"""One supervisor per job: starts it, drains its output, stops it, writes down how it ended.

Promises: the pipe is always drained, so the job never blocks on its log; a stop is SIGTERM, the
grace, SIGKILL of the group and of every descendant; ``model.tar.gz`` and ``output.tar.gz`` are
made after success, failure and stop alike; exit.json is the last thing written.

It never opens the database: an outage or a migration cannot hurt a job.
Reads: spec.json, stop.json. Writes: run.json, events.jsonl, log/, artifacts/, exit.json.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final

from mlstudio.jobs.runner import artifacts, continuous, outputs, process, requirements, sandbox
from mlstudio.jobs.runner.child import RUN_VARIABLE, Child, LaunchError, Plan
from mlstudio.jobs.runner.container import remove as remove_container
from mlstudio.jobs.runner.container import run_argv
from mlstudio.jobs.runner.files import Events, Reserved, read_json, write_json
from mlstudio.jobs.runner.logs import HEAD, SEGMENT, TAIL, LogWriter
from mlstudio.jobs.runner.memory import MemoryGroup, limit_said
from mlstudio.jobs.runner.outcome import REASON_LIMIT, failure_reason, last_error, said_in, split_status, told_of
from mlstudio.jobs.runner.stage import Refused, check_entry
from mlstudio.jobs.runner.watched import READ, Watched

GRACE: Final = 120.0
_PR_SET_CHILD_SUBREAPER: Final = 36


class Supervisor:
    """Runs the job of a run folder to its end.

    Args:
        run_dir: holds spec.json, written by the submitter.
    """

    def __init__(self, run_dir: Path) -> None:
        self._dir = run_dir
        self._spec: dict[str, Any] = read_json(run_dir / "spec.json") or {}
        self._ml = run_dir / "ml"
        self.host = str(self._spec.get("host", "algo-1"))
        self.grace = float(self._spec.get("grace", GRACE))
        self.stopping: str = ""
        self._stop_seen = 0
        self._terminated = False
        self.tail = b""
        self._memory: int | None = None
        self._group: MemoryGroup | None = None
        self._copiers: list[int] = []
        self.events = Events(run_dir / "events.jsonl")
        self._exit = Reserved(run_dir / "exit.json")
        sizes = self._spec.get("log", {})
        self._log = LogWriter(
            run_dir / "log",
            self.host,
            head=sizes.get("head", HEAD),
            tail=sizes.get("tail", TAIL),
            segment=sizes.get("segment", SEGMENT),
        )
        if self._spec.get("because"):
            self._log.write(f"--- {self._spec['because']}\n".encode())
        self.wakeup, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._on_term)
        for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(ignored, signal.SIG_IGN)

    def _on_term(self, *_: object) -> None:
        self._terminated = True

    def child_ended(self) -> None:
        """Let nothing be copied any more by others: what is missing comes with the last look."""
        while self._copiers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._copiers.pop(), signal.SIGTERM)

    def keep(self, data: bytes) -> None:
        """Log bytes of the job."""
        self._log.write(data)
        self.tail = (self.tail + data)[-READ:]

    def sample(self, cpu: float, rss: int) -> None:
        """Note what the job uses now: per cent of one core, bytes; on a full disk it is not noted."""
        line = json.dumps({"t": round(time.time(), 3), "cpu": round(cpu, 1), "rss": rss}, separators=(",", ":"))
        with contextlib.suppress(OSError):
            handle = os.open(self._dir / "usage.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, line.encode() + b"\n")
            finally:
                os.close(handle)

    def stop_wanted(self) -> float | None:
        """Return the grace in seconds when a stop request is new, else None."""
        try:
            seen = (self._dir / "stop.json").stat().st_mtime_ns
        except OSError:
            seen = 0
        terminated, self._terminated = self._terminated, False
        if seen and seen != self._stop_seen:
            self._stop_seen = seen
            wanted = read_json(self._dir / "stop.json") or {}
            self.stopping = self.stopping or str(wanted.get("reason", "user"))
            return max(0.0, float(wanted.get("grace", self.grace)))
        if terminated and not self.stopping:
            self.stopping = "SIGTERM to the supervisor"
            return self.grace
        return None

    def run(self) -> None:
        """Run to the end; whatever goes wrong here still ends in exit.json."""
        try:
            result = self._supervise()
        except (LaunchError, Refused) as error:
            stopped = ("Stopped", told_of(self.stopping))
            outcome, reason = stopped if self.stopping else ("Failed", f"LaunchFailed: {error}")
            result = {"rc": None, "signal": None, "outcome": outcome, "reason": reason}
        except Exception as error:
            traceback.print_exc()
            result = {"rc": None, "signal": None, "outcome": "Failed", "reason": f"SupervisorError: {error}"}
            process.kill_descendants(os.getpid())
        if self._spec.get("container"):
            remove_container(self._spec["container"], self._dir)
        result |= self._collect()
        try:
            result |= self._deliver(result)
        except (OSError, LaunchError) as error:
            result["problems"].append(f"The outputs are incomplete: {error}.")
        if self._group is not None:
            self._group.remove()
        self._log.close()
        result |= {"v": 1, "t": time.time(), "stopped": bool(self.stopping)}
        result |= {"log_bytes": self._log.offset, "log_dropped": self._log.dropped}
        self._exit.publish(result)

    def _supervise(self) -> dict[str, Any]:
        code = self._ml / "code"
        if self._spec["entry"]:
            check_entry(code, str(self._spec["entry"]))
        if self.stop_wanted() is not None:
            return {"rc": None, "signal": None, "outcome": "Stopped", "reason": told_of(self.stopping)}
        overlay = self._install()
        channels = {one["name"]: Path(one["source"]) for one in self._spec.get("channels", [])}
        fetches = bool(self._spec.get("transfer", {}).get("fetch"))
        if channels or fetches or self._spec.get("binds"):
            self.events.add("secondary", status="Downloading")
        if fetches and (why := self._transfer("fetch")):
            reason = told_of(self.stopping) if self.stopping else f"InputFailed: {why}"
            return {"rc": None, "signal": None, "outcome": "Stopped" if self.stopping else "Failed", "reason": reason}
        child, plan = self._ready(channels, overlay)
        self._join_group(child.pid)
        self._write_run(child, plan)
        self._copiers = continuous.start_all(self._dir, self._spec)
        child.go()
        self.events.add("secondary", status="Training")
        watched = Watched(child, self, float(self._spec.get("max_run", 86400)))
        watched.run()
        return self._result(watched, plan)

    def _ready(self, channels: dict[str, Path], overlay: Path | None) -> tuple[Child, Plan]:
        granted = read_json(self._dir / "grant.json") or {}
        memory, cpus = granted.get("memory"), granted.get("cpus", [])
        self._memory = memory
        if memory and granted.get("memory_by") != "rlimit":
            self._group = MemoryGroup.make(self._dir.name, memory)
            memory = memory if self._group is None else None
        env = {**self._spec["env"], **granted.get("env", {}), RUN_VARIABLE: str(self._dir)}
        env = requirements.with_overlay(env, overlay)
        argv, cwd = list(self._spec["argv"]), self._spec.get("cwd", "code")
        binds = [(one["target"], Path(one["source"])) for one in self._spec.get("binds", [])]
        container = self._spec.get("container")
        if container:
            places = [*((f"input/data/{name}", source) for name, source in channels.items()), *binds]
            plan = Plan(run_argv(container, self._dir, places, granted), env, str(self._ml), "env", self._ml)
            return Child(plan), plan
        if self._spec.get("mode", "namespace") == "namespace":
            plan = Plan(argv, env, f"{sandbox.BASE}/{cwd}", "namespace", self._ml, channels, memory, cpus, binds)
            try:
                return Child(plan), plan
            except LaunchError as error:
                self.events.add("warning", message=f"/opt/ml cannot be made private here ({error}); using real paths.")
        base = str(self._ml)
        env = {key: sandbox.rebase(value, base) for key, value in env.items()}
        argv = [sandbox.rebase(value, base) for value in argv]
        plan = Plan(argv, env, f"{base}/{cwd}", "env", self._ml, channels, memory, cpus, binds)
        return Child(plan), plan

    def _join_group(self, pid: int) -> None:
        """Put the job's process into its memory group before it runs; else limit the process itself."""
        if self._group is None or self._memory is None:
            return
        try:
            self._group.join(pid)
        except OSError:
            self._group.remove()
            self._group = None
            with contextlib.suppress(OSError, ValueError):
                resource.prlimit(pid, resource.RLIMIT_DATA, (self._memory, self._memory))

    def _limit_met(self) -> str:
        """Return a word about the memory limit when the job has met it, "" otherwise."""
        if self._memory is None:
            return ""
        if self._group is not None:
            return self._group.said() if self._group.oom_kills() else ""
        return limit_said(self._memory) if b"MemoryError" in self.tail else ""

    def _write_run(self, child: Child, plan: Plan) -> None:
        known = {
            "v": 1,
            "job": self._spec.get("job"),
            "attempt": self._spec.get("attempt", 1),
            "host": self.host,
            "boot_id": process.boot_id(),
            "supervisor": process.identity(os.getpid()),
            "child": {**process.identity(child.pid), "pgid": child.pid, "mounts": _own_mounts(child.pid)},
            "cgroup": self._group and str(self._group.folder),
            "mode": "container" if self._spec.get("container") else plan.mode,
            "t": time.time(),
        }
        write_json(self._dir / "run.json", known)

    def _install(self) -> Path | None:
        """Install requirements.txt, once per content and interpreter."""
        env = {**self._spec["env"], RUN_VARIABLE: str(self._dir)}
        return requirements.overlay_of(self, self._spec.get("install") or {}, self._dir, env)

    def _transfer(self, verb: str) -> str:
        """Run the program that speaks to URLs; "" when all went well, else the last thing that it said."""
        program = self._spec["transfer"]
        argv, env = [*program["argv"], verb, str(self._dir)], {**program["env"], RUN_VARIABLE: str(self._dir)}
        child = Child(Plan(argv, env, str(self._dir), "env", self._ml))
        child.go()
        watched = Watched(child, self, None)
        watched.run()
        return "" if watched.status == 0 else last_error(self.tail)[:900] or "the transfer broke off"

    def _result(self, watched: Watched, plan: Plan) -> dict[str, Any]:
        assert watched.status is not None
        rc, number = split_status(watched.status)
        outcome = "Stopped" if self.stopping else "Completed" if rc == 0 else "Failed"
        reason: str | None = None
        note = self._limit_met()
        if outcome == "Failed":
            reason = failure_reason(self._file_of("failure", "message"), rc, number, self.tail, plan.argv, note=note)
        elif outcome == "Stopped":
            reason = told_of(self.stopping)
        oom = 0 if self._group is None else self._group.oom_kills()
        usage = {"max_rss": watched.max_rss, "cpu_s": watched.cpu_s, "oom": oom, "ran_s": watched.ran()}
        message = said_in(self._file_of("message"))[:REASON_LIMIT]
        return {"rc": rc, "signal": number, "outcome": outcome, "reason": reason, "message": message, **usage}

    def _file_of(self, *names: str) -> Path:
        """Return the file in which the script says how it ended; of several that which it has written."""
        places = [self._ml / "output" / name for name in names]
        return next((place for place in places if said_in(place)), places[0])

    def _deliver(self, result: dict[str, Any]) -> dict[str, Any]:
        """Bring a processing job's outputs where they belong; one that cannot be brought fails the job."""
        wanted, completed = self._spec.get("outputs", []), result["outcome"] == "Completed"
        if wanted and completed:
            self.events.add("secondary", status="Uploading")
        made, problems = outputs.deliver(self._dir, wanted, completed=completed)
        told = outputs.told(made)
        if self._spec.get("output_path"):
            told += outputs.keep_intermediate(self._dir, Path(self._spec["output_path"]))
        if outputs.goes_to_url(self._spec) and (completed or not wanted):
            why = self._transfer("upload")
            said = (read_json(self._dir / "upload.json") or {}).get("problems", [why] if why else [])
            problems, told = (problems + said, told) if wanted else (problems, told + said)
        end: dict[str, Any] = {"outputs": made, "problems": [*result["problems"], *problems, *told]}
        if problems and completed:
            end |= {"outcome": "Failed", "reason": " ".join(problems)[:REASON_LIMIT]}
        return end

    def _collect(self) -> dict[str, Any]:
        """Archive what the job left; a full disk is told, and the job's result stands."""
        made: dict[str, Any] = {}
        problems: list[str] = []
        wanted = {"model": self._ml / "model", "output": self._ml / "output" / "data"}
        uploading = False
        for name, folder in wanted.items():
            try:
                if not uploading and folder.is_dir() and any(folder.iterdir()):
                    uploading = True
                    self.events.add("secondary", status="Uploading")
                packed = artifacts.pack_folder(folder, self._dir / "artifacts" / f"{name}.tar.gz")
                if packed is not None and self._spec.get("output_path"):
                    packed["path"] = str(artifacts.deliver(Path(packed["path"]), Path(self._spec["output_path"])))
            except OSError as error:
                problems.append(f"{name}.tar.gz is incomplete: {error.strerror or error}.")
                continue
            if packed is not None:
                packed["skipped"] = packed["skipped"][:10]  # exit.json has its space already
                made[name] = packed
        return {"artifacts": made, "problems": problems}


def _own_mounts(pid: int) -> int:
    """Return the number of the child's mount namespace, 0 when it shares ours."""
    seen = process.mount_namespace(pid)
    return 0 if seen == process.mount_namespace(os.getpid()) else seen


def main(run_dir: Path) -> None:
    """Supervise the job of `run_dir` in the calling process, which must be freshly forked or started.

    A second supervisor of the same run, and one of a run that has ended, leaves at once.
    """
    lock = os.open(run_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    if (run_dir / "exit.json").exists() or (run_dir / "run.json").exists():
        return
    with contextlib.suppress(PermissionError):
        os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    said = os.open(run_dir / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(source, target)
    known = {"boot_id": process.boot_id(), "supervisor": process.identity(os.getpid())}
    with contextlib.suppress(OSError):  # told because installing requirements may take minutes
        write_json(run_dir / "preparing.json", known, sync=False)
    Supervisor(run_dir).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
