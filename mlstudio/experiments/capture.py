"""Where a run came from: commit, script or notebook cell, packages, machine.

Runs in a thread of its own, never in the caller's; git gets two seconds in all. What cannot be
found is left out; nothing here raises. Credentials are cut out of remotes, and arguments whose
name says secret are masked.

Knows nothing of: runs. Environment variables are not recorded.
"""

from __future__ import annotations

import functools
import importlib.metadata
import logging
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.experiments import CodeRecord, ComponentUpdate, EnvironmentRecord
from mlstudio.entities.secrets import MASK, is_secret
from mlstudio.experiments.values import clean_text

MAX_SOURCE: Final = 64 * 1024
GIT_SECONDS: Final = 2.0
MAX_ARGUMENT: Final = 4096
_log = logging.getLogger("mlstudio.experiments")


@dataclass(frozen=True)
class Cell:
    """A notebook cell: its source, its id, and the notebook's path where it is known."""

    source: str
    cell_id: str | None = None
    notebook_path: str | None = None


_cell: ContextVar[Cell | None] = ContextVar("mlstudio_cell", default=None)


@contextmanager
def cell(source: str, cell_id: str | None = None, notebook_path: str | None = None) -> Iterator[None]:
    """Say that what runs inside is this notebook cell; the magics do."""
    token = _cell.set(Cell(source, cell_id, notebook_path))
    try:
        yield
    finally:
        _cell.reset(token)


class Capture:
    """A capture that is under way."""

    def __init__(self, component: str, cell_now: Cell | None, argv: Sequence[str]) -> None:
        self._component = component
        self._cell = cell_now
        self._argv = list(argv)
        self._folder = _folder()
        self._thread = threading.Thread(target=self._work, name="mlstudio-capture", daemon=True)
        self._pid = os.getpid()
        self._thread.start()

    def wait(self, timeout: float = 5.0) -> None:
        """Wait for the end of it; a short script would else end before."""
        if self._pid == os.getpid():
            self._thread.join(timeout)

    def _work(self) -> None:
        try:
            from mlstudio.store import open_store

            change = ComponentUpdate(code=code(self._cell, self._argv, self._folder), env=environment())
            open_store().update_component(self._component, change)
        except Exception as error:  # noqa: BLE001, RUF100 - provenance never disturbs the run
            _log.debug("Code and environment of %s were not recorded: %s", self._component, error)


def start(component: str) -> Capture:
    """Begin to record code and environment of a component; returns at once."""
    return Capture(component, _cell.get() or notebook_cell(), sys.argv)


def notebook_cell() -> Cell | None:
    """Return the cell that runs now, None outside IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return None
    try:
        inputs = shell.user_ns.get("In") or [""]
        header: Any = getattr(shell, "parent_header", None) or {}
        cell_id = (header.get("metadata") or {}).get("cellId")
        path = os.environ.get("JPY_SESSION_NAME") or shell.user_ns.get("__session__")
        return Cell(str(inputs[-1]), cell_id, path)
    except (AttributeError, LookupError, TypeError):
        return None


def code(cell_now: Cell | None, argv: Sequence[str], folder: Path) -> CodeRecord:
    """Return where the code comes from.

    Args:
        cell_now: the notebook cell, None for a script.
        argv: arguments of the process.
        folder: where git is asked.
    """
    commit, remote, dirty = git(folder)
    script = None if cell_now is not None else _script(argv)
    source = cell_now.source if cell_now is not None else _source(script)
    return CodeRecord(
        git_commit=commit,
        git_remote=remote,
        git_dirty=dirty,
        entrypoint=str(script) if script else None,
        argv=[] if cell_now is not None else masked(argv),
        notebook_path=cell_now.notebook_path if cell_now else None,
        cell_id=cell_now.cell_id if cell_now else None,
        source=_cut(source),
    )


def masked(argv: Sequence[str]) -> list[str]:
    """Return arguments with the values of ``--token X`` and ``--token=X`` masked."""
    shown, hide = [], False
    for argument in argv:
        name, equals, _ = argument.partition("=")
        secret = name.startswith("-") and is_secret(name.lstrip("-").replace("-", "_"))
        if hide:
            shown.append(MASK)
        elif secret and equals:
            shown.append(f"{name}={MASK}")
        else:
            shown.append(clean_text(without_credentials(argument))[:MAX_ARGUMENT])
        hide = secret and not equals
    return shown


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


def git(folder: Path) -> tuple[str | None, str | None, bool | None]:
    """Return (commit, remote without credentials, whether tracked files differ) of a folder; None where unknown."""
    deadline = time.monotonic() + GIT_SECONDS
    commit = _git(folder, deadline, "rev-parse", "HEAD")
    if commit is None:
        return None, None, None
    remote = _git(folder, deadline, "config", "--get", "remote.origin.url")
    changes = _git(folder, deadline, "status", "--porcelain", "--untracked-files=no")
    return commit, without_credentials(remote) if remote else None, None if changes is None else bool(changes)


def _git(folder: Path, deadline: float, *arguments: str) -> str | None:
    left = deadline - time.monotonic()
    if left <= 0:
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *arguments],
            capture_output=True,
            timeout=left,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None


def _folder() -> Path:
    """Return the folder of the script, else the working folder."""
    script = _script(sys.argv)
    try:
        return script.parent if script is not None else Path.cwd()
    except OSError:  # the working folder was removed
        return Path("/")


def _script(argv: Sequence[str]) -> Path | None:
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    chosen = main or (argv[0] if argv else "")
    if not chosen:
        return None
    try:
        path = Path(chosen).absolute()
        return path if path.is_file() else None
    except OSError:
        return None


def _source(script: Path | None) -> str | None:
    if script is None or script.suffix not in {".py", ".ipynb", ".sh", ""}:
        return None
    try:
        with script.open("rb") as file:
            body = file.read(MAX_SOURCE + 1)
    except OSError:
        return None
    return None if b"\0" in body else body.decode("utf-8", "replace")


def _cut(source: str | None) -> str | None:
    if source is None:
        return None
    body = clean_text(source).encode()
    return body[:MAX_SOURCE].decode("utf-8", "ignore")


@functools.cache
def environment() -> EnvironmentRecord:
    """Return interpreter, packages and hardware; read once a process."""
    return EnvironmentRecord(
        python=platform.python_version(), platform=platform.platform(), packages=packages(), hardware=hardware()
    )


def packages() -> dict[str, str]:
    """Return the installed distributions and their versions, by name."""
    found: dict[str, str] = {}
    for one in importlib.metadata.distributions():
        try:
            name = one.metadata["Name"]
            if name:
                found.setdefault(str(name), str(one.version))
        except (OSError, KeyError, TypeError, ValueError):  # a broken installation of a stranger's package
            continue
    return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))


def hardware() -> dict[str, str]:
    """Return processor, cores, memory and NVIDIA GPUs, as text."""
    found = {"machine": platform.machine(), "cpus": str(os.cpu_count() or 0), "host": platform.node()}
    processor = _proc("/proc/cpuinfo", "model name")
    if processor:
        found["cpu"] = processor
    with suppress(AttributeError, OSError, ValueError):  # no such question on this system
        found["memory"] = str(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for number, card in enumerate(sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))):
        model = _proc(str(card), "Model")
        if model:
            found[f"gpu{number}"] = model
    driver = _first_line(Path("/sys/module/nvidia/version"))
    if driver:
        found["gpu_driver"] = driver
    return found


def _proc(path: str, key: str) -> str | None:
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return None


def _first_line(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or None
    except OSError:
        return None
