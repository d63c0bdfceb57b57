"""Points on their way to a chart: packed, and thinned when there are too many to look at."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mlstudio.store.batch import NO_STEP

MOST: Final = 2000
"""Points of one series in one event."""
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def packed(name: str, context: str, steps: Ints, ts: Floats, values: Floats) -> dict[str, Any]:
    """Return a PointsEvent; of more than `MOST` points a spread that keeps the last and both extremes.

    Args:
        context: canonical JSON.
        steps: (n,) in the order of logging.
        ts: (n,) seconds since the epoch.
        values: (n,), NaN kept.
    """
    if len(steps) > MOST:
        chosen = _spread(values)
        steps, ts, values = steps[chosen], ts[chosen], values[chosen]
    data = np.concatenate([steps.astype("<f8"), ts.astype("<f8"), values.astype("<f8")])
    return {
        "name": name,
        "context": json.loads(context),
        "n": len(steps),
        "b64": base64.b64encode(data.tobytes()).decode("ascii"),
    }


def _spread(values: Floats) -> npt.NDArray[np.int64]:
    count = len(values)
    chosen = np.linspace(0, count - 1, MOST - 2).astype(np.int64)
    finite = np.flatnonzero(np.isfinite(values))
    if len(finite):
        chosen = np.append(chosen, [finite[values[finite].argmin()], finite[values[finite].argmax()]])
    return np.unique(chosen)


def numbered(steps: Ints, last: int) -> tuple[Ints, int]:
    """Give points that were logged without a step the ones that the store will give them.

    Args:
        steps: with `NO_STEP` in places.
        last: greatest step of the series so far, −1 for none.

    Returns:
        The steps, and the greatest one now.
    """
    without = steps == NO_STEP
    if not without.any():
        return steps, max(last, int(steps.max())) if len(steps) else last
    given = steps.copy()
    for index, missing in enumerate(without):
        if missing:
            given[index] = last + 1
        last = max(last, int(given[index]))
    return given, last
