"""What the reader's process is asked. Imports: msgspec."""

from __future__ import annotations

from typing import Final

import msgspec

SECONDS: Final = 8.0
"""After which the reader gives up on a question by itself."""


class Question(msgspec.Struct, frozen=True):
    """What is asked of a file: its preview, or with `edge` the picture that it is."""

    path: str
    name: str
    media_type: str | None = None
    edge: int | None = None
