"""Texts and tables in text form: the head of the file, decoded, without secrets.

Imports: the standard library and `entities`.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from pathlib import Path
from typing import Final

from mlstudio.entities.previews import Preview
from mlstudio.entities.secrets import masked, masked_value
from mlstudio.entities.secrets_diff import is_bare
from mlstudio.server.previews.choosing import delimiter_of, language_of

HEAD: Final = 256 * 1024
ROWS: Final = 200
COLUMNS: Final = 200
CELL: Final = 500
"""Characters of one cell."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS: Final = frozenset(range(32)) - {9, 10, 12, 13, 27}


def decode(data: bytes) -> str | None:
    """Return the text in a head of bytes, None where it is none.

    A byte order mark tells; else UTF-8, of which the last character may be cut; else the western
    code page, when no byte is a control character.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return codecs.getincrementaldecoder(name)("replace").decode(data)
    try:
        text = codecs.getincrementaldecoder("utf-8")("strict").decode(data)
    except UnicodeDecodeError:
        if any(byte in _CONTROLS for byte in data):
            return None
        return data.decode("cp1252", "replace")
    return None if any(ord(char) in _CONTROLS for char in text[:4096]) or "\0" in text else text


def head_of(path: Path, limit: int = HEAD) -> tuple[bytes, int]:
    """Return the first bytes of a file, and its size."""
    with path.open("rb") as stream:
        return stream.read(limit), path.stat().st_size


def text(path: Path, name: str, media_type: str | None) -> Preview:
    """Return the head of a text, or why there is none."""
    data, size = head_of(path)
    found = decode(data)
    if found is None:
        return Preview(kind="none", media_type=media_type, size=size, reason="not shown: no text (binary)")
    return Preview(
        kind="text",
        media_type=media_type,
        size=size,
        truncated=size > len(data),
        text=masked(found, bare=is_bare(name)),
        language=language_of(name, media_type),
    )


def table(path: Path, name: str, media_type: str | None) -> Preview:
    """Return the head of a table in text form; its first line names the columns.

    A table that cannot be read as one is shown as the text that it is.
    """
    data, size = head_of(path)
    found = decode(data)
    if found is None:
        return Preview(kind="none", media_type=media_type, size=size, reason="not shown: no text (binary)")
    cut = size > len(data)
    lines = found.splitlines(keepends=True)
    if cut and len(lines) > 1:
        lines.pop()  # half a line
    delimiter = _delimiter(lines[0] if lines else "", delimiter_of(name, media_type) or ",")
    reader = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter)
    csv.field_size_limit(HEAD)
    try:
        rows = list(itertools.islice(reader, ROWS + 2))
    except csv.Error:
        return text(path, name, media_type)
    if not rows:
        return Preview(kind="table", media_type=media_type, size=size, columns=[], column_types=[], rows=[])
    names, body = rows[0], rows[1 : ROWS + 1]
    width = min(COLUMNS, max(len(row) for row in (names, *body)))
    titles = [*names[:width], *([""] * (width - len(names)))]
    cells = [
        [_cell(masked_value(title, row[at])) if at < len(row) else None for at, title in enumerate(titles)]
        for row in body
    ]
    whole = not cut and len(rows) <= ROWS + 1
    return Preview(
        kind="table",
        media_type=media_type,
        size=size,
        truncated=not whole or width < max(len(row) for row in rows),
        columns=[names[at][:CELL] if at < len(names) else f"({at + 1})" for at in range(width)],
        column_types=[_type([row[at] for row in cells]) for at in range(width)],
        rows=cells,
        total_rows=len(body) if whole else None,
    )


def _delimiter(line: str, expected: str) -> str:
    """Return what parts the cells: the expected one where it occurs, else what occurs most."""
    if expected in line:
        return expected
    return max((expected, ";", "\t", "|"), key=line.count)


def _cell(value: str) -> str:
    return value if len(value) <= CELL else f"{value[:CELL]}…"


def _type(values: list[str | None]) -> str:
    given = [value.strip() for value in values if value and value.strip()]
    if given and all(_is(int, value) for value in given):
        return "int"
    if given and all(_is(float, value) for value in given):
        return "float"
    return "text"


def _is(kind: type[int] | type[float], value: str) -> bool:
    if len(value) > 40:
        return False
    try:
        kind(value)
    except ValueError:
        return False
    return True
