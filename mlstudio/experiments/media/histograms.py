"""Histograms: the distribution of many values, as edges and counts in JSON.

{"edges": [k + 1 floats, rising], "counts": [k numbers], "n": all values, "n_nan": those not finite}
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from mlstudio.entities.media import MAX_PREVIEW
from mlstudio.experiments.media.arrays import Array, as_array
from mlstudio.experiments.media.encoded import JSON_TYPE, Encoded, Unfit, json_bytes

MAX_BINS: Final = 10_000


def histogram(obj: Any, *, bins: int = 64) -> Encoded:
    """Return one histogram.

    Args:
        obj: values of any shape, as an array, tensor or list; or (counts, edges) as `numpy.histogram` returns them.
        bins: how many bins of equal width, from the lowest to the highest finite value.

    Raises:
        Unfit: there are no numbers, or counts and edges do not fit each other.
    """
    counts, edges, total, missing = _given(obj) or _counted(as_array(obj), bins)
    body = _json(counts, edges, total, missing)
    small, few = counts, edges
    preview = body
    while len(preview) > MAX_PREVIEW:
        small, few = _halved(small, few)
        preview = _json(small, few, total, missing)
    return Encoded(JSON_TYPE, body, preview=preview, preview_type=JSON_TYPE)


def _json(counts: Array, edges: Array, total: int, missing: int) -> bytes:
    return json_bytes({"edges": edges.tolist(), "counts": counts.tolist(), "n": total, "n_nan": missing})


def _given(obj: Any) -> tuple[Array, Array, int, int] | None:
    """Return a finished histogram, None when `obj` holds values."""
    if not (isinstance(obj, tuple) and len(obj) == 2 and np.ndim(obj[0]) == 1 and np.ndim(obj[1]) == 1):
        return None
    counts, edges = as_array(obj[0]), as_array(obj[1]).astype(np.float64)
    if len(edges) != len(counts) + 1:
        raise Unfit(f"{len(counts)} counts need {len(counts) + 1} edges, not {len(edges)}.")
    if len(counts) > MAX_BINS:
        raise Unfit(f"The histogram has {len(counts)} bins; at most {MAX_BINS} are kept.")
    if not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise Unfit("The edges of a histogram rise and are finite.")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise Unfit("The counts of a histogram are finite and not negative.")
    return counts, edges, int(min(counts.sum(), 2**53 - 1)), 0


def _counted(values: Array, bins: int) -> tuple[Array, Array, int, int]:
    if not 1 <= int(bins) <= MAX_BINS:
        raise Unfit(f"{bins!r:.40} bins are none.", hint=f"Give 1 to {MAX_BINS}.")
    flat = values.reshape(-1).astype(np.float64)
    finite = flat[np.isfinite(flat)]
    if not len(finite):
        return np.zeros(1, dtype=np.int64), np.array([0.0, 1.0]), len(flat), len(flat)
    low, high = float(finite.min()), float(finite.max())
    edges = _edges(low, high, int(bins))
    counts, _ = np.histogram(finite, bins=edges)
    return counts, edges, len(flat), len(flat) - len(finite)


def _edges(low: float, high: float, bins: int) -> Array:
    """Return rising edges from the lowest to the highest value; fewer than asked where floats stand too close."""
    if low == high:
        room = max(0.5, abs(low) * 1e-6)
        low, high = max(low - room, -np.finfo(float).max), min(high + room, np.finfo(float).max)
    edges = np.linspace(low / 4, high / 4, bins + 1) * 4  # the width of the whole range may overflow
    edges[0], edges[-1] = low, high
    return np.unique(edges)


def _halved(counts: Array, edges: Array) -> tuple[Array, Array]:
    """Merge neighbours two by two."""
    if len(counts) % 2:
        counts, edges = np.r_[counts[:-2], counts[-2] + counts[-1]], np.r_[edges[:-2], edges[-1]]
    if len(counts) < 2:
        return counts, edges
    return counts[0::2] + counts[1::2], edges[0::2]
