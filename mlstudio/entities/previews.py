"""Previews: what can be shown of an artifact without trusting it.

The server reads, bounds and re-encodes; the browser shows texts, tables of texts, and images that
the server itself has written. Nothing of the user's bytes reaches the page as markup.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from mlstudio.entities.wire import Count


class NotebookCell(Struct, frozen=True, kw_only=True):
    """A cell: its source and the text of its outputs; images re-encoded, HTML never."""

    type: Literal["code", "markdown", "raw"]
    source: str
    outputs: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    """base64 PNG or WebP, made by the server."""


class Preview(Struct, frozen=True, kw_only=True):
    """One of: `text`, `table` (columns and rows), `json` (a document), `image`, `notebook`, or `reason`."""

    kind: Literal["text", "table", "json", "image", "notebook", "folder", "none"]
    media_type: str | None = None
    size: Count | None = None
    truncated: bool = False
    text: str | None = None
    language: str | None = None
    """For syntax colours: python, json, yaml, …"""
    columns: list[str] | None = None
    column_types: list[str] | None = None
    rows: list[list[str | None]] | None = None
    total_rows: Count | None = None
    document: Any = None
    image: str | None = None
    """base64 WebP, at most 1,024 pixels on a side."""
    width: Count | None = None
    height: Count | None = None
    cells: list[NotebookCell] | None = None
    files: list[str] | None = None
    reason: str | None = None
    """Why nothing is shown: "not shown: unsafe format (pickle)", "damaged at byte 812", …"""
