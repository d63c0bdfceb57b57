"""Where a source's files lie, and which of them may be copied.

A store that a stranger made may name any path. So: a file is copied only when its folder, with
every link resolved, lies below the source's own folder or below one that the person named. What
lies elsewhere, or on another machine, is kept as a pointer. Links are not followed; pipes, sockets
and devices are passed over.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from mlstudio.experiments.importers.found import FoundFile
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.values import clean_text
from mlstudio.store.artifacts import kind_of

MAX_FILES: Final = 1000
"""Files of one run that become artifacts of their own; above it, folders are kept whole."""
MAX_WALK: Final = 100_000
_MODEL_FILE: Final = "MLmodel"


def local_path(uri: str, base: Path) -> Path | None:
    """Return the path that a URI or path names on this machine, None when it is elsewhere.

    Args:
        uri: a path, or ``file:`` in any of its forms.
        base: what a relative path is relative to.
    """
    if not uri or "\0" in uri:
        return None
    if "://" not in uri and not uri.startswith("file:"):
        scheme, colon, _ = uri.partition(":/")
        if colon and len(scheme) > 1 and "/" not in scheme:  # mlflow-artifacts:/, dbfs:/
            return None
        return base / uri
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost", "."}:
        return None
    path = unquote(parts.path)
    return None if "\0" in path else base / path


def moved(uri: str, base: Path, run_id: str) -> list[Path]:
    """Return where a run's folder lies in a store that was moved as a whole: the end of its address, below `base`."""
    place = local_path(uri, Path("/"))
    parts = place.parts if place is not None else ()
    if run_id not in parts or ".." in parts:
        return []
    return [base.joinpath(*parts[first:]) for first in range(1, parts.index(run_id) + 1)]


def allowed(path: Path, roots: Sequence[Path]) -> Path | None:
    """Return the true place of a folder when it lies below one of `roots` (resolved ones), else None."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    return real if any(real == root or root in real.parents for root in roots) else None


def resolved(folders: Sequence[str | Path]) -> list[Path]:
    """Return folders with links resolved; what does not exist is left out."""
    found = []
    for folder in folders:
        try:
            found.append(Path(folder).expanduser().resolve(strict=True))
        except (OSError, RuntimeError, ValueError):
            continue
    return found


def files_below(root: Path, tally: Tally, *, prefix: str = "") -> list[FoundFile]:
    """Return what a folder of artifacts holds: files by relative path, MLflow models as whole folders.

    Args:
        root: an existing folder that may be read.
        tally: told of links and of what is no file.
        prefix: put before each name.
    """
    if (root / _MODEL_FILE).is_file():
        return [FoundFile(prefix.rstrip("/") or "model", root, folder=True)]
    files: list[FoundFile] = []
    try:
        for path in regular(root, tally):
            files.append(FoundFile(clean_text(prefix + path.relative_to(root).as_posix()), path))
            if len(files) > MAX_WALK:
                tally.skip(f"artifacts of {root.name}", f"more than {MAX_WALK:,} files")
                return []
    except OSError as error:
        tally.skip(f"artifacts in {root}", f"cannot be read: {error.strerror}")
    models = {one.path.parent for one in files if one.path.name == _MODEL_FILE}
    return _folded(root, prefix, files, models)


def _folded(root: Path, prefix: str, files: list[FoundFile], models: set[Path]) -> list[FoundFile]:
    """Replace the files of a model, or the files of a crowd, by the folder that holds them."""
    crowded = len(files) > MAX_FILES
    kept: dict[Path, FoundFile] = {}
    for one in files:
        inside = [one.path.relative_to(root).parts[0]] if crowded else []
        holder = root / inside[0] if inside and root / inside[0] != one.path else None
        holder = next((up for up in one.path.parents if up in models), None) or holder
        if holder is None:
            kept[one.path] = one
        else:
            kept[holder] = FoundFile(clean_text(prefix + holder.relative_to(root).as_posix()), holder, folder=True)
    return list(kept.values())


def regular(folder: Path, tally: Tally) -> Iterator[Path]:
    """Yield the regular files below a folder by name; links are not followed. Raises: OSError."""
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
        deeper = []
        for entry in entries:
            if entry.is_symlink():
                tally.skip("artifact link", "links are not followed")
            elif entry.is_dir(follow_symlinks=False):
                deeper.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
            else:
                tally.skip("artifact", f"{kind_of(entry.stat(follow_symlinks=False).st_mode)}, not a file")
        waiting.extend(reversed(deeper))


def stamp(folder: Path) -> str:
    """Return what tells whether a folder's files changed: how many, how large, the newest."""
    count = size = newest = 0
    waiting = [folder]
    while waiting and count <= MAX_WALK:
        try:
            with os.scandir(waiting.pop()) as listed:
                for entry in listed:
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(found.st_mode):
                        waiting.append(Path(entry.path))
                    else:
                        count, size, newest = count + 1, size + found.st_size, max(newest, found.st_mtime_ns)
        except OSError:
            continue
    return f"{count}/{size}/{newest}" if count else ""


def read(path: Path, limit: int, *, tail: bool = False) -> bytes:
    """Return at most `limit` bytes of a regular file; never hangs on a pipe, never follows a link.

    Args:
        path: the file.
        limit: how many bytes.
        tail: the last ones, not the first.

    Raises:
        OSError: it cannot be read, or is no file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as opened:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, f"is {kind_of(found.st_mode)}, not a file")
        if tail:
            opened.seek(max(0, found.st_size - limit))
        return opened.read(limit)
