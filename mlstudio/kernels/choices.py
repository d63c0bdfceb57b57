"""Which size a kernel shall have: chosen for the kernel, for its notebook, or written in the notebook.

    <home>/kernels/kernel-<digest>.json     a kernel: its notebook, what it got, its process
    <home>/kernels/notebook-<digest>.json   a notebook: the size that was chosen for it last

Files are 0600 and replaced whole; one that cannot be read counts as none. File names are digests:
a kernel's id and a notebook's path are never paths here.

Knows nothing of: what a size means.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import psutil

from mlstudio.store.home import Home

FOLDER: Final = "kernels"
MAX_NOTEBOOK: Final = 64 << 20
"""Bytes; in a longer notebook nobody looks for a size."""


class KernelFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a kernel between its starts, and for the others to see."""

    kernel_id: str
    path: str = ""
    """Absolute path of its notebook; empty: none."""
    wanted: str | None = None
    """The size chosen for it; None: nobody chose."""
    granted: str = "local"
    """The size it was started on."""
    cpus: list[int] = []
    """Cores it is bound to; empty: all."""
    gpus: list[str] = []
    """UUIDs of the GPUs it holds."""
    pid: int = 0
    created: float = 0.0
    """When its process was made, seconds since the epoch; a pid alone may be another's by now."""


class _Choice(msgspec.Struct, frozen=True):
    path: str
    instance_type: str


class _OurPart(msgspec.Struct):
    instance_type: str = ""


class _Metadata(msgspec.Struct):
    mlstudio: _OurPart = msgspec.field(default_factory=_OurPart)


class _Notebook(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


_K = TypeVar("_K")


def _file(home: Home, kind: str, name: str) -> Path:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return home.root / FOLDER / f"{kind}-{digest}.json"


def _read(path: Path, kind: type[_K]) -> _K | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _write(home: Home, path: Path, kept: msgspec.Struct) -> None:
    home.ensure()
    home.ensure(path.parent)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.touch(0o600)
    part.write_bytes(msgspec.json.encode(kept))
    part.replace(path)


def kernel_file(home: Home, kernel_id: str) -> KernelFile:
    """Return what is kept of a kernel; an empty one for a kernel that was never started."""
    kept = _read(_file(home, "kernel", kernel_id), KernelFile)
    return kept if kept is not None and kept.kernel_id == kernel_id else KernelFile(kernel_id=kernel_id)


def keep_kernel(home: Home, kept: KernelFile) -> None:
    """Keep what is to be known of a kernel. Raises: OSError, StoreUnreachable."""
    _write(home, _file(home, "kernel", kept.kernel_id), kept)


def forget_kernel(home: Home, kernel_id: str) -> None:
    """Forget a kernel that ended; its notebook's choice stays."""
    _file(home, "kernel", kernel_id).unlink(missing_ok=True)


def choose(home: Home, kernel_id: str, instance_type: str) -> None:
    """Keep the size that a kernel, and its notebook's next kernels, shall have. Raises: OSError, StoreUnreachable."""
    kept = kernel_file(home, kernel_id)
    keep_kernel(home, msgspec.structs.replace(kept, wanted=instance_type))
    if kept.path:
        _write(home, _file(home, "notebook", kept.path), _Choice(kept.path, instance_type))


def chosen(home: Home, kernel_id: str, path: str) -> str | None:
    """Return the size that was chosen: for the kernel, else for its notebook, else in the notebook's metadata.

    Args:
        home: where choices are kept.
        kernel_id: of the kernel.
        path: absolute path of its notebook, "" for none.
    """
    kept = kernel_file(home, kernel_id).wanted
    if kept or not path:
        return kept
    choice = _read(_file(home, "notebook", path), _Choice)
    return choice.instance_type if choice is not None and choice.path == path else in_notebook(Path(path))


def in_notebook(path: Path) -> str | None:
    """Return ``metadata.mlstudio.instance_type`` of a notebook that came from elsewhere, None when it has none."""
    try:
        if path.suffix != ".ipynb" or not path.is_file() or path.stat().st_size > MAX_NOTEBOOK:
            return None
    except (OSError, ValueError):  # a NUL in the name
        return None
    found = _read(path, _Notebook)
    return (found.metadata.mlstudio.instance_type or None) if found else None


def living(home: Home) -> list[KernelFile]:
    """Return what is kept of kernels whose process lives; files of dead servers are removed on the way."""
    found: list[KernelFile] = []
    for path in (home.root / FOLDER).glob("kernel-*.json"):
        kept = _read(path, KernelFile)
        if kept is None or not kept.pid:
            continue
        if _lives(kept):
            found.append(kept)
        else:
            path.unlink(missing_ok=True)
    return found


def _lives(kept: KernelFile) -> bool:
    try:
        process = psutil.Process(kept.pid)
        return abs(process.create_time() - kept.created) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
