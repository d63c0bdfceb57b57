"""Rows as Parquet: exact doubles, times as timestamps, texts as dictionaries; NaN is not missing.

Types: ``created``, ``modified``, ``started``, ``ended`` are timestamp[us, UTC]; ``starred`` is bool; a
``….count`` is int64; other numbers are double; the rest is string. A missing cell is null. The
file's metadata holds ``mlstudio`` with the version that wrote it. pyarrow is imported here only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import mlstudio
from mlstudio.experiments.exporters.selection import TIMES, Cells, NumberCells, Rows, one_kind


def write_parquet(rows: Iterator[Rows], path: Path) -> int:
    """Write rows to a new file and return their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts: dict[str, list[Cells]] = {}
    count = 0
    for page in rows:
        count += len(page.names)
        for key, cells in page.cells.items():
            parts.setdefault(key, []).append(cells)
    arrays = [_array(pa, key, one_kind(cells)) for key, cells in parts.items()]
    table = pa.table(arrays, names=list(parts)).replace_schema_metadata({"mlstudio": mlstudio.__version__})
    pq.write_table(table, path, compression="zstd")
    return count


def _array(pa: Any, key: str, cells: Cells) -> Any:
    if not isinstance(cells, NumberCells):
        return pa.array(cells, pa.string()).dictionary_encode()
    values, missing = cells.values, cells.missing
    if key in TIMES:
        return pa.array(_whole(values, missing), pa.timestamp("us", "UTC"), mask=missing | ~np.isfinite(values))
    if key == "starred":
        return pa.array(np.where(missing, 0, values) != 0, pa.bool_(), mask=missing)
    if key.startswith("metrics.") and key.endswith(".count"):
        return pa.array(_whole(values, missing), pa.int64(), mask=missing)
    return pa.array(values, pa.float64(), mask=missing)


def _whole(values: Any, missing: Any) -> Any:
    kept = np.where(missing | ~np.isfinite(values), 0, values)
    return np.clip(kept, -(2.0**62), 2.0**62).astype(np.int64)
