"""Parquet and Arrow files: the first rows as texts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlstudio.entities.previews import Preview
from mlstudio.server.previews import tables
from mlstudio.server.previews.texts import CELL, COLUMNS, ROWS


def parquet(tmp_path: Path, table: pa.Table) -> Preview:
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    return tables.columnar(path, None)


def test_rows_types_and_the_total_are_shown(tmp_path: Path) -> None:
    shown = parquet(tmp_path, pa.table({"a": range(1000), "b": ["x"] * 1000}))

    assert (shown.columns, shown.column_types) == (["a", "b"], ["int64", "string"])
    assert shown.rows is not None
    assert (len(shown.rows), shown.rows[0], shown.total_rows, shown.truncated) == (ROWS, ["0", "x"], 1000, True)


def test_every_kind_of_value_is_a_text(tmp_path: Path) -> None:
    when = dt.datetime(2024, 1, 2, 3, 4, tzinfo=dt.UTC)
    table = pa.table(
        {
            "none": pa.array([None], pa.int32()),
            "nan": [float("nan")],
            "bytes": [b"\x80\x04K\x01."],
            "list": [list(range(50))],
            "struct": [{"a": 1}],
            "time": [when],
            "long": ["x" * 5000],
            "words": pa.array(["a"]).dictionary_encode(),
        }
    )
    (row,) = parquet(tmp_path, table).rows or []

    assert row[0] is None
    assert row[1:3] == ["nan", "(5 bytes)"]
    assert row[3] is not None
    assert row[3].endswith(", …]")
    assert row[4] == "{'a': 1}"
    assert row[5] is not None
    assert row[5].startswith("2024-01-02 03:04")
    assert len(row[6] or "") == CELL + 1
    assert row[7] == "a"


def test_a_wide_table_is_cut(tmp_path: Path) -> None:
    shown = parquet(tmp_path, pa.table({f"c{at}": [at] for at in range(500)}))

    assert len(shown.columns or []) == COLUMNS
    assert shown.truncated


def test_an_empty_table_has_columns(tmp_path: Path) -> None:
    shown = parquet(tmp_path, pa.table({"a": pa.array([], pa.int64())}))

    assert (shown.columns, shown.rows, shown.total_rows) == (["a"], [], 0)


def test_an_arrow_file_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "t.arrow"
    table = pa.table({"a": [1, 2, 3]})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)

    assert tables.columnar(path, None).rows == [["1"], ["2"], ["3"]]


@pytest.mark.parametrize("cut", [10, 100, 400])
def test_a_damaged_file_raises_what_its_reader_raises(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": range(1000)}), path)
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises((pa.ArrowException, OSError, ValueError)):
        tables.columnar(path, None)
