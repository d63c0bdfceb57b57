"""Fetch inputs from fsspec URLs before a job, bring outputs to them during and after it.

A program of its own, started by the supervisor, which is standard library only and never waits
for a network itself. It has the credentials of the submitter; the job's script does not get them.

    python -m mlstudio.jobs.transfer fetch|watch|upload RUN_FOLDER

Reads: spec.json, the run folder. Writes: fetched inputs, upload.json, uploaded.jsonl, what the URLs name.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobSpec
from mlstudio.entities.secrets import redact_url
from mlstudio.jobs.locations import is_url
from mlstudio.jobs.runner.continuous import Closed, Put, Source
from mlstudio.jobs.runner.files import read_json, write_json
from mlstudio.jobs.runner.outputs import files_of

_CREDENTIALS: Final = ("AWS_", "S3_", "GOOGLE_", "GCS_", "AZURE_", "FSSPEC_", "HF_")
"""Variables of the submitter by which file systems know who asks."""
_HERE: Final = "memory"
"""The protocol of what exists in one process only."""


class TransferError(Exception):
    """Something cannot be fetched or brought; one sentence."""


def protocol_of(url: str) -> str:
    """Return the protocol of a URL: of a chain such as ``zip://a::s3://b/c.zip`` the first one.

    >>> protocol_of("s3://bucket/key")
    's3'
    """
    return url.partition("://")[0]


def check_url(url: str, *, what: str, field: str, write: bool = False) -> None:
    """Refuse a URL that no file system here can open; nothing is opened yet.

    Raises:
        InvalidField: an unknown protocol, a package that is missing, outputs into another process's memory.
    """
    from fsspec.registry import get_filesystem_class, known_implementations

    for part in url.split("::"):
        protocol = protocol_of(part)
        try:
            get_filesystem_class(protocol)
        except ValueError:
            near = difflib.get_close_matches(protocol, list(known_implementations), n=1)
            raise InvalidField(
                f"{what}: nothing here opens {protocol}:// ({redact_url(url):.200}).",
                field=field,
                hint=f"Did you mean {near[0]}://?" if near else "Give a local path or an fsspec URL.",
            ) from None
        except ImportError:
            package = str(known_implementations[protocol]["class"]).partition(".")[0]
            raise InvalidField(
                f"{what}: {redact_url(url):.200} needs the package {package}, which is not installed.",
                field=field,
                hint=f"Install it: pip install {package}.",
            ) from None
    if write and protocol_of(url) == _HERE:
        raise InvalidField(
            f"{what}: {url:.200} exists in one process only, and the job is another.",
            field=field,
            hint="Give a folder, or leave the destination out.",
        )


def plan(spec: JobSpec, submitter: Mapping[str, str], start: Mapping[str, str]) -> dict[str, Any]:
    """Return what spec.json says of transfers; nothing when all locations are local.

    Args:
        spec: the job.
        submitter: the environment of the process that submits.
        start: the variables that every process of the job starts from.
    """
    fetch = [one for one in _wanted(spec) if protocol_of(one["url"]) != _HERE]
    upload = [one.destination for one in spec.outputs if one.destination is not None and is_url(one.destination)]
    if spec.output_path is not None and is_url(spec.output_path):
        upload.append(spec.output_path)
    if not fetch and not upload:
        return {}
    credentials = {key: value for key, value in submitter.items() if key.startswith(_CREDENTIALS)}
    argv = [sys.executable, "-P", "-m", "mlstudio.jobs.transfer"]
    return {"transfer": {"argv": argv, "env": {**start, **credentials}, "fetch": fetch}}


def _wanted(spec: JobSpec) -> list[dict[str, str]]:
    """Return ``{"what", "url", "target"}`` of each input that is a URL; targets are relative to ``/opt/ml``."""
    channels = [(f"Channel {one.name}", one.source, f"input/data/{one.name}") for one in spec.channels]
    inputs = [(f"Input {one.name}", one.source, one.destination.removeprefix("/opt/ml/")) for one in spec.inputs]
    return [{"what": what, "url": url, "target": target} for what, url, target in [*channels, *inputs] if is_url(url)]


def fetch_own(spec: JobSpec, base: Path) -> None:
    """Copy what lies in this process's memory (``memory://``) into a job's tree: nobody else could.

    Args:
        spec: the job.
        base: what becomes ``/opt/ml``.

    Raises:
        InvalidField: nothing is there.
    """
    for one in _wanted(spec):
        if protocol_of(one["url"]) == _HERE:
            try:
                fetch(one["what"], one["url"], base / one["target"])
            except TransferError as error:
                raise InvalidField(str(error), field="inputs") from None


def fetch(what: str, url: str, target: Path) -> int:
    """Copy what a URL names into a folder; a file by its name, a folder's contents, the matches of a pattern.

    Returns:
        How many files.

    Raises:
        TransferError: nothing is there, or it cannot be had.
    """
    from fsspec.core import url_to_fs

    shown = redact_url(url)
    try:
        system, path = url_to_fs(url)
        found = list(_files(system, path))
        for remote, name in found:
            place = target / name
            if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():
                raise TransferError(f"{what}: {shown:.300} names a file outside of itself: {name:.100}.")
            place.parent.mkdir(parents=True, exist_ok=True)
            system.get_file(remote, str(place))
    except TransferError:
        raise
    except Exception as error:  # every file system has its own errors
        raise TransferError(f"{what}: {shown:.300} cannot be read: {_said(error)}.") from error
    if not found:
        raise TransferError(f"{what}: {shown:.300} does not exist, is empty, or cannot be reached.")
    return len(found)


def _files(system: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the remote path of each file with the name that it gets."""
    if any(char in path for char in "*?[") and not system.exists(path):
        roots = sorted(system.glob(path))
    elif system.isfile(path):
        roots = [path]
    else:
        for remote in sorted(system.find(path)):
            yield remote, remote[len(path.rstrip("/")) :].lstrip("/")
        return
    for root in roots:
        if system.isfile(root):
            yield root, root.rstrip("/").rpartition("/")[2]
        else:
            above = root.rstrip("/").rpartition("/")[0]
            for remote in sorted(system.find(root)):
                yield remote, remote[len(above) :].lstrip("/")


def _said(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]:.300}" if text else type(error).__name__


class _Uploads:
    """Puts files below URLs and remembers which: a file that was put while the job ran is not put again."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / "uploaded.jsonl"
        self._done: set[str] = set()
        with contextlib.suppress(OSError):
            self._done = set(self._path.read_text().splitlines())

    def put(self, content: Path, url: str, name: str) -> None:
        """Copy a file to a URL. Raises: Exception: whatever the file system raises."""
        from fsspec.core import url_to_fs

        seen = content.stat()
        key = json.dumps([url, name, seen.st_size, seen.st_mtime_ns])
        if key in self._done:
            return
        system, root = url_to_fs(url)
        place = f"{root.rstrip('/')}/{name}"
        system.makedirs(place.rpartition("/")[0], exist_ok=True)
        system.put_file(str(content), place)
        self._done.add(key)
        with contextlib.suppress(OSError), self._path.open("a") as file:
            file.write(key + "\n")

    def putter(self, url: str) -> Put:
        """Return what puts a file below a URL; an error is left to the last look."""

        def put(content: Path, name: str) -> None:
            with contextlib.suppress(Exception):
                self.put(content, url, name)

        return put


def _remote(known: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in known.get("outputs", []) if is_url(str(one.get("destination") or ""))]


def fetch_all(run_dir: Path) -> int:
    """Fetch the inputs of a run; returns the exit code."""
    known = read_json(run_dir / "spec.json") or {}
    for one in known["transfer"]["fetch"]:
        try:
            fetch(one["what"], one["url"], run_dir / "ml" / one["target"])
        except TransferError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def watch(run_dir: Path) -> int:
    """Bring files of Continuous outputs as they are closed, until the supervisor is gone or sends SIGTERM."""
    known, parent = read_json(run_dir / "spec.json") or {}, os.getppid()
    uploads, base = _Uploads(run_dir), run_dir / "ml"
    sources = [
        Source(base, base / one["source"], uploads.putter(one["destination"]))
        for one in _remote(known)
        if one.get("continuous")
    ]
    if known.get("output_url"):
        place = f"{known['output_url']}/intermediate"
        sources.append(Source(base, base / "output" / "intermediate", uploads.putter(place)))
    Closed(sources).run(lambda: os.getppid() != parent)
    return 0


def upload(run_dir: Path) -> int:
    """Bring what a run left; upload.json says what could not be brought. Returns the exit code."""
    known = read_json(run_dir / "spec.json") or {}
    uploads, problems = _Uploads(run_dir), []
    jobs = [
        (f"Output {one['name']}", run_dir / "artifacts" / one["name"], one["destination"]) for one in _remote(known)
    ]
    for what, folder, url in jobs:
        problems += _brought(uploads, what, files_of(folder, folder), url, folder)
    if known.get("output_url"):
        base = run_dir / "ml"
        archives = [one for one in (run_dir / "artifacts").glob("*.tar.gz") if one.is_file()]
        problems += _brought(uploads, "The archive", ((one.name, one) for one in archives), known["output_url"], base)
        between = base / "output" / "intermediate"
        place = f"{known['output_url']}/intermediate"
        problems += _brought(uploads, "Intermediate output", files_of(base, between), place, between)
    write_json(run_dir / "upload.json", {"problems": problems})
    return 1 if problems else 0


def _brought(
    uploads: _Uploads, what: str, files: Iterator[tuple[str, Path | None]], url: str, folder: Path
) -> list[str]:
    try:
        for name, content in files:
            if content is not None:
                uploads.put(content, url, name)
    except Exception as error:  # every file system has its own errors
        return [f"{what} could not be written to {redact_url(url):.300}: {_said(error)}; it is kept in {folder}."]
    return []


if __name__ == "__main__":
    sys.exit({"fetch": fetch_all, "watch": watch, "upload": upload}[sys.argv[1]](Path(sys.argv[2])))
