"""ExperimentAnalytics: an experiment as a DataFrame, with SageMaker's columns in SageMaker's order.

A row is a trial component: name, display name, source, parameters, six statistics of each
metric, inputs, outputs, trials, experiments. What a row does not have it does not give a column;
the frame's columns stand in the order in which the rows first show them.

The frame is built column by column (1,000 rows of 143 columns would else be 143,000 inserts into
row dicts that pandas takes apart again). pandas is imported when a frame is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import ArtifactRef, ComponentRecord, SeriesSummary
from mlstudio.entities.search import Query
from mlstudio.experiments.records import Search, named, search_query, the_store

if TYPE_CHECKING:
    import os

    import pandas as pd

_STATISTICS: Final[tuple[tuple[str, str], ...]] = (
    (" - Min", "min"),
    (" - Max", "max"),
    (" - Avg", "avg"),
    (" - StdDev", "std_dev"),
    (" - Last", "last"),
    (" - Count", "count"),
)
Cell = tuple[str, Any]


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
            self._frame = frame_of(self._records(), self._cells)
        return self._frame

    def export_csv(self, filename: str | os.PathLike[str]) -> None:
        """Write the frame as CSV, with the row numbers that SageMaker writes."""
        self.dataframe().to_csv(filename)

    def clear_cache(self) -> None:
        """Forget the frame; the next one is read anew."""
        self._frame = None

    def _records(self) -> Iterable[ComponentRecord]:
        found = search_query(self._search_expression, self._sort_by, self._sort_order)
        query = Query(found.where, found.order, found.limit)
        experiment = named(self._experiment_name)[0] if self._experiment_name else None
        return the_store().search_components(query, experiment=experiment)

    def _cells(self, record: ComponentRecord) -> list[Cell]:
        """Return the columns of a row and their values, in SageMaker's order."""
        cells: list[Cell] = [("TrialComponentName", record.name), ("DisplayName", record.display_name)]
        if record.source_arn:
            cells.append(("SourceArn", record.source_arn))
        names = sorted(record.params) if self._parameter_names is None else self._parameter_names
        cells += [(name, record.params[name]) for name in names if name in record.params]
        for series in self._series(record):
            cells += _statistics(series)
        cells += _artifacts(record.inputs, self._input_artifact_names)
        cells += _artifacts(record.outputs, self._output_artifact_names)
        cells.append(("Trials", list(dict.fromkeys(one.trial_name for one in record.trials))))
        cells.append(("Experiments", list(dict.fromkeys(one.experiment_name for one in record.trials))))
        return cells

    def _series(self, record: ComponentRecord) -> list[SeriesSummary]:
        """Return the chosen series; of a metric in several contexts the plainest."""
        found: dict[str, SeriesSummary] = {}
        for one in record.metrics:
            held = found.get(one.name)
            if held is None or len(one.context) < len(held.context):
                found[one.name] = one
        if self._metric_names is None:
            return [found[name] for name in sorted(found)]
        return [found[name] for name in self._metric_names if name in found]


def _statistics(series: SeriesSummary) -> list[Cell]:
    name = series.name
    values = (series.min, series.max, series.avg, series.std_dev, series.last, series.count)
    return [(name + ending, value) for (ending, _), value in zip(_STATISTICS, values, strict=True) if value is not None]


def _artifacts(refs: dict[str, ArtifactRef], chosen: Sequence[str] | None) -> list[Cell]:
    if not refs:
        return []
    cells: list[Cell] = []
    for name in sorted(refs) if chosen is None else chosen:
        ref = refs.get(name)
        if ref is not None:
            cells += [(f"{name} - MediaType", ref.media_type), (f"{name} - Value", ref.value)]
    return cells


def frame_of(records: Iterable[ComponentRecord], cells: Callable[[ComponentRecord], list[Cell]]) -> pd.DataFrame:
    """Return a frame of rows, its columns in order of first appearance; a cell that is missing is NaN."""
    import pandas as pd

    columns: dict[str, list[Any]] = {}
    row = 0
    missing = float("nan")
    for record in records:
        for name, value in cells(record):
            column = columns.get(name)
            if column is None:
                column = columns[name] = [missing] * row
            elif len(column) > row:  # two things of one name in a row: the first one stands
                continue
            column.append(value)
        row += 1
        for column in columns.values():
            if len(column) < row:
                column.append(missing)
    return pd.DataFrame(columns)
