"""Rows as CSV (RFC 4180, UTF-8): exact numbers, times as ISO 8601, nothing that a spreadsheet would run.

A number is written so that it reads back the same (``repr``); NaN and infinities are ``nan``,
``inf``, ``-inf``; what is missing is empty. A text that begins like a formula gets a leading quote,
as in the panel's own CSV.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from mlstudio.experiments.exporters.selection import TIMES, Cells, NumberCells, Rows

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def write_csv(rows: Iterator[Rows], path: Path) -> int:
    """Write rows to a new file and return their number."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        for number, page in enumerate(rows):
            if number == 0:
                out.writerow([guarded(key) for key in page.cells])
            columns = [_written(key, cells) for key, cells in page.cells.items()]
            out.writerows(zip(*columns, strict=True))
            count += len(page.names)
    return count


def _written(key: str, cells: Cells) -> list[str]:
    if not isinstance(cells, NumberCells):
        return ["" if text is None else guarded(text) for text in cells]
    pairs = zip(cells.values.tolist(), cells.missing.tolist(), strict=True)
    if key in TIMES:
        return ["" if gone else moment(value) for value, gone in pairs]
    return ["" if gone else number(value) for value, gone in pairs]


def number(value: float) -> str:
    """Return the shortest text that reads back as this number; whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 and str(value) != "-0.0" else repr(value)


def moment(micros: float) -> str:
    """Return an ISO 8601 time of microseconds since the epoch, the number itself when no calendar holds it."""
    try:
        return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError):
        return number(micros)


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("-3"), guarded("-inf")
    ("'=1+1", '-3', '-inf')
    """
    if text[:1] not in {"=", "+", "-", "@", "\t", "\r"}:
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
