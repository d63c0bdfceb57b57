"""Where data is: a local path, a pattern of paths, or an fsspec URL.

A location that cannot be used is refused before anything exists, with the field, the value and the
nearest name that there is.

Reads: the paths that it is given. Knows nothing of: jobs.
"""

from __future__ import annotations

import difflib
import glob
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from mlstudio.entities.errors import InvalidField

MAX_MATCHES: Final = 1000
"""Files that one pattern may name; each is mounted by itself."""
_LOCAL: Final = ("", "localhost")


def is_url(location: str) -> bool:
    """Tell whether a location is read and written through fsspec; ``file://`` is a local path.

    >>> is_url("s3://bucket/key"), is_url("file:///data"), is_url("/data")
    (True, False, False)
    """
    return "://" in location and not location.startswith("file://")


def located(value: str | Path, *, field: str) -> str:
    """Return a location in one form: an absolute local path, or a URL as it is; ``~`` is not expanded.

    Raises:
        InvalidField: nothing, or a ``file://`` URI of another host.
    """
    text = str(value)
    if not text or "\0" in text:
        raise InvalidField(
            f"{text!r} is no location.", field=field, hint="Give a path, a file:// URI or an fsspec URL."
        )
    if is_url(text):
        return text
    if "://" not in text:
        return str(Path(text).absolute())
    parts = urlsplit(text)
    if parts.netloc not in _LOCAL:
        raise InvalidField(f"{text!r:.200} is a file of another host.", field=field, hint="Use file:///path.")
    return str(Path(unquote(parts.path)).absolute())


def is_pattern(path: str) -> bool:
    """Tell whether a local path has to be matched: it has wildcards, and is not itself the name of something."""
    return glob.has_magic(path) and not os.path.lexists(path)


def matches(path: str) -> list[Path]:
    """Return what a local path names: itself, or what its pattern matches, by name."""
    if not is_pattern(path):
        return [Path(path)]
    return [Path(one) for one in sorted(glob.glob(path, recursive=True))]  # noqa: PTH207 - the pattern is absolute


class Placed(NamedTuple):
    """A local file or folder that a job finds somewhere in its tree.

    Attributes:
        source: absolute; a file or a folder.
        target: folder relative to ``/opt/ml``; a file lands in it, a folder covers it.
    """

    source: Path
    target: str

    @property
    def path(self) -> str:
        """Where it is seen, relative to ``/opt/ml``."""
        return self.target if self.source.is_dir() else f"{self.target}/{self.source.name}"


def spread(paths: Iterable[Path], target: str) -> list[Placed]:
    """Return where several things go that share a folder: each is found in it by its name."""
    return [Placed(path, f"{target}/{path.name}" if path.is_dir() else target) for path in paths]


def check_readable(path: str, *, what: str, field: str) -> None:
    """Refuse a local path or pattern that nothing can be read from.

    Args:
        path: absolute.
        what: how a sentence about it begins, such as ``Input train``.
        field: the argument.

    Raises:
        InvalidField: missing, no match, a broken link, no file or folder, not readable.
    """
    found = matches(path)
    if not found:
        raise InvalidField(f"{what}: nothing matches {path}.", field=field, hint=_nearest(Path(path).parent))
    if len(found) > MAX_MATCHES:
        raise InvalidField(
            f"{what}: {path} matches {len(found):,} files; at most {MAX_MATCHES:,} are taken.",
            field=field,
            hint="Give their folder.",
        )
    for one in found:
        _check_one(one, what, field)


def _check_one(path: Path, what: str, field: str) -> None:
    try:
        kind = path.stat().st_mode
    except PermissionError:
        raise InvalidField(f"{what}: {path} may not be read.", field=field) from None
    except OSError:
        if path.is_symlink():
            message = f"{what}: {path} is a link to {path.readlink()}, which does not exist."
            raise InvalidField(message, field=field, hint="Give what it shall point to.") from None
        raise InvalidField(f"{what}: {path} does not exist.", field=field, hint=_nearest(path)) from None
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise InvalidField(
            f"{what}: {path} is neither a file nor a folder; a pipe, socket or device is not read.", field=field
        )
    if not os.access(path, os.R_OK | (os.X_OK if stat.S_ISDIR(kind) else 0)):
        raise InvalidField(f"{what}: {path} may not be read.", field=field)


def _nearest(path: Path) -> str:
    """Return a hint: the name in the same folder that is most alike, or the part of the path that exists."""
    folder = path.parent
    if not folder.is_dir():
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        return f"The path exists as far as {folder}."
    try:
        close = difflib.get_close_matches(path.name, [one.name for one in folder.iterdir()], n=1)
    except OSError:
        close = []
    return f"Did you mean {folder / close[0]}?" if close else "Give an existing file or folder."
