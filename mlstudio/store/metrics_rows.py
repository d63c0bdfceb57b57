"""From what a backend keeps to the records that are handed out: the same for SQL and memory."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from mlstudio.entities.experiments import SeriesSummary
from mlstudio.store.laws import BlockSummaries
from mlstudio.store.series import Summary


def series_summary(name: str, context: str, found: Summary) -> SeriesSummary:
    """Return the record of a series from its fold."""
    return SeriesSummary(
        name=name,
        context=json.loads(context),
        count=found.count,
        n_nan=found.n_nan,
        first=found.first,
        last=found.last,
        last_step=found.last_step,
        last_ts=found.last_ts,
        min=found.min,
        min_step=found.min_step,
        max=found.max,
        max_step=found.max_step,
        avg=found.avg,
        std_dev=found.std_dev,
    )


def summaries_of(rows: list[Any]) -> BlockSummaries:
    """Return the columns of block rows n, step0, step1, ts0, ts1, first, last, min…, max…, n_nan; NULL is NaN."""
    cells = list(zip(*rows, strict=True)) if rows else [()] * 14
    whole = {0, 1, 2, 8, 11, 13}
    made: list[Any] = [
        np.array([0 if cell is None else cell for cell in column], dtype=np.int64)
        if place in whole
        else np.array([math.nan if cell is None else cell for cell in column], dtype=np.float64)
        for place, column in enumerate(cells)
    ]
    return BlockSummaries(*made)
