"""Zip archives under the same rules as tar: `archive_rules.Judge` sees every member first.

Links and encrypted members are refused. Sizes are counted while reading.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import BadArchive
from mlstudio.store.archive_rules import Judge, Limits, refuse

_CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 1


def is_zip(path: Path) -> bool:
    """Tell whether a file begins as a zip archive does."""
    with path.open("rb") as handle:
        return handle.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


def extract_zip(source: Path, folder: Path, limits: Limits) -> int:
    """Extract into an empty folder and return the number of members. Raises: BadArchive."""
    try:
        with zipfile.ZipFile(source) as archive:
            judge = Judge(limits)
            names = [_judge(judge, member) for member in archive.infolist()]
            left = limits.expanded(source.stat().st_size)
            for member, name in zip(archive.infolist(), names, strict=True):
                if name:
                    left -= _write(archive, member, folder.joinpath(*name.split("/")), left)
            return judge.members
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise BadArchive(f"{source.name} cannot be read as an archive: {error}.", field="archive") from error


def _judge(judge: Judge, member: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if member.flag_bits & _ENCRYPTED:
        raise refuse(member.filename, "is encrypted")
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise refuse(member.filename, "is a link or a special file")
    return judge.name(member.orig_filename, "folder" if member.is_dir() else "file", member.file_size)


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Write one member, at most `left` bytes, and return its size."""
    if member.is_dir():
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        return 0
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    mode = 0o700 if member.external_attr >> 16 & stat.S_IXUSR else 0o600
    with archive.open(member) as source, os.fdopen(os.open(target, flags, mode), "wb") as out:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > left:
                raise BadArchive("The archive expands to more than it may.", field=member.filename)
            out.write(chunk)
    return size
