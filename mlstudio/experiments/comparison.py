"""compare: runs side by side, one row each, for people; `compare_components` for the panel.

pandas is imported when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from mlstudio.entities.experiments import ComponentRecord
from mlstudio.entities.search import Field, Query
from mlstudio.experiments.differences import compare_components
from mlstudio.experiments.fields import field_of
from mlstudio.experiments.query_text import parse
from mlstudio.experiments.records import component_name, the_store
from mlstudio.experiments.values import SYSTEM_PREFIX, as_datetime

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare", "compare_components"]


def compare(runs_or_query: object, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return one row per run, with what they were given and what came out.

    Args:
        runs_or_query: runs, components, trackers or names; or a search in our text language, such as
            ``experiment = "mnist" and metrics.loss < 0.3``.
        columns: column keys (``params.lr``, ``metrics.loss.min``, ``status``); None: name, status,
            every parameter and the last value of every metric.

    Raises:
        BadQuery: the search or a column cannot be read.

    Returns:
        Index: component names; a missing value is NaN or None.
    """
    import pandas as pd

    from mlstudio.experiments.comparison_frame import Comparison

    records = _records(runs_or_query)
    keys = list(columns) if columns is not None else _all_columns(records)
    fields = [field_of(key) for key in keys]
    data = {key: [_cell(record, field) for record in records] for key, field in zip(keys, fields, strict=True)}
    return Comparison(data, index=pd.Index([one.name for one in records], name="component"), columns=keys)


def _records(given: object) -> list[ComponentRecord]:
    store = the_store()
    if isinstance(given, str):
        query = parse(given)
        return store.search_components(Query(query.where, query.order, query.limit))
    wanted: Iterable[object] = given if isinstance(given, Iterable) else [given]
    names = []
    for one in wanted:
        flush = getattr(one, "flush", None)
        if callable(flush):
            flush(2.0)
        names.append(component_name(one))
    return store.get_components(names)


def _all_columns(records: Sequence[ComponentRecord]) -> list[str]:
    params = sorted({f"params.{name}" for one in records for name in one.params})
    metrics = sorted({f"metrics.{name}.last" for one in records for name in _metric_names(one)})
    return ["display_name", "status", *params, *metrics]


def _metric_names(record: ComponentRecord) -> list[str]:
    return [series.name for series in record.metrics if not series.name.startswith(SYSTEM_PREFIX)]


def _cell(record: ComponentRecord, field: Field) -> Any:
    if field.kind == "params":
        return record.params.get(field.name)
    if field.kind == "tags":
        return record.tags.get(field.name)
    if field.kind == "metrics":
        attribute = "std_dev" if field.stat == "stddev" else str(field.stat)
        plain = (one for one in record.metrics if one.name == field.name)
        series = min(plain, key=lambda one: len(one.context), default=None)
        return None if series is None else getattr(series, attribute)
    if field.kind in {"inputs", "outputs"}:
        ref = (record.inputs if field.kind == "inputs" else record.outputs).get(field.name)
        return None if ref is None else getattr(ref, str(field.stat))
    return _meta(record, field.name)


def _meta(record: ComponentRecord, name: str) -> Any:
    times = {
        "created": record.created_at,
        "modified": record.modified_at,
        "started": record.start_time,
        "ended": record.end_time,
    }
    if name in times:
        return as_datetime(times[name])
    if name == "duration":
        if record.start_time is None or record.end_time is None:
            return None
        return max(0.0, (record.end_time - record.start_time) / 1e6)
    if name in {"experiment", "trial"}:
        return ", ".join(sorted({getattr(one, f"{name}_name") for one in record.trials})) or None
    if name == "host":
        return record.process.host if record.process else None
    attribute = {"user": "created_by", "note": "description", "source": "source_arn"}.get(name, name)
    return getattr(record, attribute)
