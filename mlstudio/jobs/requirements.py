"""How a job's requirements.txt is installed: into a folder of its own, one for each content and interpreter.

What is named by content is installed once and used by all jobs that want the same. A requirement
that is a folder of sources may change without its name: that is installed for its job alone.

Reads: requirements.txt and the files that it includes.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FILE: Final = "requirements.txt"
_INCLUDE: Final = re.compile(r"^(?:-r|--requirement|-c|--constraint)[ =]*(.+)$")
_EDITABLE: Final = re.compile(r"^(?:-e|--editable)[ =]*(.+)$")
_FILE_URL: Final = re.compile(r"(?:^|@\s*)file:(?://(?:localhost)?)?(/[^\s;#]+)")


def requirements_plan(interpreter: str, code: Path, home: Path, submitter: Mapping[str, str]) -> dict[str, Any] | None:
    """Return what a supervisor needs to install a job's requirements, None when it has none.

    Args:
        interpreter: absolute path of the Python whose pip installs.
        code: the staged source folder.
        home: below which the folders are kept.
        submitter: the environment of the process that submits; its PIP_ settings go to pip alone.

    Returns:
        ``argv``: of pip, without what and where to; ``overlay``: the shared folder, None for one of the job's
        own; ``env``: variables for pip.

    Raises:
        OSError: the file cannot be read, or the folder for overlays not be made.
    """
    if not (code / FILE).is_file():
        return None
    seen: dict[Path, bytes] = {}
    if not _read(code / FILE, seen):
        return None
    facts = [_interpreter(interpreter), *(b"%s\0%s" % (path.name.encode(), data) for path, data in seen.items())]
    shared = True
    for path in _local(code, seen):
        if path.is_dir():
            shared = False
        elif path.is_file():
            known = path.stat()
            facts.append(f"{path} {known.st_size} {known.st_mtime_ns}".encode())
    overlays = home / "overlays"
    overlays.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256(b"\n\0".join(facts)).hexdigest()[:32]
    pip = [interpreter, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    return {
        "argv": pip,
        "overlay": str(overlays / digest) if shared else None,
        "env": {key: value for key, value in submitter.items() if key.startswith("PIP_")},
    }


def _interpreter(path: str) -> bytes:
    """Return what tells an interpreter from another, also after an update in its place."""
    try:
        known = Path(path).resolve().stat()
    except OSError:
        return path.encode()
    return f"{path} {os.path.realpath(path)} {known.st_size} {known.st_mtime_ns}".encode()


def _lines(data: bytes) -> list[str]:
    text = data.decode("utf-8", "replace").replace("\\\n", " ")
    return [line for raw in text.splitlines() if (line := re.sub(r"(^|\s)#.*$", "", raw).strip())]


def _read(path: Path, seen: dict[Path, bytes]) -> bool:
    """Read a file and those that it includes; False when there is nothing to install."""
    seen[path] = path.read_bytes()
    wanted = False
    for line in _lines(seen[path]):
        included = _INCLUDE.match(line)
        if included is None:
            wanted = True
            continue
        other = path.parent / included[1].strip()
        if other not in seen and other.is_file():
            wanted = _read(other, seen) or wanted
        elif other not in seen:
            wanted = True  # a URL, or a file that is missing: pip says what of it
    return wanted


def _local(code: Path, seen: Mapping[Path, bytes]) -> list[Path]:
    """Return the paths that requirements name, relative ones by the code folder: pip runs in it."""
    found = []
    for line in (line for data in seen.values() for line in _lines(data) if not _INCLUDE.match(line)):
        editable, url = _EDITABLE.match(line), _FILE_URL.search(line)
        place = url[1] if url else (editable[1] if editable else line).partition(";")[0].partition("[")[0].strip()
        if url or editable or place.startswith((".", "/")) or (os.sep in place and "@" not in place):
            found.append(code / place)
    return found
