"""What a member of an archive may be: one judge for tar and zip.

Refused: absolute names, ``..``, backslashes, NUL, devices, FIFOs, sparse files, the same name
twice, a name below a link, and a link whose target is not wholly inside the archive. Counted while
reading: members, bytes, depth, and the ratio of expanded to packed bytes.

Knows nothing of: extraction.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.errors import BadArchive, InvalidField

_OPENERS: Final = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open))
SLACK: Final = 10 << 20
"""Bytes that may always be expanded, whatever the ratio: ten thousand zeros are no bomb."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an archive may be: expanded bytes, members, expanded ÷ packed, levels."""

    size: int = 10 << 30
    members: int = 100_000
    ratio: int = 100
    depth: int = 32

    def expanded(self, packed: int) -> int:
        """Return how many bytes an archive of `packed` bytes may expand to."""
        return min(self.size, self.ratio * packed + SLACK)


def refuse(name: str, reason: str) -> BadArchive:
    """Return the error that names a member and says why it may not be."""
    return BadArchive(f'The archive\'s member "{name[:200]}" {reason}.', field=name[:200])


def parts_of(name: str) -> tuple[str, ...]:
    """Return the parts of a name without empty ones and ``.``."""
    return tuple(part for part in name.split("/") if part not in {"", "."})


class Judge:
    """Looks at members in order; `finish` judges what can only be known at the end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.members = 0
        self._size = 0
        self._kinds: dict[tuple[str, ...], str] = {}
        self._targets: dict[tuple[str, ...], tuple[str, ...]] = {}

    def name(self, name: str, kind: str, size: int = 0) -> str:
        """Judge one member by name, kind (file, folder, link) and size; return its clean name, "" for the root."""
        if "\\" in name or "\0" in name or name.startswith("/") or (len(name) > 1 and name[1] == ":"):
            raise refuse(name, "has an absolute name, or one with a character that is not allowed")
        parts = parts_of(name)
        if ".." in parts:
            raise refuse(name, "leaves the folder")
        self.members += 1
        self._size += size
        if self.members > self._limits.members:
            raise refuse(name, f"is one too many: at most {self._limits.members} are allowed")
        if self._size > self._limits.size:
            raise refuse(name, f"is too large: at most {self._limits.size >> 20} MiB are allowed")
        if len(parts) > self._limits.depth:
            raise refuse(name, f"lies deeper than {self._limits.depth} folders")
        before = self._kinds.get(parts)
        if before is not None and (before, kind) != ("folder", "folder"):
            raise refuse(name, "occurs twice")
        for length in range(1, len(parts)):
            if self._kinds.setdefault(parts[:length], "folder") != "folder":
                raise refuse(name, "lies below something that is no folder")
        if not parts:
            if kind != "folder":
                raise refuse(name, "has no name")
            return ""
        self._kinds[parts] = kind
        return "/".join(parts)

    def tar(self, member: tarfile.TarInfo) -> str:
        """Judge a tar member and return its clean name."""
        if member.issym():
            clean = self.name(member.name, "link")
            self._symlink(parts_of(clean), member)
            return clean
        if member.islnk():
            clean = self.name(member.name, "file")
            target = parts_of(member.linkname)
            if member.linkname.startswith("/") or ".." in target or self._kinds.get(target) != "file":
                raise refuse(member.name, "is a hard link to something that is no file of the archive")
            return clean
        if member.isdir():
            return self.name(member.name, "folder")
        if not member.isreg() or member.issparse():
            raise refuse(member.name, "is a device, a FIFO or another special file")
        return self.name(member.name, "file", member.size)

    def _symlink(self, parts: tuple[str, ...], member: tarfile.TarInfo) -> None:
        target = member.linkname
        if target.startswith("/") or "\\" in target or "\0" in target:
            raise refuse(member.name, "is a link that leaves the folder")
        ups, rest = 0, parts_of(target)
        while rest and rest[0] == "..":
            ups, rest = ups + 1, rest[1:]
        if ups > len(parts) - 1 or ".." in rest:
            raise refuse(member.name, "is a link that leaves the folder")
        self._targets[parts] = (*parts[: len(parts) - 1 - ups], *rest)

    def finish(self) -> None:
        """Judge the links once all names are known: none may lead through another link."""
        for parts, target in self._targets.items():
            for length in range(1, len(target)):
                if self._kinds.get(target[:length]) == "link":
                    raise refuse("/".join(parts), "is a link that leads through another link")


class _Bounded(io.RawIOBase):
    """A stream that ends in an error when more bytes come out than may."""

    def __init__(self, inner: Any, limit: int) -> None:
        self._inner = inner
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._inner.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise BadArchive("The archive expands to more than it may.", field="archive")
        return data


@contextlib.contextmanager
def bounded_stream(source: Path, limits: Limits) -> Iterator[Any]:
    """Open a tar, packed or not, as a stream of its expanded bytes with a limit."""
    with source.open("rb") as raw:
        magic = raw.read(6)
        raw.seek(0)
        headers = limits.members * 1536  # names and headers come on top of what members hold
        limit = limits.expanded(source.stat().st_size) + headers
        opener = next((opener for start, opener in _OPENERS if magic.startswith(start)), None)
        if opener is None:
            yield _Bounded(raw, max(limit, source.stat().st_size + 1))
            return
        try:
            with opener(raw) as expanded:
                yield _Bounded(expanded, limit)
        except (lzma.LZMAError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise BadArchive(f"{source.name} cannot be read: {error}.", field="archive") from error


def folder_free(folder: Path) -> None:
    """Refuse a target that holds something. Raises: InvalidField."""
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise InvalidField(f"{folder} is there already.", field="folder", hint="Name a folder that does not exist.")
