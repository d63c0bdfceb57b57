"""Install a job's requirements.txt before its script starts; its log says so from the first line.

One job installs what several want, the others wait for it. What broke off leaves nothing that
could be taken for whole: a folder gets its name last.

Reads: the plan of spec.json. Writes: overlay folders, the job's log. Imports: the standard library and the runner.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlstudio.jobs.runner.child import Child, LaunchError, Plan
from mlstudio.jobs.runner.outcome import last_error
from mlstudio.jobs.runner.watched import Watched

if TYPE_CHECKING:
    from mlstudio.jobs.runner.supervisor import Supervisor

FILE: Final = "requirements.txt"
_LOOK: Final = 0.2
"""Seconds between two looks whether another job has finished installing."""
_SAID: Final = 800
"""Characters of pip's own words in a failure."""


def overlay_of(owner: Supervisor, plan: Mapping[str, Any], run_dir: Path, env: Mapping[str, str]) -> Path | None:
    """Return the folder with what a job requires, installed if need be; None when it requires nothing.

    Args:
        owner: its log, its stop requests.
        plan: ``install`` of spec.json.
        run_dir: the run folder.
        env: variables of the job; those of the plan are added for pip alone.

    Raises:
        LaunchError: pip failed, or the job was stopped meanwhile.
    """
    code = run_dir / "ml" / "code"
    if not plan or not (code / FILE).is_file():
        return None
    overlay = Path(plan["overlay"]) if plan.get("overlay") else run_dir / "overlay"
    with _alone(overlay, owner):
        if overlay.is_dir():
            owner.keep(f"{FILE}: installed already ({overlay}).\n".encode())
            with contextlib.suppress(OSError):
                os.utime(overlay)  # the time of its last use
            return overlay
        for left in overlay.parent.glob(f"{overlay.name}.*.part"):  # of a supervisor that was killed
            shutil.rmtree(left, ignore_errors=True)
        _install(owner, plan, code, overlay, env)
    return overlay


def _install(owner: Supervisor, plan: Mapping[str, Any], code: Path, overlay: Path, env: Mapping[str, str]) -> None:
    owner.keep(f"{FILE}: installing into {overlay} …\n".encode())
    owner.tail = b""
    began = time.monotonic()
    part = overlay.with_name(f"{overlay.name}.{os.getpid()}.part")
    argv = [*plan["argv"], "--target", str(part), "-r", FILE]
    child = Child(Plan(argv, {**env, **plan.get("env", {})}, str(code), "env", code.parent))
    child.go()
    watched = Watched(child, owner, None)
    watched.run()
    if watched.status != 0:
        shutil.rmtree(part, ignore_errors=True)
        raise LaunchError(f"{FILE} cannot be installed: {pip_error(owner.tail)[:_SAID]}")
    part.mkdir(exist_ok=True)  # nothing but what needed no files
    part.rename(overlay)
    owner.keep(f"{FILE}: installed in {time.monotonic() - began:.1f} s.\n".encode())


def pip_error(tail: bytes) -> str:
    """Return why pip failed: its first line of the last errors, else the end of what it said."""
    errors = [line.strip() for line in tail.decode("utf-8", "replace").splitlines() if line.startswith("ERROR: ")]
    return " ".join(one.removeprefix("ERROR: ") for one in errors[-2:]) or last_error(tail)


@contextlib.contextmanager
def _alone(overlay: Path, owner: Supervisor) -> Iterator[None]:
    """Hold the lock of an overlay; a stop of the job ends the waiting for it."""
    lock = os.open(f"{overlay}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    told = False
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    owner.keep(f"{FILE}: another job installs the same; waiting for it …\n".encode())
                    told = True
                if owner.stop_wanted() is not None:
                    raise LaunchError("stopped while another job installed the same requirements") from None
                time.sleep(_LOOK)
        yield
    finally:
        os.close(lock)


def with_overlay(env: Mapping[str, str], overlay: Path | None) -> dict[str, str]:
    """Return variables by which a program finds an overlay's modules and commands first."""
    if overlay is None:
        return dict(env)
    modules = os.pathsep.join(filter(None, [str(overlay), env.get("PYTHONPATH", "")]))
    commands = os.pathsep.join(filter(None, [str(overlay / "bin"), env.get("PATH", "")]))
    return {**env, "PYTHONPATH": modules, "PATH": commands}
