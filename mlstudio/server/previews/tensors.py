"""Arrays on disk: what their headers say. No value is read, and nothing is unpickled.

npy and npz: the header of NumPy's format, parsed as literals; safetensors: a length, then JSON.

Imports: NumPy.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from mlstudio.entities.previews import Preview

LISTED: Final = 2000
HEADER: Final = 4 * 1024 * 1024
COLUMNS: Final = ["name", "type", "shape", "bytes"]
UNSAFE: Final = "not shown: unsafe format (pickled objects)"


def tensors(path: Path, name: str, media_type: str | None) -> Preview:
    """Return the arrays of a file, one a row. Raises: ValueError, OSError, BadZipFile where it is damaged."""
    with path.open("rb") as stream:
        magic = stream.read(6)
        stream.seek(0)
        if magic == b"\x93NUMPY":
            rows = [_header(stream, name.rpartition("/")[2])]
        elif magic.startswith(b"PK"):
            rows = _members(path)
        else:
            rows = _safetensors(stream)
    return Preview(
        kind="table",
        media_type=media_type,
        size=path.stat().st_size,
        truncated=len(rows) > LISTED,
        columns=list(COLUMNS),
        column_types=["text", "text", "text", "int"],
        rows=[list(row) for row in rows[:LISTED]],
        total_rows=len(rows),
        reason=UNSAFE if any(row[1] == "object" for row in rows) else None,
    )


def _header(stream: IO[bytes], name: str) -> list[str | None]:
    version = np.lib.format.read_magic(stream)
    read: Any = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read(stream)
    count = 1
    for length in shape:
        count *= int(length)
    shown = "object" if kind.hasobject else str(kind)
    return [name, shown, " × ".join(str(length) for length in shape) or "()", str(count * kind.itemsize)]


def _members(path: Path) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist()[: LISTED + 1]:
            if not info.filename.endswith(".npy"):
                rows.append([info.filename[:500], None, None, str(info.file_size)])
                continue
            with archive.open(info) as member:
                rows.append(_header(member, info.filename.removesuffix(".npy")[:500]))
    return rows


def _safetensors(stream: IO[bytes]) -> list[list[str | None]]:
    length = int.from_bytes(stream.read(8), "little")
    if length > HEADER:
        raise ValueError("its header is too long")
    header = json.loads(stream.read(length))
    rows: list[list[str | None]] = []
    for name, about in header.items():
        if name == "__metadata__":
            continue
        first, last = about["data_offsets"]
        shape = " × ".join(str(int(length)) for length in about["shape"]) or "()"
        rows.append([str(name)[:500], str(about["dtype"])[:20], shape, str(int(last) - int(first))])
    return rows
