"""What git says of a folder: commit, remote without credentials, and the uncommitted changes.

Two seconds for the questions, two more for the changes; what takes longer is left out. The
changes are those of tracked files, as a unified diff of at most 1 MiB, with what looks like a secret masked.

Knows nothing of: runs.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from mlstudio.entities.secrets import MASK, SECRET_GLOBS, names_secret

GIT_SECONDS: Final = 2.0
MAX_DIFF: Final = 1 << 20
MAX_LINE: Final = 4096
_CUT: Final = "\\ cut: the changes are larger than 1 MiB\n"
_HIDDEN: Final = "\\ not shown: a file of this name may hold secrets\n"
_SECRET_WORDS: Final = tuple(glob.strip("*") for glob in SECRET_GLOBS)
_SECRET_FILES: Final = (
    ".env", ".env.*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "id_rsa*", "id_ed25519*", ".netrc", ".pypirc",
    "credentials*", "*secret*", "*kubeconfig*",
)  # fmt: skip
_UNQUOTED: Final = frozenset({".yaml", ".yml", ".ini", ".cfg", ".toml", ".conf", ".properties", ".sh", ".envrc"})
"""Files in which a value stands without quotes."""
_QUOTED_VALUE: Final = re.compile(
    r"([A-Za-z_][\w.-]{1,80})(['\"]?\]?\s{0,8}[:=]\s{0,8}[A-Za-z]{0,2}(\"{3}|'{3}|['\"]))((?:\\.|(?!\3)[^\\]){6,})(\3)"
)
_BARE_VALUE: Final = re.compile(
    r"^([ +-]\s{0,80}(?:export\s)?)([A-Za-z_][\w.-]{1,80})(\s{0,8}[:=]\s{0,8})([^\s'\"#].*)$"
)
_KEY: Final = "PRIVATE KEY-----"
_END_OF_KEY: Final = "-----END "
_USER_INFO: Final = re.compile(r"(://)[^/\s@'\"]{1,200}@")
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
    shown = redacted(body[:MAX_DIFF].decode("utf-8", "replace"))
    return _fitted(shown, cut=len(body) > MAX_DIFF) or None


def _fitted(text: str, *, cut: bool) -> str:
    """Return a diff of at most 1 MiB: masks may make it longer than it was."""
    body = text.encode()
    if not cut and len(body) <= MAX_DIFF:
        return text
    kept = body[: MAX_DIFF - len(_CUT)].decode("utf-8", "ignore")
    return kept[: kept.rfind("\n") + 1] + _CUT


def redacted(text: str) -> str:
    """Return a diff with secrets masked, by the names of files and of variables, and passwords in URLs.

    In code only what stands in quotes is masked (``max_tokens = 512`` is none).
    """
    shown, hidden, bare, key = [], False, False, False
    for line in text.splitlines(keepends=True):
        if line.startswith("diff --git "):
            name = line.rstrip().rpartition("/")[2].strip('"').lower()
            hidden = any(fnmatchcase(name, glob) for glob in _SECRET_FILES)
            key = False
            bare = os.path.splitext(name)[1] in _UNQUOTED  # noqa: PTH122 -- a name, no path
            shown.append(line + _HIDDEN if hidden else line)
        elif key and not line.startswith("@@"):
            key = _END_OF_KEY not in line
            shown.append(f"{line[:1]}{MASK}\n" if key else line)
        elif not hidden:
            key = _KEY in line and "-----BEGIN " in line and _END_OF_KEY not in line
            shown.append(_masked_line(line, bare=bare))
    return "".join(shown)


def _masked_line(line: str, *, bare: bool) -> str:
    if "://" in line and "@" in line:
        line = _USER_INFO.sub(rf"\1{MASK}@", line)
    upper = line.upper().replace("-", "_").replace(".", "_")
    if not any(word in upper for word in _SECRET_WORDS):
        return line
    if len(line) > MAX_LINE:  # a whole file in one line: what is behind is not looked at, so it is not shown
        line = f"{line[:MAX_LINE]}…\n"
    line = _QUOTED_VALUE.sub(
        lambda found: f"{found[1]}{found[2]}{MASK}{found[5]}" if names_secret(found[1]) else found[0], line
    )
    found = _BARE_VALUE.match(line.rstrip("\r\n")) if bare else None
    if found and names_secret(found[2]) and not _is_plain(found[4]):
        return f"{found[1]}{found[2]}{found[3]}{MASK}\n"
    return line


def _is_plain(value: str) -> bool:
    """Tell whether a value is a number or a truth value, which is no secret."""
    text = value.strip().rstrip(",").lower()
    return text in {"true", "false", "null", "none", ""} or (text.isascii() and text.isdigit() and len(text) < 10)


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
