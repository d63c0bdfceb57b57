"""Parquet and Arrow files: the first rows of the first columns, as texts.

Imports: pyarrow, when the first such file is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlstudio.entities.previews import Preview
from mlstudio.server.previews.texts import CELL, COLUMNS, ROWS

if TYPE_CHECKING:
    import pyarrow as pa

BUFFER: Final = 64 * 1024
"""Bytes of a column that are read at a time: the head of a column chunk, not all of it."""
LISTED: Final = 20
"""Items of a nested cell."""


def columnar(path: Path, media_type: str | None) -> Preview:
    """Return the head of a Parquet or Arrow file. Raises: pyarrow's errors where it is damaged."""
    with path.open("rb") as stream:
        magic = stream.read(4)
    return _parquet(path, media_type) if magic == b"PAR1" else _arrow(path, media_type)


def _parquet(path: Path, media_type: str | None) -> Preview:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, memory_map=False, buffer_size=BUFFER, pre_buffer=False) as file:
        schema = file.schema_arrow
        names = [field.name for field in list(schema)[:COLUMNS]]
        batches = file.iter_batches(batch_size=ROWS, columns=names, use_threads=False)
        head = next(batches, None)
        return _preview(path, media_type, schema, head, file.metadata.num_rows)


def _arrow(path: Path, media_type: str | None) -> Preview:
    import pyarrow as pa

    with pa.OSFile(str(path), "rb") as stream:
        reader = pa.ipc.open_file(stream)
        total = None
        head = reader.get_batch(0).slice(0, ROWS) if reader.num_record_batches else None
        if reader.num_record_batches <= 1:
            total = reader.get_batch(0).num_rows if head is not None else 0
        return _preview(path, media_type, reader.schema, head, total)


def _preview(
    path: Path, media_type: str | None, schema: pa.Schema, head: pa.RecordBatch | None, total: int | None
) -> Preview:
    fields = list(schema)[:COLUMNS]
    rows: list[list[str | None]] = []
    if head is not None:
        taken = head.slice(0, ROWS)
        columns = [[cell(value) for value in taken.column(at)] for at in range(min(len(fields), taken.num_columns))]
        rows = [list(row) for row in zip(*columns, strict=True)]
    shown_all = total is not None and total <= len(rows) and len(schema) <= COLUMNS
    return Preview(
        kind="table",
        media_type=media_type,
        size=path.stat().st_size,
        truncated=not shown_all,
        columns=[field.name[:CELL] for field in fields],
        column_types=[str(field.type)[:100] for field in fields],
        rows=rows,
        total_rows=total,
    )


def cell(scalar: Any) -> str | None:
    """Return a value as text; of bytes their number, of lists the first items."""
    import pyarrow as pa

    if not scalar.is_valid:
        return None
    kind = scalar.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return f"({len(scalar.as_buffer())} bytes)" if hasattr(scalar, "as_buffer") else "(bytes)"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        values = scalar.values
        first = ", ".join(str(cell(values[at])) for at in range(min(LISTED, len(values))))
        return f"[{first}{', …' if len(values) > LISTED else ''}]"[:CELL]
    text = str(scalar.as_py())
    return text if len(text) <= CELL else f"{text[:CELL]}…"
