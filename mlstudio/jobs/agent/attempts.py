"""The next attempt of a job: a run folder of its own, with the same code and settings, and the checkpoints.

Attempt n of a job lives in ``<home>/jobs/<uid>-<n>``, the first in ``<home>/jobs/<uid>``. What
must go on is moved, not copied: it takes no time and no disk. The log goes on in one stream, its
offsets too. Every step may be repeated: an agent that is killed in between is continued by the
next one.

Reads and writes: run folders. Knows nothing of: the store.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from mlstudio.jobs.contract import BASE
from mlstudio.jobs.runner.files import read_json, write_json

INFRASTRUCTURE: Final = frozenset({"HostRestarted", "SupervisorLost", "Interrupted", "LaunchFailed", "NodeLost"})
"""Reasons that are not the script's: after them a job may be run again without asking whether it is at fault."""
_MOVED: Final = ("code", "input/config", "config")
_EMPTY: Final = ("input/data", "model", "output/data", "output/intermediate", "output/metrics/sagemaker", "processing")


def attempt_folder(first: Path, number: int) -> Path:
    """Return the run folder of an attempt, given that of the first."""
    return first if number == 1 else first.with_name(f"{first.name}-{number}")


def retries_used(run_dir: Path) -> int:
    """Return how many attempts before this one count against `JobSpec.retries`; interruptions do not."""
    return int((read_json(run_dir / "spec.json") or {}).get("retries", 0))


def next_attempt(
    before: Path, after: Path, number: int, *, because: str, retries: int, ran: float, checkpoints: str
) -> None:
    """Make the run folder `after` of attempt `number`, ready to be launched.

    Args:
        before: run folder of the attempt that ended.
        after: made; when it exists already nothing is done.
        number: of the new attempt.
        because: why it is made, a sentence that its log begins with.
        retries: attempts that count so far.
        ran: seconds that the attempts before may have run of `max_run`.
        checkpoints: absolute path, as the script sees it, of the folder that is carried over.

    Raises:
        OSError: the disk is full, or the folder before is gone; call again.
    """
    if after.exists():
        return
    staged = after.with_name(f".next-{after.name}")
    old, new = before / "ml", staged / "ml"
    plan = read_json(staged / "spec.json") or read_json(before / "spec.json")
    if plan is None:
        raise FileNotFoundError(2, "the settings of the job are gone", str(before / "spec.json"))
    for folder in _folders(old, plan):
        (new / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    if plan.get("attempt") != number:
        plan |= {"attempt": number, "because": because, "retries": retries}
        plan["max_run"] = max(1, round(float(plan.get("max_run", 86400)) - ran))
        plan["env"] = {**plan["env"], "MLSTUDIO_ATTEMPT": str(number)}
        write_json(staged / "spec.json", plan)
    kept = list(filter(None, dict.fromkeys(["checkpoints", _below(checkpoints)])))
    for name in (*_MOVED, *kept):
        _move(old / name, new / name)
    for name in kept:
        if not (new / name).is_symlink():
            (new / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    _move(before / "log", staged / "log")
    staged.rename(after)


def _move(source: Path, target: Path) -> None:
    if os.path.lexists(source) and not os.path.lexists(target):  # checkpoints may be a link to a folder of the user
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        source.rename(target)
    elif source.is_symlink() and not target.is_symlink():  # checkpoints in a folder that the job was given
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.symlink_to(source.readlink())


def _below(path: str) -> str:
    """Return a path below ``/opt/ml`` relative to it, "" for any other."""
    inside = Path(os.path.normpath(path))
    return str(inside.relative_to(BASE)) if inside.is_relative_to(BASE) and str(inside) != BASE else ""


def _folders(old: Path, plan: dict[str, Any]) -> list[str]:
    """Return the empty folders that an attempt finds, relative to ``/opt/ml``."""
    found = [name for name in _EMPTY if (old / name).is_dir()]
    found += [f"input/data/{one['name']}" for one in plan.get("channels", [])]
    for folder, names, _ in os.walk(old / "processing"):
        here = Path(folder)
        found += [str((here / name).relative_to(old)) for name in names if not (here / name).is_symlink()]
    return found
