"""What an encoder returns, and the error for what cannot be encoded.

Knows nothing of: any kind of medium.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.media import MAX_PREVIEW

JSON_TYPE: Final = "application/json"


class Unfit(InvalidField):
    """An object that cannot be this kind of medium, or could be read in two ways."""

    def __init__(self, sentence: str, *, hint: str | None = None) -> None:
        super().__init__(sentence, field="obj", hint=hint)


@dataclass(frozen=True, slots=True)
class Encoded:
    """One medium: its bytes, or the file that holds them, and a preview of at most 8 KiB."""

    media_type: str
    data: bytes | None = None
    path: Path | None = None
    preview: bytes | None = None
    preview_type: str | None = None


def existing(path: str | os.PathLike[str]) -> Path:
    """Return the path of a regular file.

    Raises:
        InvalidField: there is none, or it is a folder, FIFO or device.
    """
    found = Path(path)
    try:
        mode = found.stat().st_mode
    except (OSError, ValueError) as error:
        raise InvalidField(f"There is no file {str(path)[:200]!r}.", field="obj", hint="Check the path.") from error
    if not stat.S_ISREG(mode):
        raise InvalidField(f"{str(path)[:200]!r} is no regular file.", field="obj", hint="Name a file.")
    return found


def json_bytes(document: Any) -> bytes:
    """Return compact JSON; what cannot be UTF-8 is replaced."""
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def text_head(text: str, limit: int = MAX_PREVIEW) -> bytes:
    r"""Return the first bytes of a text as UTF-8, cut between characters.

    >>> text_head("äöü", 3)
    b'\xc3\xa4'
    """
    body = text[:limit].encode("utf-8", "replace")
    return body if len(body) <= limit else body[:limit].decode("utf-8", "ignore").encode()


def type_name(obj: object) -> str:
    """Return the type of an object, for messages."""
    return f"{type(obj).__module__}.{type(obj).__qualname__}".removeprefix("builtins.")[:100]
