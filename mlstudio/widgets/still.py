"""What a widget leaves in an exported notebook: a table and a picture, as text and as markup that is ours.

The picture is an SVG of at most six metrics and ten runs, inside an ``<img>``: nothing in an image
runs, and every text in it is escaped.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import ComponentRecord, ListRequest
from mlstudio.entities.tables import CurveHeader, CurveRequest, SeriesRef
from mlstudio.entities.wire import decode

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

MAX_RUNS: Final = 10
MAX_METRICS: Final = 6
WIDTH, HEIGHT, GAP = 360, 200, 16
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 22, 24
COLORS: Final = ("#3b6fb6", "#c4652d", "#3f8f5a", "#9c4f96", "#8a7a2b", "#2f8f9d", "#b8475b", "#6c6c6c")
"""Readable on white and on black."""
Points = list[tuple[float, float]]


def bundle(kind: str, names: Sequence[str], metrics: Sequence[str]) -> dict[str, str]:
    """Return ``text/html`` and ``text/plain`` of what a widget shows now; never raises."""
    from mlstudio.experiments import reprs
    from mlstudio.store import open_store

    try:
        store = open_store()
        records = components(store, kind, names)
        title = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        shown = reprs.component_table(records, f"{kind} {title}" if kind != "compare" else f"{len(records)} runs")
        picture = svg(store, records, metrics)
    except StudioError as error:
        return {"text/html": f"<p>{html.escape(str(error))}</p>", "text/plain": str(error)}
    if picture:
        data = base64.b64encode(picture.encode()).decode()
        drawn = ", ".join(chosen(records, metrics))
        shown += f'<img alt="Curves of {html.escape(drawn, quote=True)}" src="data:image/svg+xml;base64,{data}">'
    lines = [f"{one.display_name or one.name}  {one.status or 'not started'}" for one in records[:20]]
    return {"text/html": shown, "text/plain": "\n".join([f"{kind} {title}", *lines])}


def components(store: Store, kind: str, names: Sequence[str]) -> list[ComponentRecord]:
    """Return the newest hundred trial components that a widget of this kind shows. Raises: NotFound."""
    if kind in {"run", "compare"}:
        return store.get_components(names)
    request = ListRequest(limit=100)
    if kind == "trial":
        store.get_trial(names[0])
        return store.list_components(request, trial=names[0]).items
    store.get_experiment(names[0])
    return store.list_components(request, experiment=names[0]).items


def home_of(names: Sequence[str]) -> str:
    """Return the one experiment that all these components belong to, an empty text when there is none; never raises."""
    from mlstudio.store import open_store

    try:
        records = open_store().get_components(names)
    except StudioError:
        return ""
    homes = [{ref.experiment_name for ref in one.trials} for one in records]
    return min(set.intersection(*homes), default="") if homes else ""


def runs_now(kind: str, names: Sequence[str]) -> bool:
    """Whether anything that the widget shows may still change by itself."""
    from mlstudio.store import open_store

    try:
        return any(one.status in {"InProgress", "Stopping"} for one in components(open_store(), kind, names))
    except StudioError:
        return False


def chosen(records: Sequence[ComponentRecord], metrics: Sequence[str]) -> list[str]:
    """Return the metrics to draw: those asked for, else those with more than one point, most common first."""
    if metrics:
        return list(metrics[:MAX_METRICS])
    counts: dict[str, int] = {}
    for record in records:
        for series in record.metrics:
            if series.count > 1 and not series.context and not series.name.startswith("system/"):
                counts[series.name] = counts.get(series.name, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))[:MAX_METRICS]


def svg(store: Store, records: Sequence[ComponentRecord], metrics: Sequence[str]) -> str:
    """Return the picture, an empty text when there is nothing to draw."""
    names = chosen(records, metrics)
    runs = records[:MAX_RUNS]
    if not names:
        return ""
    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    legend = 18 * len(runs)
    width, height = columns * (WIDTH + GAP), rows * (HEIGHT + GAP) + legend
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">']
    parts.append(f'<rect width="{width}" height="{height}" fill="white"/>')
    for place, name in enumerate(names):
        curves = _curves(store, name, runs)
        x, y = (place % columns) * (WIDTH + GAP), (place // columns) * (HEIGHT + GAP)
        parts.append(f'<g transform="translate({x},{y})">{_panel(name, curves)}</g>')
    for place, run in enumerate(runs):
        y, color = height - legend + 18 * place + 12, COLORS[place % len(COLORS)]
        label = html.escape((run.display_name or run.name)[:80])
        parts.append(f'<line x1="8" x2="30" y1="{y - 4}" y2="{y - 4}" stroke="{color}" stroke-width="2"/>')
        parts.append(f'<text x="36" y="{y}" font-size="12" fill="#222">{label}</text>')
    return "".join([*parts, "</svg>"])


def _curves(store: Store, metric: str, runs: Sequence[ComponentRecord]) -> list[Points]:
    """Return the finite points of a metric, run by run, small enough to draw."""
    import numpy as np

    from mlstudio.store.curves import curve

    body = curve(store, CurveRequest(series=[SeriesRef(run.name, metric) for run in runs], width=300))
    size = int.from_bytes(body[4:8], "little")
    header = decode(body[8 : 8 + size].rstrip(), CurveHeader)
    data = np.frombuffer(body, dtype="<f8", offset=8 + size)
    found = []
    for one in header.series:
        x, y = data[one.offset : one.offset + 2 * one.n].reshape(2, one.n)
        finite = np.isfinite(y)
        found.append(list(zip(x[finite].tolist(), y[finite].tolist(), strict=True)))
    return found


def _panel(name: str, curves: Sequence[Points]) -> str:
    every = [point for curve in curves for point in curve]
    if not every:
        return ""
    x0, x1 = min(p[0] for p in every), max(p[0] for p in every)
    y0, y1 = min(p[1] for p in every), max(p[1] for p in every)
    across = (WIDTH - LEFT - RIGHT) / ((x1 - x0) or 1.0)
    up = (HEIGHT - TOP - BOTTOM) / ((y1 - y0) or 1.0)
    parts = [f'<text x="{LEFT}" y="14" font-size="12" fill="#222">{html.escape(name[:60])}</text>']
    frame = f'x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}"'
    parts.append(f'<rect {frame} fill="none" stroke="#ccc"/>')
    labels = ((y1, TOP + 10), (y0, HEIGHT - BOTTOM))
    parts += [
        f'<text x="{LEFT - 4}" y="{y}" font-size="10" text-anchor="end">{value:.4g}</text>' for value, y in labels
    ]
    ends = ((x0, LEFT, "start"), (x1, WIDTH - RIGHT, "end"))
    parts += [
        f'<text x="{x}" y="{HEIGHT - 8}" font-size="10" text-anchor="{anchor}">{value:.6g}</text>'
        for value, x, anchor in ends
    ]
    for place, curve in enumerate(curves):
        path = " ".join(f"{LEFT + (x - x0) * across:.1f},{HEIGHT - BOTTOM - (y - y0) * up:.1f}" for x, y in curve)
        color = COLORS[place % len(COLORS)]
        if len(curve) == 1:
            x, _, y = path.partition(",")
            parts.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"/>')
        elif curve:
            parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>')
    return "".join(parts)
