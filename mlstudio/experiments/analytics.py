"""ExperimentAnalytics: an experiment as a DataFrame, with SageMaker's columns in SageMaker's order.

A row is a trial component: name, display name, source, parameters, six statistics of each
metric, inputs, outputs, trials, experiments. What a row does not have it does not give a column;
the frame's columns stand in the order in which the rows first show them.

The frame is built column by column (1,000 rows of 143 columns would else be 143,000 inserts into
row dicts that pandas takes apart again). pandas is imported when a frame is asked for.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import ArtifactRef, ComponentRecord
from mlstudio.entities.search import Query
from mlstudio.entities.tables import Column as EncodedColumn
from mlstudio.entities.tables import TableRequest, TableScope
from mlstudio.experiments.records import Search, named, search_query, the_store
from mlstudio.experiments.values import SYSTEM_PREFIX

if TYPE_CHECKING:
    import os

    import pandas as pd

    from mlstudio.store.laws import Store

NAN: Final = float("nan")
_ENDINGS: Final = (" - Min", " - Max", " - Avg", " - StdDev", " - Last", " - Count")
_STATISTICS: Final = ("min", "max", "avg", "stddev", "last", "count")
_EVERY_ROW: Final = 10**9
Column = tuple[str, Sequence[Any], list[bool] | None]
"""Name, cells, and which rows have it (None: all)."""


class ExperimentAnalytics:
    """The trial components of an experiment, or of a search, as a DataFrame.

    Args:
        experiment_name: only components of this experiment.
        search_expression: SageMaker's dict, a `SearchExpression`, or our text language; it is not changed.
        sort_by: ``"metrics.test:accuracy.max"``, ``"Parameters.lr"``, ``"CreationTime"``, …
        sort_order: "Ascending" or "Descending" (the default).
        metric_names: only these metrics, in this order; None: all, by name.
        parameter_names: only these parameters; None: all.
        sagemaker_session: accepted and not needed.
        input_artifact_names: only these inputs; None: all.
        output_artifact_names: only these outputs; None: all.

    Raises:
        ValueError: neither a name nor an expression.
    """

    MAX_TRIAL_COMPONENTS: ClassVar[int] = 10000
    """SageMaker cuts there; we do not."""

    def __init__(
        self,
        experiment_name: str | None = None,
        search_expression: Search | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        metric_names: Sequence[str] | None = None,
        parameter_names: Sequence[str] | None = None,
        sagemaker_session: Any = None,
        input_artifact_names: Sequence[str] | None = None,
        output_artifact_names: Sequence[str] | None = None,
    ) -> None:
        del sagemaker_session
        if not experiment_name and not search_expression:
            raise InvalidField("Either experiment_name or search_expression must be supplied.", field="experiment_name")
        self._experiment_name = experiment_name
        self._search_expression = search_expression
        self._sort_by = sort_by
        self._sort_order = sort_order
        self._metric_names = metric_names
        self._parameter_names = parameter_names
        self._input_artifact_names = input_artifact_names
        self._output_artifact_names = output_artifact_names
        self._frame: pd.DataFrame | None = None

    @property
    def name(self) -> str | None:
        """Name of the experiment, None when a search was given."""
        return self._experiment_name

    def dataframe(self, force_refresh: bool = False) -> pd.DataFrame:
        """Return the frame; read once, then kept until `force_refresh` or `clear_cache`.

        Raises:
            BadQuery: the expression or `sort_by` cannot be read.
        """
        if force_refresh or self._frame is None:
            records = self._records()
            self._frame = frame_of(self._columns(records), len(records))
        return self._frame

    def export_csv(self, filename: str | os.PathLike[str]) -> None:
        """Write the frame as CSV, with the row numbers that SageMaker writes."""
        self.dataframe().to_csv(filename)

    def clear_cache(self) -> None:
        """Forget the frame; the next one is read anew."""
        self._frame = None

    def _records(self) -> list[ComponentRecord]:
        found = search_query(self._search_expression, self._sort_by, self._sort_order)
        query = Query(found.where, found.order, found.limit)
        return the_store().search_components(query, experiment=self._experiment, metrics=False)

    @property
    def _experiment(self) -> str | None:
        return named(self._experiment_name)[0] if self._experiment_name else None

    def _columns(self, records: Sequence[ComponentRecord]) -> Iterator[Column]:
        """Yield the columns of the frame, in the order that each row follows."""
        yield "TrialComponentName", [one.name for one in records], None
        yield "DisplayName", [one.display_name for one in records], None
        yield "SourceArn", [one.source_arn or NAN for one in records], [bool(one.source_arn) for one in records]
        yield from _parameters([one.params for one in records], self._parameter_names)
        yield from _metrics(records, self._experiment, self._metric_names)
        yield from _artifacts([one.inputs for one in records], self._input_artifact_names)
        yield from _artifacts([one.outputs for one in records], self._output_artifact_names)
        yield "Trials", [list(dict.fromkeys(ref.trial_name for ref in one.trials)) for one in records], None
        yield "Experiments", [list(dict.fromkeys(ref.experiment_name for ref in one.trials)) for one in records], None


def _names(rows: Sequence[Mapping[str, Any]], chosen: Sequence[str] | None) -> Sequence[str]:
    """Return the names that rows hold, sorted, or those chosen among them, in the order of the choice."""
    held = set[str]().union(*rows)
    return sorted(held) if chosen is None else [name for name in dict.fromkeys(chosen) if name in held]


def _parameters(rows: Sequence[Mapping[str, Any]], chosen: Sequence[str] | None) -> Iterator[Column]:
    for name in _names(rows, chosen):
        yield name, [row.get(name, NAN) for row in rows], [name in row for row in rows]


def _metrics(
    records: Sequence[ComponentRecord], experiment: str | None, chosen: Sequence[str] | None
) -> Iterator[Column]:
    """Six columns a metric, read from the store as columns; what a component does not have is absent.

    The store's table keeps them between two readings, and re-reads only what changed.
    """
    import numpy as np

    store = the_store()
    names = _metric_names(store, experiment) if chosen is None else list(dict.fromkeys(chosen))
    keys = [f"metrics.{name}.{statistic}" for name in names for statistic in _STATISTICS]
    if not keys or not records:
        return
    wanted = TableRequest(scope=TableScope(experiment=experiment), columns=keys, limit=_EVERY_ROW)
    page = store.table(wanted, Query())
    place = {uid: row for row, uid in enumerate(page.uids)}
    rows = np.array([place.get(one.uid, page.rows) for one in records])  # the row behind the last is missing
    columns = {one.key: one for one in page.columns}
    for key, name in zip(keys, (f"{name}{ending}" for name in names for ending in _ENDINGS), strict=True):
        values, missing = _decoded(columns[key], page.rows)
        present = ~missing[rows]
        everywhere = bool(present.all())
        cells = values[rows]
        whole = everywhere and name.endswith(" - Count")
        yield name, cells.astype(np.int64) if whole else cells, None if everywhere else present.tolist()


def _metric_names(store: Store, experiment: str | None) -> list[str]:
    keys = (one.key for one in store.columns(experiment) if one.group == "metrics")
    names = {key.removeprefix("metrics.").rpartition(".")[0] for key in keys}
    return sorted(name for name in names if not name.startswith(SYSTEM_PREFIX))


def _decoded(column: EncodedColumn, rows: int) -> tuple[Any, Any]:
    """Return values and the mask of what is missing, both with one more row, which is missing."""
    import numpy as np

    values, missing = np.full(rows + 1, np.nan), np.zeros(rows + 1, dtype=bool)
    missing[rows] = True
    if column.b64 is not None:
        values[:rows] = np.frombuffer(base64.b64decode(column.b64), dtype="<f8")
    if column.missing is not None:
        bits = np.frombuffer(base64.b64decode(column.missing), dtype=np.uint8)
        missing[:rows] = np.unpackbits(bits, count=rows, bitorder="little").astype(bool)
    values[missing] = np.nan
    return values, missing


def _artifacts(rows: Sequence[Mapping[str, ArtifactRef]], chosen: Sequence[str] | None) -> Iterator[Column]:
    for name in _names(rows, chosen):
        refs = [row.get(name) for row in rows]
        present = [ref is not None for ref in refs]
        yield f"{name} - MediaType", [NAN if ref is None else ref.media_type for ref in refs], present
        yield f"{name} - Value", [NAN if ref is None else ref.value for ref in refs], present


def frame_of(columns: Iterable[Column], rows: int) -> pd.DataFrame:
    """Return a frame, its columns by the first row that has them, then as they come.

    That is the order in which appending row after row would first meet them. A missing cell is NaN; a
    column that no row has is left out; of two things of one name in a row the first one stands.
    """
    import pandas as pd

    found: dict[str, Sequence[Any]] = {}
    presence: dict[str, list[bool] | None] = {}
    for name, values, present in columns:
        if name not in found:
            found[name], presence[name] = values, present
        elif presence[name] is not None:
            mine, theirs = presence[name] or [], present or [True] * rows
            found[name] = [old if has else new for old, new, has in zip(found[name], values, mine, strict=True)]
            presence[name] = [one or two for one, two in zip(mine, theirs, strict=True)]
    first = {name: _first_row(present, rows) for name, present in presence.items()}
    ordered = sorted((name for name in found if first[name] < rows), key=first.__getitem__)
    return pd.DataFrame({name: found[name] for name in ordered})


def _first_row(present: list[bool] | None, rows: int) -> int:
    if present is None:
        return 0
    return present.index(True) if True in present else rows
