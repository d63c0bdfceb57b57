"""The exact points of a component's metrics as a DataFrame. pandas is imported when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlstudio.entities.errors import NotFound
from mlstudio.experiments.records import the_store
from mlstudio.experiments.values import SYSTEM_PREFIX

if TYPE_CHECKING:
    import pandas as pd


def started(component: str) -> pd.Timestamp:
    """Return when a component began (UTC), what charts count "since start" from.

    Its start time; where nobody said it, the first point of all its metrics.

    Raises:
        NotFound: no such component, or neither a start time nor a point.
    """
    import pandas as pd

    from mlstudio.store.journal_values import canonical

    store = the_store()
    micros = store.get_component(component, most=0).start_time
    if micros is None:
        firsts = [store.points(component, one.name, canonical(one.context)).ts[:1] for one in store.series(component)]
        times = [float(first[0]) for first in firsts if len(first)]
        if not times:
            raise NotFound(f"{component!r} has no start time and no point.", field="component")
        micros = round(min(times) * 1e6)
    return pd.Timestamp(micros, unit="us", tz="UTC")


def history(component: str, metric: str | None = None, context: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Return the points of one metric, or of all metrics of a context joined on step.

    Args:
        component: its name.
        metric: columns ``step``, ``timestamp`` (UTC), ``value``; None: ``step`` and one column a metric,
            system metrics left out.
        context: of the series, None for the plain one.

    Raises:
        NotFound: no such component, or no such metric in that context.
    """
    import pandas as pd

    from mlstudio.store.journal_values import canonical

    store, where = the_store(), canonical(context)
    if metric is not None:
        if not any(one.name == metric and canonical(one.context) == where for one in store.series(component)):
            raise NotFound(f"There is no metric {metric!r} in {component!r}.", field="metric")
        points = store.points(component, metric, where)
        times = pd.to_datetime((points.ts * 1e6).round().astype("int64"), unit="us", utc=True)
        return pd.DataFrame({"step": points.steps, "timestamp": times, "value": points.values})
    columns = []
    for one in store.series(component):
        if canonical(one.context) == where and not one.name.startswith(SYSTEM_PREFIX):
            points = store.points(component, one.name, where)
            columns.append(pd.Series(points.values, index=points.steps, name=one.name))
    if not columns:
        return pd.DataFrame({"step": []})
    frame = pd.concat(columns, axis=1).sort_index()
    frame.index.name = "step"
    return frame.reset_index()
