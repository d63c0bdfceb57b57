"""What a file is: by its first bytes, then by its name and the media type that somebody gave.

What is said of a file is never believed where its bytes say something else.

Imports: the standard library only.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final, Literal

Kind = Literal[
    "unsafe", "folder", "image", "table", "columnar", "tensors", "notebook", "json", "archive", "played", "text"
]
HEAD: Final = 4096
"""Bytes that are enough to tell."""
MANIFEST_TYPE: Final = "application/vnd.mlstudio.folder+json"

_PICKLES: Final = frozenset({".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".dill", ".cloudpickle", ".p"})
_PICKLED_TYPES: Final = ("pickle", "x-python-serialize", "x-joblib", "x-pytorch", "vnd.pytorch")
_IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
_COLUMNAR: Final = (b"PAR1", b"ARROW1\0\0")
_SOUNDS: Final = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"OggS", b"fLaC", b"\x1a\x45\xdf\xa3")
_ARCHIVES: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_TABLES: Final = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_TABLE_TYPES: Final = {"text/csv": ",", "text/tab-separated-values": "\t"}
LANGUAGES: Final = {
    ".py": "python",
    ".pyi": "python",
    ".ipynb": "json",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".ini": "ini",
    ".cfg": "ini",
    ".md": "markdown",
    ".sh": "shell",
    ".sql": "sql",
    ".r": "r",
    ".js": "javascript",
    ".ts": "typescript",
    ".html": "html",
    ".htm": "html",
    ".svg": "xml",
    ".xml": "xml",
    ".css": "css",
    ".c": "c",
    ".h": "c",
    ".cpp": "cpp",
    ".rs": "rust",
    ".go": "go",
    ".java": "java",
    ".diff": "diff",
    ".patch": "diff",
}
_TYPES: Final = {
    "text/html": "html",
    "image/svg+xml": "xml",
    "text/xml": "xml",
    "application/xml": "xml",
    "text/markdown": "markdown",
    "text/x-python": "python",
    "application/json": "json",
    "application/yaml": "yaml",
    "text/css": "css",
    "text/javascript": "javascript",
    "application/javascript": "javascript",
}


def suffix_of(name: str) -> str:
    """Return the ending of a name in lower case, with its dot."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()[:16]


def language_of(name: str, media_type: str | None) -> str | None:
    """Return the language of a text, for its colours; None for plain text."""
    return LANGUAGES.get(suffix_of(name)) or _TYPES.get((media_type or "").partition(";")[0].strip().lower())


def delimiter_of(name: str, media_type: str | None) -> str | None:
    """Return what parts the cells of a table in text form; None when it is none."""
    media = (media_type or "").partition(";")[0].strip().lower()
    return _TABLES.get(suffix_of(name)) or _TABLE_TYPES.get(media)


def choose(head: bytes, name: str, media_type: str | None) -> Kind:
    """Return what a file is.

    Args:
        head: its first `HEAD` bytes.
        name: of the artifact; its ending counts where the bytes do not tell.
        media_type: as somebody gave it.
    """
    media = (media_type or "").partition(";")[0].strip().lower()
    suffix = suffix_of(name)
    if media == MANIFEST_TYPE:
        return "folder"
    if suffix in _PICKLES or any(word in media for word in _PICKLED_TYPES) or _is_pickle(head):
        return "unsafe"
    return _by_bytes(head) or _by_name(suffix, media)


def _by_name(suffix: str, media: str) -> Kind:
    if suffix == ".ipynb" or media == "application/x-ipynb+json":
        return "notebook"
    if suffix in _TABLES or media in _TABLE_TYPES:
        return "table"
    if suffix in {".json", ".geojson"} or media == "application/json" or media.endswith("+json"):
        return "json"
    return "text"


def _by_bytes(head: bytes) -> Kind | None:
    riff = head[8:12] if head[:4] == b"RIFF" else b""
    signs: tuple[tuple[bool, Kind], ...] = (
        (head.startswith(_IMAGES) or riff == b"WEBP", "image"),
        (head.startswith(_COLUMNAR), "columnar"),
        (head.startswith(b"\x93NUMPY"), "tensors"),
        (head.startswith(_SOUNDS) or head[4:8] == b"ftyp" or riff in {b"WAVE", b"AVI "}, "played"),
        (head.startswith(b"PK\x03\x04") and b".npy" in head[:256], "tensors"),
        (head.startswith((b"PK\x03\x04", b"PK\x05\x06", *_ARCHIVES)) or head[257:262] == b"ustar", "archive"),
        (head[7:8] == b"\0" and head[8:10] == b'{"', "tensors"),  # safetensors: a length, then JSON
    )
    return next((kind for sign, kind in signs if sign), None)


def _is_pickle(head: bytes) -> bool:
    """Protocols 2 to 5 begin with their number; the older ones are texts, and shown as such."""
    return len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5
