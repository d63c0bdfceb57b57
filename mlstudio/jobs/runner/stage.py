"""A job's code: which entry points are allowed, and a copy that nothing changes afterwards.

The source folder is copied when the job is submitted. Links that leave the folder are refused by
name; sockets, FIFOs and devices are left out; a folder over the limit is refused with its largest
files named.

Imports: the standard library only.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LIMIT: Final = 512 << 20
"""Bytes of source that are copied at most."""
IGNORED: Final = frozenset(
    {
        ".git", ".hg", ".svn", "__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache",
        ".venv", "venv", "node_modules", ".tox", ".nox", ".eggs", ".DS_Store",
    }
)  # fmt: skip
_FIRST: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._")
_REST: Final = _FIRST | frozenset("+-")


class Refused(Exception):
    """Something of the submission cannot be run.

    Args:
        message: one sentence with the value.
        code: ``invalid_field``, ``unsafe_path`` or ``too_large``.
        field: the argument that it concerns.
        hint: what to do.
    """

    def __init__(self, message: str, *, code: str = "invalid_field", field: str = "source_dir", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.field, self.hint = message, code, field, hint


def check_entry(code: Path, entry: str) -> Path:
    """Return the file that `entry` names inside `code`.

    The name matches ``[A-Za-z0-9._][A-Za-z0-9._+-]*(/[A-Za-z0-9._+-]+)*`` without "." or ".."
    parts, and what it resolves to, links followed, lies inside the folder.

    Raises:
        Refused: with the reason and, for a missing file, the nearest one that exists.
    """
    parts = entry.split("/")
    if not entry or entry[0] not in _FIRST or any(not part or part in (".", "..") for part in parts):
        raise Refused(
            f"Entry point {entry!r:.200} is not a plain path inside the source folder.",
            code="unsafe_path",
            field="entry_point",
            hint="Give a file name relative to source_dir, such as train.py or scripts/train.py.",
        )
    bad = next((char for char in entry if char not in _REST and char != "/"), None)
    if bad is not None:
        raise Refused(
            f'Entry point {entry!r:.200} has a character that is not allowed: "{bad}".',
            field="entry_point",
            hint="Use letters, digits, dots, dashes, underscores and plus signs.",
        )
    path = code.joinpath(*parts)
    if not path.resolve().is_relative_to(code.resolve()):
        raise Refused(
            f"Entry point {entry!r} leads out of the source folder through a link.",
            code="unsafe_path",
            field="entry_point",
            hint="Copy the file into source_dir.",
        )
    if not path.is_file():
        raise Refused(
            f"Entry point {entry!r} " + ("is a folder." if path.is_dir() else f"does not exist in {code}."),
            field="entry_point",
            hint=_nearest(code, entry),
        )
    return path


def _nearest(code: Path, entry: str) -> str:
    import difflib

    names = sorted(str(path.relative_to(code)) for path in code.glob("*.py"))
    close = difflib.get_close_matches(entry, names, n=1) or names[:1]
    return f"Did you mean {close[0]}?" if close else "Give the script's name relative to source_dir."


@dataclass(slots=True)
class Copied:
    """What a copy of the source did."""

    files: int = 0
    size: int = 0
    skipped: list[str] = field(default_factory=list)
    """Names of sockets, FIFOs and devices, which are never opened."""


def copy_source(source: Path, target: Path, *, limit: int = LIMIT) -> Copied:
    """Copy a source folder, or one file, into the new folder `target`.

    Args:
        source: an existing folder or file.
        target: made; must not exist.
        limit: bytes that may be copied at most.

    Raises:
        Refused: a link leaves the folder, or there is more than `limit`.
        OSError: a file cannot be read or the disk is full.
    """
    target.mkdir(mode=0o700, parents=True)
    done = Copied()
    if source.is_file():
        if source.stat().st_size > limit:
            raise _too_large(source.parent, target.resolve(), limit)
        shutil.copy2(source, target / source.name)
        done.files, done.size = 1, source.stat().st_size
        return done
    root, copy = source.resolve(), target.resolve()
    for here, links, files in _walk(root, copy):
        into = target / here.relative_to(root)
        into.mkdir(mode=0o700, exist_ok=True)
        for name in [*links, *files]:
            known = (here / name).lstat()
            if stat.S_ISREG(known.st_mode) and done.size + known.st_size > limit:  # before a huge file is copied
                raise _too_large(root, copy, limit)
            _copy_one(root, here / name, into / name, done)
    return done


def _walk(root: Path, copy: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Yield each folder with the links to folders and the files in it that belong to the source.

    A home inside the source folder holds the very copy: it is left out.
    """
    for folder, names, files in os.walk(root):
        here = Path(folder)
        links = [name for name in names if (here / name).is_symlink()]
        skip = {*IGNORED, *links, *(name for name in names if copy.is_relative_to(here / name))}
        names[:] = [name for name in names if name not in skip]
        yield (
            here,
            [name for name in links if name not in IGNORED],
            [name for name in files if name not in IGNORED and not name.endswith(".pyc")],
        )


def _copy_one(root: Path, path: Path, target: Path, done: Copied) -> None:
    kind = path.lstat().st_mode
    name = str(path.relative_to(root))
    if stat.S_ISLNK(kind):
        aim = path.resolve()
        if not aim.is_relative_to(root):
            raise Refused(
                f"{name} in the source folder is a link to {path.readlink()}, which lies outside of it.",
                code="unsafe_path",
                hint="Copy the file into source_dir, or give the data as a channel.",
            )
        target.symlink_to(os.path.relpath(aim, path.parent.resolve()))
        return
    if not stat.S_ISREG(kind):
        done.skipped.append(name)
        return
    shutil.copy2(path, target)
    done.files += 1
    done.size += target.stat().st_size


def _too_large(root: Path, copy: Path, limit: int) -> Refused:
    """Return the refusal that names the five largest files of all; links are not followed."""
    sizes: list[tuple[int, str]] = []
    for here, _, files in _walk(root, copy):
        for path in (here / name for name in files):
            with contextlib.suppress(OSError):
                sizes.append((path.lstat().st_size, str(path.relative_to(root))))
    shown = ", ".join(f"{name} ({_amount(size)})" for size, name in heapq.nlargest(5, sizes))
    return Refused(
        f"The source folder {root} holds {_amount(sum(size for size, _ in sizes))}, more than {_amount(limit)};"
        f" the largest files are {shown}.",
        code="too_large",
        hint="Move data out of source_dir and give it as a channel of fit(inputs).",
    )


def _amount(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB" if size >= 1 << 20 else f"{size / 1024:,.0f} KiB"
