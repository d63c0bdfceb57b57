"""From what a backend keeps to the records that are handed out: the same for SQL and memory."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mlstudio.entities.experiments import SeriesSummary
from mlstudio.store.laws import BlockSummaries
from mlstudio.store.series import Summary

_WHOLE: Final = frozenset({0, 1, 2, 8, 11, 13})
"""Places of the columns of whole numbers: n, steps, n_nan."""


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
    """Return the columns of block rows n, step0, step1, ts0, ts1, first, last, min…, max…, n_nan; NULL is NaN or 0."""
    cells = list(zip(*rows, strict=True)) if rows else [()] * 14
    made: list[Any] = [_whole(cell) if place in _WHOLE else _real(cell) for place, cell in enumerate(cells)]
    return BlockSummaries(*made)


def _whole(cells: tuple[Any, ...]) -> npt.NDArray[np.int64]:
    if None in cells:
        cells = tuple(0 if cell is None else cell for cell in cells)
    return np.array(cells, dtype=np.int64)


def _real(cells: tuple[Any, ...]) -> npt.NDArray[np.float64]:
    return np.array(cells, dtype=np.float64)  # None becomes NaN
