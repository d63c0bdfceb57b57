"""Start the job's own process: its own session, its own view of ``/opt/ml``, then exec.

The child waits between "ready" and exec until its supervisor has written down who it is, so that
no process ever runs that nobody knows of. No logging and no locks between fork and exec.

Imports: the standard library and the runner.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

from mlstudio.jobs.runner import sandbox
from mlstudio.jobs.runner.limits import apply_limits

RUN_VARIABLE: Final = "MLSTUDIO_RUN"
"""Names the run folder in the environment of all that a job starts: what outlives its supervisor is found by it."""
_READY: Final = b"R"


class LaunchError(Exception):
    """The child could not be made ready, or exec failed; the message says which and why."""


@dataclass(slots=True)
class Plan:
    """What to execute, where, and in which sandbox mode."""

    argv: list[str]
    env: dict[str, str]
    code: str
    """Working directory: ``/opt/ml/code`` in a namespace, else its real path."""
    mode: sandbox.Mode
    base: Path
    channels: dict[str, Path] = field(default_factory=dict)
    memory: int | None = None
    """Bytes of private data."""
    cpus: list[int] = field(default_factory=list)
    """Cores to bind to; empty: all."""
    binds: list[tuple[str, Path]] = field(default_factory=list)
    """Folder relative to `base` → what it shows, or holds, read-only."""


class Child:
    """A forked process that is ready but has not executed anything yet.

    Args:
        plan: what it will run.

    Raises:
        LaunchError: the sandbox cannot be made here.
    """

    def __init__(self, plan: Plan) -> None:
        self.output, write_end = os.pipe2(os.O_CLOEXEC)
        self._report, report_end = os.pipe2(os.O_CLOEXEC)
        go_end, self._go = os.pipe2(os.O_CLOEXEC)
        self.pid = os.fork()
        if self.pid == 0:
            for one in (self.output, self._report, self._go):  # held here, they would hide the supervisor's death
                os.close(one)
            _become(plan, write_end, report_end, go_end)
        for one in (write_end, report_end, go_end):
            os.close(one)
        first = os.read(self._report, 1)
        if first != _READY:
            reason = self._reason(first)
            os.waitpid(self.pid, 0)
            for one in (self.output, self._report, self._go):
                os.close(one)
            raise LaunchError(reason)

    def go(self) -> None:
        """Let it exec. Raises: LaunchError: exec failed (the process has ended then, not yet reaped)."""
        os.write(self._go, b"G")
        os.close(self._go)
        said = os.read(self._report, 1)
        reason = self._reason(said) if said else ""
        os.close(self._report)
        if reason:
            raise LaunchError(reason)

    def _reason(self, first: bytes) -> str:
        text = first
        while more := os.read(self._report, 4096):
            text += more
        try:
            return str(json.loads(text))
        except ValueError:
            return "the process ended before it was ready"


def _become(plan: Plan, output: int, report: int, go: int) -> NoReturn:
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        nothing = os.open(os.devnull, os.O_RDWR)
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        apply_limits(plan.memory, plan.cpus)
        if plan.mode == "namespace":
            sandbox.enter(plan.base, plan.channels, plan.binds)
        else:
            sandbox.link_channels(plan.base, plan.channels, plan.binds)
        os.write(report, _READY)
        if os.read(go, 1) != b"G":  # the supervisor died: nobody would know of this process
            os._exit(127)
        os.chdir(plan.code)
        os.umask(0o022)
        os.execve(_program(plan), plan.argv, plan.env)  # noqa: S606 - an argument list, never a shell
    except BaseException as error:
        os.write(report, json.dumps(f"{type(error).__name__}: {error}").encode())
    finally:
        os._exit(127)


def _program(plan: Plan) -> str:
    """Return the path of what is executed: a bare name is looked for in the job's own PATH."""
    name = plan.argv[0]
    if "/" in name:
        return name
    found = shutil.which(name, path=plan.env.get("PATH", os.defpath))
    if found is None:
        raise FileNotFoundError(f"{name} is not found in the PATH of the job")
    return found
