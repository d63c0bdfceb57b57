"""Texts and HTML. Text is what it is; only a `Path` names a file.

HTML is kept as it is and shown in a sandbox only; its preview is its source, as text.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, Final

from mlstudio.experiments.media.encoded import Encoded, Unfit, existing, text_head, type_name
from mlstudio.experiments.values import clean_text

MAX_TEXT: Final = 16 << 20
HTML_HEAD: Final = 2048
_PLAIN: Final = "text/plain"
_log = logging.getLogger("mlstudio.experiments")


def text(obj: Any) -> Encoded:
    """Return one text.

    Args:
        obj: a text, bytes of UTF-8, the `Path` of a file, or anything with a sensible `str`.

    Raises:
        InvalidField: there is no such file.
    """
    body = _body(obj if isinstance(obj, (str, bytes, os.PathLike)) else str(obj))
    return Encoded(_PLAIN, body.encode(), preview=text_head(body), preview_type=_PLAIN)


def html(obj: Any) -> Encoded:
    """Return one HTML document.

    Args:
        obj: its source, the `Path` of a file, or an object that shows itself in notebooks (``_repr_html_``).

    Raises:
        Unfit: it is none of these.
        InvalidField: there is no such file.
    """
    shows = getattr(obj, "_repr_html_", None)
    if not isinstance(obj, (str, bytes, os.PathLike)):
        try:
            obj = shows() if callable(shows) else None
        except Exception as error:  # a stranger's repr
            raise Unfit(f"The object cannot show itself: {type(error).__name__}: {str(error)[:200]}.") from error
        if not isinstance(obj, str):
            raise Unfit("The object has no HTML.", hint="Give the source as text, or a Path.")
    body = _body(obj)
    return Encoded("text/html", body.encode(), preview=text_head(body, HTML_HEAD), preview_type=_PLAIN)


def _body(source: Any) -> str:
    if isinstance(source, os.PathLike):
        path = existing(Path(source))
        try:
            with path.open("rb") as file:
                source = file.read(MAX_TEXT + 1)
        except OSError as error:
            raise Unfit(f"{path.name[:200]!r} cannot be read: {error.strerror}.") from error
    if isinstance(source, bytes):
        source = source.decode("utf-8", "replace")
    if not isinstance(source, str):
        raise Unfit(f"{type_name(source)} is no text.")
    body = clean_text(source)
    if len(body) * 4 > MAX_TEXT and len(body.encode()) > MAX_TEXT:
        _log.warning("A text of %d characters is kept up to %d MiB.", len(body), MAX_TEXT >> 20)
        body = text_head(body, MAX_TEXT).decode()
    return body
