"""The cells of one row, as the table spells them: what of a trial component changed.

Reads: `ComponentRecord`. Keys are the column keys of `entities.tables`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from typing import Any, Final

from mlstudio.entities.experiments import ComponentRecord, SeriesSummary

Cells = dict[str, Any]
_STATS: Final = (("last", "last"), ("min", "min"), ("max", "max"), ("avg", "avg"), ("stddev", "std_dev"))


def cells_of(record: ComponentRecord) -> Cells:
    """Return every cell of a component's row; times in µs, duration in seconds."""
    cells: Cells = {
        "name": record.name,
        "display_name": record.display_name,
        "status": record.status,
        "kind": record.kind,
        "created": record.created_at,
        "modified": record.modified_at,
        "started": record.start_time,
        "ended": record.end_time,
        "duration": _duration(record),
        "user": record.created_by,
        "host": record.process.host if record.process else None,
        "parent": record.parent,
        "starred": int(record.starred),
        "archived": int(record.archived_at is not None),
        "note": record.description,
        "source": record.source_arn,
        "trial": ", ".join(sorted({ref.trial_name for ref in record.trials})) or None,
        "experiment": ", ".join(sorted({ref.experiment_name for ref in record.trials})) or None,
    }
    cells.update({f"params.{name}": value for name, value in record.params.items()})
    cells.update({f"tags.{name}": value for name, value in record.tags.items()})
    for series in record.metrics:
        if not series.context:
            cells.update(metric_cells(series))
    return cells


def metric_cells(series: SeriesSummary) -> Cells:
    """Return the cells of one metric."""
    cells: Cells = {f"metrics.{series.name}.{stat}": getattr(series, field) for stat, field in _STATS}
    cells[f"metrics.{series.name}.count"] = series.count
    return cells


def _duration(record: ComponentRecord) -> float | None:
    if record.start_time is None or record.end_time is None:
        return None
    return (record.end_time - record.start_time) / 1e6


class Shown:
    """What was last told of each row, so that only what changed is told again.

    Args:
        size: rows that are remembered; of others all cells are told.
    """

    def __init__(self, size: int = 2000) -> None:
        self._rows: OrderedDict[str, Cells] = OrderedDict()
        self._size = size

    def changed(self, uid: str, cells: Cells, withheld: Collection[str] = ()) -> Cells:
        """Return the cells that differ from what was told last; None where a cell is gone.

        Args:
            uid: whose row.
            cells: as they are now.
            withheld: keys that are there but must not be told now: what was told last stands.
        """
        before = self._rows.pop(uid, None)
        self._rows[uid] = {key: before[key] for key in withheld if before and key in before} | cells
        if len(self._rows) > self._size:
            self._rows.popitem(last=False)
        if before is None:
            return dict(cells)
        gone = {key: None for key in before if key not in cells and key not in withheld}
        return gone | {key: value for key, value in cells.items() if key not in before or not _same(before[key], value)}

    def forget(self, uid: str) -> None:
        """A row that is gone is told in full when it comes back."""
        self._rows.pop(uid, None)


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124 - NaN is what differs from itself
