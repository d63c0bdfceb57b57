"""Which parameters matter for a metric: a random forest asked what it would miss, and rank correlations.

The forest learns the metric from the parameters on three quarters of the finished components; on
the others each parameter's column is shuffled, and what the prediction loses by it is its
importance. The seed is fixed: the same components give the same answer.

scikit-learn is imported when asked for. Knows nothing of: HTTP, caches.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from mlstudio.entities.comparison import Importance, ImportanceQuery, ImportanceReply
from mlstudio.entities.search import And, Cmp, Expr, Field, OrderKey, Query, Stat
from mlstudio.entities.tables import Column, TableRequest, TableScope
from mlstudio.experiments.fields import METRIC_STATS
from mlstudio.experiments.query_text import parse

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

Floats = npt.NDArray[np.float64]

FEWEST: Final = 10
MOST_ROWS: Final = 2_000
"""Components that the forest sees; more are thinned evenly."""
MOST_PARAMS: Final = 100
_READ: Final = 20_000
_TREES: Final = 40
_REPEATS: Final = 3
_FINISHED: Final = ("Completed", "Stopped")


def importances(store: Store, query: ImportanceQuery) -> ImportanceReply:
    """Return how much each parameter matters for a metric of an experiment, most important first.

    Components count that are finished, match `where`, and have a finite value of the metric. Beyond
    2,000 the forest sees an even sample, beyond 100 parameters those that most components have;
    `reason` says so.

    Raises:
        NotFound: the experiment.
        BadQuery: the condition.
    """
    columns = store.columns(query.experiment)
    names = {
        column.key.removeprefix("metrics.").removesuffix(".last") for column in columns if column.group == "metrics"
    }
    metric = _metric(query.metric, names)
    params = sorted((c for c in columns if c.group == "params"), key=lambda c: (-c.count, c.key))
    keys = [column.key for column in params[:MOST_PARAMS]]
    page = store.table(
        TableRequest(
            scope=TableScope(experiment=query.experiment),
            columns=[*keys, f"metrics.{metric.name}.{metric.stat}"],
            limit=_READ,
        ),
        Query(_finished(query.where), (OrderKey(Field("meta", "created")),)),
    )
    *given, target = page.columns
    values = _numbers(target)
    there = np.flatnonzero(np.isfinite(values))
    told = query.metric
    if len(there) < FEWEST:
        reason = f"{len(there)} finished components have the metric {told}; at least {FEWEST} are needed."
        return ImportanceReply(metric=told, components=len(there), items=[], reason=reason)
    found = _Question(values[there], dict(zip(keys, given, strict=True)), there)
    return found.answer(told, thinned=len(params) > MOST_PARAMS)


def _finished(where: str | None) -> Expr:
    ended = Cmp(Field("meta", "status"), "in", _FINISHED)
    asked = parse(where).where if where and where.strip() else None
    return ended if asked is None else And((ended, asked))


def _metric(text: str, names: set[str]) -> Field:
    """Return the field of ``loss.min`` or ``loss``; a metric that is called so goes before a statistic."""
    name, _, stat = text.rpartition(".")
    if text not in names and name and stat in METRIC_STATS:
        known: dict[str, Stat] = {one: one for one in ("last", "min", "max", "avg", "stddev", "count")}
        return Field("metrics", name, known[stat])
    return Field("metrics", text, "last")


class _Question:
    """The numbers of one question: a target and the parameters that vary."""

    def __init__(self, target: Floats, columns: dict[str, Column], there: npt.NDArray[np.intp]) -> None:
        self.target = target
        self.params: dict[str, Floats] = {}
        self.texts: set[str] = set()
        for key, column in columns.items():
            cells = (_codes(column) if column.kind == "category" else _numbers(column))[there]
            seen = cells[~np.isnan(cells)]
            if len(seen) and (len(seen) < len(cells) or (seen != seen[0]).any()):
                self.params[key] = np.where(np.isinf(cells), np.nan, cells)
                self.texts |= {key} if column.kind == "category" else set()

    def answer(self, metric: str, *, thinned: bool) -> ImportanceReply:
        count = len(self.target)
        if not self.params:
            return ImportanceReply(metric=metric, components=count, items=[], reason="No parameter varies.")
        if (self.target == self.target[0]).all():
            reason = f"The metric {metric} never changes."
            return ImportanceReply(metric=metric, components=count, items=[], reason=reason)
        rows = np.unique(np.linspace(0, count - 1, min(count, MOST_ROWS)).astype(np.intp))
        shares, score = _forest(np.column_stack([cells[rows] for cells in self.params.values()]), self.target[rows])
        items = [
            Importance(
                param=key.removeprefix("params."),
                importance=float(share),
                correlation=None if key in self.texts else _spearman(cells, self.target),
            )
            for (key, cells), share in zip(self.params.items(), shares, strict=True)
        ]
        items.sort(key=lambda one: (-one.importance, one.param))
        said = [f"The forest saw {len(rows)} of {count} components."] if len(rows) < count else []
        said += [f"Only the {MOST_PARAMS} parameters that most components have were looked at."] if thinned else []
        return ImportanceReply(metric=metric, components=count, items=items, score=score, reason=" ".join(said) or None)


def _forest(cells: Floats, target: Floats) -> tuple[Floats, float]:
    """Return each column's share of what shuffling them costs, and R² on rows that were not learnt from."""
    from sklearn.ensemble import RandomForestRegressor

    random = np.random.default_rng(0)
    shuffled = random.permutation(len(target))
    kept = shuffled[: max(3, len(target) // 4)]
    learnt = shuffled[len(kept) :]
    forest = RandomForestRegressor(n_estimators=_TREES, min_samples_leaf=2, random_state=0, n_jobs=1)
    forest.fit(cells[learnt], target[learnt])
    asked, truth = cells[kept], target[kept]
    losses = np.zeros(cells.shape[1])
    base = _error(forest, asked, truth)
    for column in range(cells.shape[1]):
        for _ in range(_REPEATS):
            mixed = asked.copy()
            mixed[:, column] = random.permutation(mixed[:, column])
            losses[column] += (_error(forest, mixed, truth) - base) / _REPEATS
    gains = np.maximum(losses, 0.0)
    total, spread = gains.sum(), float(((truth - truth.mean()) ** 2).mean())
    score = 1.0 - base / spread if spread > 0 else 0.0
    return (gains / total if total > 0 else gains), score


def _error(forest: Any, cells: Floats, truth: Floats) -> float:
    return float(((forest.predict(cells) - truth) ** 2).mean())


def _spearman(cells: Floats, target: Floats) -> float | None:
    """Return the rank correlation over the rows that have the parameter; None when one side never changes."""
    there = np.isfinite(cells)
    if there.sum() < 3:
        return None
    left, right = _ranks(cells[there]), _ranks(target[there])
    left, right = left - left.mean(), right - right.mean()
    scale = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return float((left * right).sum() / scale) if scale > 0 else None


def _ranks(values: Floats) -> Floats:
    """Return ranks from 1; equal values share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    shared: Floats = (ends - (counts - 1) / 2.0)[places]
    return shared


def _numbers(column: Column) -> Floats:
    """Return a number column, NaN where a cell is missing."""
    if column.kind == "category":
        return _codes(column)
    values = np.frombuffer(base64.b64decode(column.b64 or ""), "<f8").copy()
    if column.missing is not None:
        bits = np.frombuffer(base64.b64decode(column.missing), np.uint8)
        values[np.unpackbits(bits, bitorder="little")[: len(values)].astype(bool)] = np.nan
    return values


def _codes(column: Column) -> Floats:
    """Return a category column as numbers: places in the sorted list of its values, NaN where missing."""
    values = column.values or []
    places = np.full(len(values) + 1, np.nan)
    places[np.argsort(np.array(values, dtype=object), kind="stable")] = np.arange(len(values))
    codes = np.frombuffer(base64.b64decode(column.codes_b64 or ""), "<u4")
    cells: Floats = places[np.minimum(codes, len(values))]
    return cells
