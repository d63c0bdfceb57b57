"""Parquet: exact doubles, types, NaN apart from what is missing."""

from __future__ import annotations

import math
from pathlib import Path

import pyarrow.parquet as pq

import mlstudio

HARD = 0.1 + 0.2


def test_parquet_keeps_types_and_tells_nan_from_nothing(recorded: None, tmp_path: Path) -> None:
    mlstudio.export_runs(
        "parquet",
        tmp_path / "a.parquet",
        "order by created",
        columns=[
            "name",
            "created",
            "starred",
            "params.lr",
            "metrics.loss.last",
            "metrics.loss.count",
            "metrics.acc.last",
        ],
    )
    table = pq.read_table(tmp_path / "a.parquet")
    assert [str(field.type) for field in table.schema][1:] == [
        "timestamp[us, tz=UTC]",
        "bool",
        "double",
        "double",
        "int64",
        "double",
    ]
    assert table["params.lr"].to_pylist() == [HARD, 1e-300, None]
    loss = table["metrics.loss.last"].to_pylist()
    assert math.isnan(loss[0])
    assert loss[1:] == [math.inf, -1.5]
    assert table["metrics.acc.last"].to_pylist() == [0.5, None, None]
    assert table["metrics.loss.count"].to_pylist() == [1, 1, 1]
    assert table.schema.metadata[b"mlstudio"] == mlstudio.__version__.encode()
