"""The one way to join a path with a name that somebody sent.

Nothing is decoded and nothing expanded: ``%2e``, ``~`` and ``$HOME`` are ordinary characters.
What could leave the folder is refused before the file system is asked, and what the file system
would lead out of it (a symlink) afterwards.

Knows nothing of: stores, URLs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mlstudio.entities.errors import UnsafePath

_FORBIDDEN: Final = frozenset("\\:/")
_HINT: Final = "Use plain file names: no separators, no colon, no control characters."


def safe_join(root: Path, *parts: str) -> Path:
    """Return the path below `root` that the parts name, one folder or file each.

    Args:
        root: an own folder; it need not exist.
        parts: single names, as a user, a URL or a file gave them.

    Returns:
        The resolved path; it need not exist.

    Raises:
        UnsafePath: a part is empty, ``.`` or ``..``, holds a separator, a colon, NUL or another
            control character, is no text, or the whole leads out of `root` through a link.

    >>> safe_join(Path("/srv"), "a", "b.txt").as_posix()
    '/srv/a/b.txt'
    """
    for part in parts:
        _check(part)
    home = root.resolve()
    found = home.joinpath(*parts).resolve()
    if not found.is_relative_to(home):
        raise UnsafePath(f"The path {'/'.join(parts)!r} leads out of its folder.", field="path", hint=_HINT)
    return found


def _check(part: str) -> None:
    if not isinstance(part, str):
        raise UnsafePath(f"A part of a path must be text, not {type(part).__name__}.", field="path", hint=_HINT)
    if part in ("", ".", ".."):
        raise UnsafePath(f"{part!r} is no file name.", field="path", hint=_HINT)
    bad = next((char for char in part if char in _FORBIDDEN or not char.isprintable()), None)
    if bad is not None:
        message = f"The file name {part[:80]!r} has a character that is not allowed: {bad!r}."
        raise UnsafePath(message, field="path", hint=_HINT)
    if len(part.encode(errors="surrogateescape")) > 255:
        raise UnsafePath(f"The file name {part[:80]!r}… is longer than 255 bytes.", field="path", hint=_HINT)
