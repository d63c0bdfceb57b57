"""Tables: DataFrames, columns and records in SageMaker's JSON shape, with their first rows as preview."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from mlstudio.entities.media import MAX_PREVIEW
from mlstudio.experiments import plots
from mlstudio.experiments.media.encoded import JSON_TYPE, Encoded, Unfit, json_bytes, type_name
from mlstudio.experiments.values import clean_text

MAX_CELLS: Final = 2_000_000
HEAD_ROWS: Final = 50
HEAD_COLUMNS: Final = 50
HEAD_TEXT: Final = 120


def table(obj: Any) -> Encoded:
    """Return one table.

    Args:
        obj: a pandas or polars DataFrame, a dict of columns, a list of dicts (rows), or an array of two dimensions.

    Raises:
        Unfit: it is none of these, its columns differ in length, or it has more than 2 million cells.
    """
    frame = _frame(obj)
    if frame.size > MAX_CELLS:
        raise Unfit(
            f"The table has {frame.size} cells; at most {MAX_CELLS} are kept.",
            hint="Write it to Parquet and use log_file.",
        )
    document = plots.table("Table", None, frame)
    fields = [{"name": clean_text(one["name"]), "type": one["type"]} for one in document["fields"]]
    columns = [[_finite(cell) for cell in column] for column in document["data"].values()]
    names = [one["name"] for one in fields]
    body = {"type": "Table", "version": 0, "fields": fields, "data": dict(zip(names, columns, strict=True))}
    return Encoded(JSON_TYPE, json_bytes(body), preview=_head(fields, columns, len(frame)), preview_type=JSON_TYPE)


def _frame(obj: Any) -> Any:
    """Return a pandas DataFrame whose column names are texts, each once."""
    import pandas as pd

    try:
        if hasattr(obj, "to_pandas"):
            frame = obj.to_pandas()
        elif isinstance(obj, pd.DataFrame):
            frame = obj
        elif isinstance(obj, (Mapping, list)) or getattr(obj, "ndim", 0) == 2:
            frame = pd.DataFrame(obj)
        else:
            raise Unfit(f"{type_name(obj)} is no table.", hint="Give a DataFrame, or a dict of columns.")
    except Unfit:
        raise
    except Exception as error:  # pandas raises many kinds
        raise Unfit(f"{type_name(obj)} cannot be read as a table: {str(error)[:200]}.") from error
    if not isinstance(frame.index, pd.RangeIndex):  # describe(), groupby: the index says what the rows are
        frame = frame.reset_index(allow_duplicates=True)
    labels = [" / ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in frame.columns]
    return frame.set_axis(plots.distinct([clean_text(label) for label in labels]), axis="columns")


def _finite(cell: Any) -> Any:
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    return clean_text(cell) if isinstance(cell, str) else cell


def _head(fields: list[dict[str, str]], columns: list[list[Any]], rows: int) -> bytes:
    """Return columns, first rows and the size of the whole as JSON of at most 8 KiB."""
    wide, deep = min(len(columns), HEAD_COLUMNS), min(rows, HEAD_ROWS)
    while True:
        shown = [[_short(column[row]) for column in columns[:wide]] for row in range(deep)]
        head = [{"name": one["name"][:HEAD_TEXT], "type": one["type"]} for one in fields[:wide]]
        body = json_bytes({"columns": head, "rows": shown, "total_rows": rows, "total_columns": len(columns)})
        if len(body) <= MAX_PREVIEW:
            return body
        wide, deep = (wide, deep // 2) if deep > 5 or wide <= 1 else (wide // 2, deep)


def _short(cell: Any) -> Any:
    return cell[:HEAD_TEXT] if isinstance(cell, str) else cell
