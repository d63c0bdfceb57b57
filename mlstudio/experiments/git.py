"""What git says of a folder: commit, remote without credentials, and the uncommitted changes.

Two seconds for the questions, two more for the changes; what takes longer is left out. The
changes are those of tracked files, as a unified diff of at most 1 MiB, with what looks like a secret masked.

Knows nothing of: runs.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Final

from mlstudio.entities.secrets_diff import masked_diff

GIT_SECONDS: Final = 2.0
MAX_DIFF: Final = 1 << 20
_CUT: Final = "\\ cut: the changes are larger than 1 MiB\n"
State = tuple[str | None, str | None, bool | None]


def state(folder: Path) -> State:
    """Return (commit, remote without credentials, whether tracked files differ) of a folder; None where unknown."""
    deadline = time.monotonic() + GIT_SECONDS
    commit = _ask(folder, deadline, "rev-parse", "HEAD")
    if commit is None:
        return None, None, None
    remote = _ask(folder, deadline, "config", "--get", "remote.origin.url")
    changes = _ask(folder, deadline, "status", "--porcelain", "--untracked-files=no")
    return commit, without_credentials(remote) if remote else None, None if changes is None else bool(changes)


def diff(folder: Path) -> str | None:
    """Return the uncommitted changes of tracked files, None when there are none or git takes too long.

    At most 1 MiB; a longer one is cut behind a line and says so.
    """
    command = _command(
        folder,
        *("-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false", "diff", "HEAD", "--no-color"),
        *("--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "--"),
    )
    try:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
        ) as process:
            limit = threading.Timer(GIT_SECONDS, process.kill)
            limit.daemon = True
            limit.start()
            try:
                body = process.stdout.read(MAX_DIFF + 1) if process.stdout is not None else b""
                if len(body) > MAX_DIFF:
                    process.kill()
                elif process.wait() != 0:
                    return None
            finally:
                limit.cancel()
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    shown = masked_diff(body[:MAX_DIFF].decode("utf-8", "replace"))
    return _fitted(shown, cut=len(body) > MAX_DIFF) or None


def _fitted(text: str, *, cut: bool) -> str:
    """Return a diff of at most 1 MiB: masks may make it longer than it was."""
    body = text.encode()
    if not cut and len(body) <= MAX_DIFF:
        return text
    kept = body[: MAX_DIFF - len(_CUT)].decode("utf-8", "ignore")
    return kept[: kept.rfind("\n") + 1] + _CUT


def without_credentials(url: str) -> str:
    """Return a URL without user and password; other text as it is.

    >>> without_credentials("https://me:token@host/repo.git")
    'https://host/repo.git'
    """
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    if not separator or "@" not in authority:
        return url
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"


def _ask(folder: Path, deadline: float, *arguments: str) -> str | None:
    left = deadline - time.monotonic()
    if left <= 0:
        return None
    try:
        done = subprocess.run(
            _command(folder, *arguments),
            capture_output=True,
            timeout=left,
            check=False,
            stdin=subprocess.DEVNULL,
            env=_environment(),
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None


def _command(folder: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
