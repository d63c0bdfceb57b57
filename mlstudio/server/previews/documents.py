"""JSON as a tree that is not too large, and notebooks: sources, texts, and images drawn anew.

HTML, JavaScript, SVG and widgets of a notebook's outputs are not shown; their text form is, where
they have one.

Imports: the standard library, msgspec and `entities`.
"""

from __future__ import annotations

import base64
import json
import math
import re
from pathlib import Path
from typing import Any, Final

import msgspec

from mlstudio.entities.previews import NotebookCell, Preview
from mlstudio.entities.secrets import masked, masked_value
from mlstudio.entities.wire import MAX_INT
from mlstudio.server.previews import images, texts

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a document that is read whole; of a larger one the head is shown as text."""
DEPTH: Final = 12
WIDTH: Final = 200
NODES: Final = 5000
TEXT: Final = 2000
CELLS: Final = 500
SOURCE: Final = 64 * 1024
OUTPUT: Final = 16 * 1024
IMAGES: Final = 40
EDGE: Final = 640
ROOM: Final = 4 * 1024 * 1024
"""Characters that all cells of a notebook may take together."""
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")


def tree(path: Path, name: str, media_type: str | None) -> Preview:
    """Return a JSON document, cut where it is deep, wide or long; one that cannot be read, as text."""
    size = path.stat().st_size
    if size > LARGEST:
        return texts.text(path, name, media_type)
    try:
        document = load(path.read_bytes())
    except ValueError:
        return texts.text(path, name, media_type)
    pruner = _Pruner()
    pruned = pruner.prune(document, 0)
    return Preview(
        kind="json", media_type=media_type, size=size, truncated=pruner.cut, document=pruned, language="json"
    )


def load(data: bytes) -> Any:
    """Read JSON; NaN and infinity, which Python writes, are read too. Raises: ValueError."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            return json.loads(data.decode("utf-8-sig"))
        except RecursionError as error:
            raise ValueError("nested too deep") from error


class _Pruner:
    """Cuts a document down to what a page can show."""

    def __init__(self) -> None:
        self.cut = False
        self._left = NODES

    def prune(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if not isinstance(value, dict | list):
            return self._leaf(value)
        if depth >= DEPTH or self._left <= 0:
            self.cut |= bool(value)
            return "{…}" if isinstance(value, dict) else "[…]"
        self.cut |= len(value) > WIDTH
        if isinstance(value, dict):
            kept = list(value.items())[:WIDTH]
            return {str(key)[:TEXT]: self._named(str(key), item, depth) for key, item in kept if self._room()}
        return [self.prune(item, depth + 1) for item in value[:WIDTH] if self._room()]

    def _named(self, key: str, item: Any, depth: int) -> Any:
        return self.prune(item if isinstance(item, dict | list) else masked_value(key, item), depth + 1)

    def _leaf(self, value: Any) -> Any:
        if isinstance(value, str):
            value = masked(value)
            self.cut |= len(value) > TEXT
            return value if len(value) <= TEXT else f"{value[:TEXT]}…"
        if isinstance(value, int):
            return value if abs(value) <= MAX_INT else str(value)[:TEXT]
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        return value

    def _room(self) -> bool:
        self.cut |= self._left <= 0
        return self._left > 0


def notebook(path: Path, name: str, media_type: str | None) -> Preview:
    """Return a notebook's cells; one that cannot be read, as text."""
    size = path.stat().st_size
    if size > LARGEST:
        return texts.text(path, name, media_type)
    try:
        document = load(path.read_bytes())
    except ValueError:
        return texts.text(path, name, media_type)
    found = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(found, list):
        return tree(path, name, media_type)
    reader = _Cells()
    cells = [reader.read(cell) for cell in found[:CELLS] if isinstance(cell, dict) and reader.room > 0]
    return Preview(
        kind="notebook",
        media_type=media_type,
        size=size,
        truncated=reader.cut or len(cells) < len(found),
        cells=cells,
        language=_language(document),
    )


class _Cells:
    """Reads cells until there is no room."""

    def __init__(self) -> None:
        self.cut = False
        self.room = ROOM
        self._images = IMAGES

    def read(self, cell: dict[str, Any]) -> NotebookCell:
        kind = cell.get("cell_type")
        outputs = cell.get("outputs")
        texts_, pictures = [], []
        for output in outputs[:100] if isinstance(outputs, list) else []:
            if isinstance(output, dict):
                text, picture = self._output(output)
                texts_ += [text] if text else []
                pictures += [picture] if picture else []
        return NotebookCell(
            type=kind if kind in {"markdown", "raw"} else "code",
            source=self._take(joined(cell.get("source")), SOURCE),
            outputs=texts_,
            images=pictures,
        )

    def _output(self, output: dict[str, Any]) -> tuple[str, str | None]:
        if output.get("output_type") == "stream":
            return self._take(joined(output.get("text")), OUTPUT), None
        if output.get("output_type") == "error":
            trace = joined(output.get("traceback"), "\n") or f"{output.get('ename')}: {output.get('evalue')}"
            return self._take(trace, OUTPUT), None
        data = output.get("data")
        if not isinstance(data, dict):
            return "", None
        picture = self._picture(data)
        return ("" if picture else self._take(joined(data.get("text/plain")), OUTPUT)), picture

    def _picture(self, data: dict[str, Any]) -> str | None:
        for kind in ("image/png", "image/jpeg"):
            if kind in data and self._images > 0:
                self._images -= 1
                try:
                    raw = base64.b64decode(joined(data[kind]), validate=False)
                    drawn = images.redraw(raw, EDGE).data
                except images.UNREADABLE:
                    return None
                self.room -= len(drawn) * 4 // 3
                return base64.b64encode(drawn).decode("ascii")
        return None

    def _take(self, text: str, limit: int) -> str:
        plain = masked(_COLOURS.sub("", text[: limit * 2]))
        kept = plain[: max(0, min(limit, self.room))]
        self.cut |= len(kept) < len(plain) or len(text) > limit * 2
        self.room -= len(kept)
        return kept


def joined(value: object, between: str = "") -> str:
    """Return a notebook's multi-line text, which is a text or a list of them."""
    if isinstance(value, str):
        return value
    return between.join(str(part) for part in value) if isinstance(value, list) else ""


def _language(document: dict[str, Any]) -> str:
    metadata = document.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    name = kernel.get("language") if isinstance(kernel, dict) else None
    return name[:40] if isinstance(name, str) else "python"
