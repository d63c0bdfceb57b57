"""Unpack a source that came as .tar.gz, without trusting it.

Names that leave the folder, absolute ones, devices, links out, files behind links and bombs are
refused by name. The standard filter "data" runs as well; what is checked here does not rest on it,
because older versions of Python let long links through.

Reads: the archive. Writes: the folder that it is given.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

from mlstudio.jobs.runner.stage import LIMIT, Refused

SUFFIXES: Final = (".tar.gz", ".tgz")
MAX_MEMBERS: Final = 50_000
_OVERHEAD: Final = 64 << 20
"""Bytes of headers and padding that a whole archive may have beside its files."""


def is_archive(path: str | Path) -> bool:
    """Tell whether a source is an archive by its name."""
    return str(path).endswith(SUFFIXES)


class _Counted:
    """Reads a stream to a limit: a header may pretend to be gigabytes long too."""

    def __init__(self, file: gzip.GzipFile, limit: int) -> None:
        self._file, self._left = file, limit

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _refused("it unpacks to more than it may", "too_large")
        return data


def _refused(why: str, code: str = "unsafe_path") -> Refused:
    return Refused(
        f"The source archive is refused: {why}.",
        code=code,
        hint="Pack it anew with: tar -czf source.tar.gz -C FOLDER .",
    )


def _parts(name: str, what: str) -> tuple[str, ...]:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name or "\\" in name:
        raise _refused(f"{what} leads out of the folder")
    return path.parts


class _Members:
    """What an archive has brought so far."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = self._count = 0
        self._links: set[tuple[str, ...]] = set()
        self._files: set[tuple[str, ...]] = set()

    def check(self, member: tarfile.TarInfo) -> None:
        """Refuse a member that may not be written. Raises: Refused."""
        self._count += 1
        self._size += max(0, member.size)
        if self._count > MAX_MEMBERS:
            raise _refused(f"it has more than {MAX_MEMBERS:,} members", "too_large")
        if self._size > self._limit:
            raise _refused(
                f"it unpacks to more than {self._limit >> 20} MiB, {member.name!r:.200} included", "too_large"
            )
        parts = _parts(member.name, repr(member.name[:200]))
        if any(parts[:end] in self._links for end in range(1, len(parts))):
            raise _refused(f"{member.name!r:.200} lies behind a link")
        if member.issym():
            self._check_link(member, parts)
            self._links.add(parts)
        elif member.islnk():
            if _parts(member.linkname, f"the link {member.name!r:.200}") not in self._files:
                raise _refused(
                    f"{member.name!r:.200} is a hard link to {member.linkname!r:.200}, which is no file of it"
                )
        elif member.isfile():
            if parts in self._links:
                raise _refused(f"{member.name!r:.200} would be written through a link")
            self._files.add(parts)
        elif not member.isdir():
            raise _refused(f"{member.name!r:.200} is a device or a pipe")

    @staticmethod
    def _check_link(member: tarfile.TarInfo, parts: tuple[str, ...]) -> None:
        aim = PurePosixPath(member.linkname)
        depth = len(parts) - 1
        for part in aim.parts:
            depth += -1 if part == ".." else 1
            if depth < 0:
                break
        if aim.is_absolute() or depth < 0:
            raise _refused(f"{member.name!r:.200} is a link to {member.linkname!r:.200}, which lies outside of it")


def unpack_source(archive: Path, target: Path, *, limit: int = LIMIT) -> None:
    """Unpack an archive into the new folder `target`.

    Args:
        archive: a .tar.gz file.
        target: made; must not exist.
        limit: bytes that its files may have together.

    Raises:
        Refused: no archive, or a member that may not be written; what was unpacked until then stays in `target`.
        OSError: it cannot be read, or the disk is full.
    """
    target.mkdir(mode=0o700, parents=True)
    members = _Members(limit)
    try:
        with (
            gzip.open(archive) as plain,
            tarfile.open(fileobj=cast("IO[bytes]", _Counted(plain, limit + _OVERHEAD)), mode="r|") as tar,
        ):
            for member in tar:
                members.check(member)
                member.mode |= 0o600 | (0o100 if member.isdir() else 0)
                tar.extract(member, target, set_attrs=not member.isdir(), filter="data")
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _refused(f"it cannot be unpacked ({error})", "invalid_field") from None
