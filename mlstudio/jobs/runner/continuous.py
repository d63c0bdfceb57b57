"""Copy files of a running job as they are closed: outputs of mode Continuous, ``output/intermediate``.

Runs in a process of its own, forked by the supervisor, so that a large copy never holds up the
log. What it misses, or could not write, the last look after the job's end brings.

Imports: the standard library and the runner.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from mlstudio.jobs.runner.outputs import copy_file, files_of

_IN_CLOSE_WRITE: Final = 0x8
_IN_MOVED_TO: Final = 0x80
_IN_CREATE: Final = 0x100
_IN_ISDIR: Final = 0x40000000
_IN_Q_OVERFLOW: Final = 0x4000
_EVENT: Final = struct.Struct("iIII")
_LOOK: Final = 1.0
"""Seconds between two looks where the kernel tells nothing; and whether the supervisor lives."""

Put = Callable[[Path, str], object]
"""Takes a file and its path relative to the output folder. May raise OSError."""


class Source(NamedTuple):
    """A folder under observation.

    Attributes:
        base: what the job sees as ``/opt/ml``.
        folder: inside it; the job may take it away and make it again.
        put: what happens with each closed file.
    """

    base: Path
    folder: Path
    put: Put


class Closed:
    """Puts the files of some folders as they are closed."""

    def __init__(self, sources: list[Source]) -> None:
        self._sources = sources
        self._watched: dict[int, tuple[Path, list[Source]]] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)
        try:
            self.descriptor = int(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        except AttributeError:  # not Linux
            self.descriptor = -1
        for one in sources:
            self._watch(one.folder.parent, one)
            self._take(one, one.folder)

    def run(self, ended: Callable[[], bool]) -> None:
        """Go on until `ended` says so; it is asked at least once a second."""
        while not ended():
            if self.descriptor < 0:
                time.sleep(_LOOK)
                for one in self._sources:
                    self._put_all(one, older_than=time.time() - _LOOK)
            elif select.select([self.descriptor], [], [], _LOOK)[0]:
                self._read()

    def _watch(self, folder: Path, source: Source) -> None:
        if self.descriptor >= 0:
            flags = _IN_CLOSE_WRITE | _IN_MOVED_TO | _IN_CREATE
            known = int(self._libc.inotify_add_watch(self.descriptor, os.fsencode(folder), flags))
            if known >= 0:
                sources = self._watched.setdefault(known, (folder, []))[1]
                if source not in sources:
                    sources.append(source)

    def _take(self, source: Source, folder: Path) -> None:
        """Watch a folder with all below it, and put what is in it already."""
        if folder.is_symlink() or not folder.is_dir():
            return
        for here, _, _ in os.walk(folder):
            self._watch(Path(here), source)
        self._put_all(source)

    def _put_all(self, source: Source, *, older_than: float = float("inf")) -> None:
        for name, content in files_of(source.base, source.folder):
            with contextlib.suppress(OSError):
                if content is not None and content.stat().st_mtime <= older_than:
                    source.put(content, name)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.descriptor, 1 << 16)
            at = 0
            while at < len(data):
                known, mask, _, length = _EVENT.unpack_from(data, at)
                name = os.fsdecode(data[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0"))
                at += _EVENT.size + length
                if mask & _IN_Q_OVERFLOW:
                    for one in self._sources:
                        self._take(one, one.folder)
                elif known in self._watched:
                    folder, sources = self._watched[known]
                    for one in sources:
                        self._changed(folder, one, name, mask)

    def _changed(self, folder: Path, source: Source, name: str, mask: int) -> None:
        path = folder / name
        if mask & _IN_ISDIR:
            if path.is_relative_to(source.folder):
                self._take(source, path)
        elif mask & (_IN_CLOSE_WRITE | _IN_MOVED_TO) and path.is_relative_to(source.folder):
            with contextlib.suppress(OSError):
                if path.is_file() and not path.is_symlink():
                    source.put(path, str(path.relative_to(source.folder)))


def sources_of(run_dir: Path, plan: dict[str, Any]) -> list[Source]:
    """Return what spec.json asks to be copied while the job runs, into local folders."""
    base = run_dir / "ml"
    found = [
        Source(base, base / one["source"], copier(Path(one["destination"] or run_dir / "artifacts" / one["name"])))
        for one in plan.get("outputs", [])
        if one.get("continuous") and "://" not in (one["destination"] or "")
    ]
    if plan.get("output_path"):
        target = Path(plan["output_path"]) / "intermediate"
        found.append(Source(base, base / "output" / "intermediate", copier(target)))
    return found


def start_all(run_dir: Path, plan: dict[str, Any]) -> list[int]:
    """Start what copies while a job runs: a fork for local folders, the program for URLs for the others.

    Returns:
        Their pids. They end at SIGTERM, and when the calling process ends.
    """
    local = start(sources_of(run_dir, plan))
    pids = [] if local is None else [local]
    remote = [one for one in plan.get("outputs", []) if "://" in (one["destination"] or "")]
    if plan.get("output_url") or any(one.get("continuous") for one in remote):
        program, nothing = plan["transfer"], subprocess.DEVNULL
        argv = [*program["argv"], "watch", str(run_dir)]
        started = subprocess.Popen(
            argv, env=program["env"], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
        pids.append(started.pid)
    return pids


def copier(target: Path) -> Put:
    """Return what copies a file below a local folder."""
    return lambda content, name: copy_file(content, target / name)


def start(sources: list[Source]) -> int | None:
    """Fork the process that follows some folders; None when there is nothing to follow.

    Returns:
        Its pid. It ends at SIGTERM, and when the calling process ends.
    """
    if not sources:
        return None
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _follow(sources, parent)
    return pid


def _follow(sources: list[Source], parent: int) -> NoReturn:
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.closerange(3, 4096)  # the run's lock and files are the supervisor's alone
        Closed(sources).run(lambda: os.getppid() != parent)
    finally:
        os._exit(0)
