"""Packing and unpacking of folders, as if every archive came from an enemy.

Promises of `extract`: nothing is written outside the folder; either the whole archive is there or
nothing; what is counted (members, bytes, depth) is counted while reading, not believed from
headers. The members are listed and judged before anything is written; then they are extracted
into a fresh 0700 folder by the standard library's ``filter="data"``, and the folder is renamed
into place.

Promises of `pack`: links are not followed, and a link that leaves the folder is refused by name;
FIFOs, sockets and devices are left out and named in the answer.

Knows nothing of: jobs, stores.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import secrets
import shutil
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from mlstudio.entities.errors import BadArchive, InvalidField, NotFound
from mlstudio.store.archive_rules import Judge, Limits, bounded_stream, folder_free, parts_of, refuse
from mlstudio.store.archive_zip import extract_zip, is_zip
from mlstudio.store.artifacts import kind_of
from mlstudio.store.journal_file import explain

DEFAULT_LIMITS: Final = Limits()

__all__ = ["DEFAULT_LIMITS", "Limits", "Packed", "extract", "pack"]


@dataclass(frozen=True, slots=True)
class Packed:
    """What `pack` made: members and bytes before compression, and what was left out and why."""

    members: int
    size: int
    skipped: dict[str, str] = field(default_factory=dict)


def extract(archive: Path | str, folder: Path | str, *, limits: Limits = DEFAULT_LIMITS) -> int:
    """Extract a tar (plain, gz, bz2, xz) or zip archive into a folder that does not exist, or is empty.

    Args:
        archive: the file.
        folder: where its members go; made with mode 0700.
        limits: members, bytes, ratio and depth.

    Returns:
        The number of members.

    Raises:
        BadArchive: a member that may not be, named in the message and in `field`; or no archive.
        NotFound: there is no such file.
        InvalidField: the folder holds something.
        DiskFull: no space; nothing is left behind.
    """
    source, target = Path(archive), Path(folder)
    if not source.is_file():
        raise NotFound(f"There is no archive {source}.", field="archive")
    folder_free(target)
    partial = target.parent / f".{target.name}.part-{secrets.token_hex(4)}"
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.mkdir(mode=0o700)
        count = extract_zip(source, partial, limits) if is_zip(source) else _extract_tar(source, partial, limits)
        if target.exists():
            target.rmdir()
        partial.replace(target)
    except OSError as error:
        raise explain(error, target.parent) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return count


def _extract_tar(source: Path, folder: Path, limits: Limits) -> int:
    judge = Judge(limits)
    with _reading(source, limits) as tar:
        for member in tar:
            judge.tar(member)
    judge.finish()
    again = Judge(limits)  # the file may have changed since: the same questions, member by member
    with _reading(source, limits) as tar:
        for member in tar:
            name = again.tar(member)
            if name:
                _write(tar, member.replace(name=name, deep=False), folder)
    return judge.members


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    try:
        tar.extract(member, folder, filter="data", set_attrs=not member.issym())
    except tarfile.FilterError as error:
        raise refuse(member.name, f"may not be extracted: {error}") from error


@contextlib.contextmanager
def _reading(source: Path, limits: Limits) -> Iterator[tarfile.TarFile]:
    """Open a tar whose expanded bytes are counted; errors of the format become BadArchive."""
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(bounded_stream(source, limits))
            yield stack.enter_context(tarfile.open(fileobj=stream, mode="r|"))
        except (tarfile.TarError, EOFError, gzip.BadGzipFile, ValueError) as error:
            if isinstance(error, BadArchive):
                raise
            raise BadArchive(f"{source.name} cannot be read as an archive: {error}.", field="archive") from error


def pack(folder: Path | str, out: Path | str, *, limits: Limits = DEFAULT_LIMITS) -> Packed:
    """Pack a folder into a tar.gz file; the same content gives the same bytes.

    Args:
        folder: what to pack; its own name is not in the archive.
        out: the archive; written beside it and renamed, mode 0600.
        limits: members, bytes and depth.

    Returns:
        Members, bytes, and what was left out.

    Raises:
        NotFound: it is no folder.
        BadArchive: a link that leaves the folder, or a limit; `field` names the member.
        DiskFull: no space.
    """
    root, target = Path(folder), Path(out)
    if not root.is_dir():
        raise NotFound(f"There is no folder {root}.", field="folder")
    temporary = target.with_name(f".{target.name}.part-{secrets.token_hex(4)}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as raw:
            packed = _pack_into(root, raw, limits)
            raw.flush()
            os.fsync(raw.fileno())
        temporary.replace(target)
    except OSError as error:
        raise explain(error, target.parent) from error
    finally:
        temporary.unlink(missing_ok=True)
    return packed


def _pack_into(root: Path, raw: IO[bytes], limits: Limits) -> Packed:
    members = size = 0
    skipped: dict[str, str] = {}
    with (
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=3, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in _below(root):
            name = path.relative_to(root).as_posix()
            added = _add(tar, root, path, name)
            if isinstance(added, str):
                skipped[name] = added
                continue
            members, size = members + 1, size + added
            if members > limits.members or size > limits.size or len(parts_of(name)) > limits.depth:
                raise BadArchive(f'The folder is larger than an archive may be, at "{name}".', field=name)
    return Packed(members, size, skipped)


def _below(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root, followlinks=False):
        names.sort()
        for name in sorted([*names, *files]):
            yield Path(folder) / name


def _add(tar: tarfile.TarFile, root: Path, path: Path, name: str) -> int | str:
    """Add one member and return its size, or say why it was left out."""
    found = path.lstat()
    member = tarfile.TarInfo(name)
    member.mode, member.mtime = stat.S_IMODE(found.st_mode) & 0o755, int(found.st_mtime)
    if stat.S_ISDIR(found.st_mode):
        member.type = tarfile.DIRTYPE
        tar.addfile(member)
        return 0
    if stat.S_ISLNK(found.st_mode):
        member.type, member.linkname = tarfile.SYMTYPE, os.readlink(path)  # noqa: PTH115 -- the text, not resolved
        if Path(member.linkname).is_absolute() or not path.resolve().is_relative_to(root.resolve()):
            raise BadArchive(f'The link "{name}" leaves the folder.', field=name, hint="Replace it with what it means.")
        tar.addfile(member)
        return 0
    if not stat.S_ISREG(found.st_mode):
        return kind_of(found.st_mode)
    return _add_file(tar, path, member)


def _add_file(tar: tarfile.TarFile, path: Path, member: tarfile.TarInfo) -> int | str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    with os.fdopen(handle, "rb") as opened:
        opened_as = os.fstat(handle)
        if not stat.S_ISREG(opened_as.st_mode):
            return kind_of(opened_as.st_mode)
        member.size = opened_as.st_size
        start = tar.offset
        try:
            tar.addfile(member, opened)
        except OSError as error:
            if error.errno is None and tar.offset >= start:  # tarfile's own "unexpected end of data"
                raise InvalidField(f"{path} became shorter while it was packed.", field=member.name) from error
            raise
    return member.size
