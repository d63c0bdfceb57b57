"""How a job ended, in the words of SageMaker's FailureReason.

Imports: the standard library only.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import stat
from pathlib import Path
from typing import Final

REASON_LIMIT: Final = 1024
"""Characters of a FailureReason."""
_RANK: Final = re.compile(r"^\[rank\d+\]: ?")
"""What torch puts before each line of an error of one of several processes."""
_LAUNCHER_LOG: Final = re.compile(r"^[WEI]\d{4} \d\d:\d\d:")
"""How torchrun's own log lines begin; they follow the error of a process."""
_LAUNCHER: Final = "torch.distributed.elastic.multiprocessing.errors.ChildFailedError"
"""What torchrun raises when a process has failed: true, and not the reason."""


def split_status(status: int) -> tuple[int | None, int | None]:
    """Return (exit code, signal number) of a wait status; one of them is None."""
    if os.WIFSIGNALED(status):
        return None, os.WTERMSIG(status)
    return os.waitstatus_to_exitcode(status), None


def told_of(stopping: str) -> str | None:
    """Return the reason for a stop that the job's end is told with; None for one that somebody asked for."""
    return stopping if stopping.startswith(("MaxRuntimeExceeded", "MaxWaitTimeExceeded", "Interrupted")) else None


def signal_name(number: int) -> str:
    """Return ``SIGKILL`` for 9."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def last_error(tail: bytes) -> str:
    """Return the last lines of the last Python traceback in a log's end, else its last line.

    Of several processes it is the error of one of them, not that of the launcher.
    """
    lines = [_RANK.sub("", line) for line in tail[-65536:].decode("utf-8", "replace").splitlines()]
    starts = [i for i, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
    said = [text for start in reversed(starts) if (text := _error_after(lines[start + 1 :]))]
    if said:
        return next((text for text in said if not text.startswith(_LAUNCHER)), said[0])
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _error_after(lines: list[str]) -> str:
    """Return the error that ends a traceback whose frames begin here; "" when it was cut off before."""
    first = next((i for i, line in enumerate(lines) if line and not line[0].isspace()), None)
    if first is None:
        return ""
    said = lines[first : first + 5]
    end = next((i for i, line in enumerate(said) if i and _LAUNCHER_LOG.match(line)), len(said))
    return "\n".join(said[:end]).strip()


def said_in(path: Path) -> str:
    """Return the beginning of a regular file; "" for what is none: a FIFO would be waited for without end."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return ""
        return os.read(handle, 8192).decode("utf-8", "replace").strip()
    except OSError:
        return ""
    finally:
        os.close(handle)


def failure_reason(
    written: Path, rc: int | None, number: int | None, tail: bytes, argv: list[str], *, note: str = ""
) -> str:
    """Return the FailureReason of a job that did not succeed, at most 1,024 characters.

    Args:
        written: ``output/failure``; what the script wrote there wins.
        rc: exit code, None when a signal ended it.
        number: that signal.
        tail: the end of the log.
        argv: what was executed.
        note: what the supervisor knows beyond it, such as a memory limit.
    """
    said = said_in(written)
    if said:
        return said[:REASON_LIMIT]
    end = (f"ExitCode {rc}" if number is None else f"Killed by {signal_name(number)}") + (f": {note}" if note else "")
    command = shlex.join(argv)
    fixed = f'ExecuteUserScriptError:\n{end}\nErrorMessage ""\nCommand ""'
    room = REASON_LIMIT - len(fixed)
    error = last_error(tail)[: max(0, room - min(len(command), 300))]
    return f'ExecuteUserScriptError:\n{end}\nErrorMessage "{error}"\nCommand "{command[: room - len(error)]}"'
