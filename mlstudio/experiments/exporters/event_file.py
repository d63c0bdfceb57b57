"""Event files of TensorBoard: what the reader in `importers.events` reads, written.

Scalars are float32 (TensorBoard has no other); images, sounds and texts keep their bytes.

Messages (field numbers): tensorboard.Event, Summary, HistogramProto, HParamsPluginData.
Knows nothing of: runs, the store.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final

from mlstudio.entities.secrets import masked_value
from mlstudio.entities.wire import ParamValue
from mlstudio.experiments.importers.protobuf import put_bytes, put_double, put_float, put_int
from mlstudio.experiments.importers.record_file import framed

VERSION: Final = "brain.Event:2"
_STRING: Final = 7


def event(wall: float, step: int, values: Sequence[bytes]) -> bytes:
    """Return an Event with the values of a Summary."""
    summary = b"".join(put_bytes(1, value) for value in values)
    return put_double(1, wall) + put_int(2, step) + put_bytes(5, summary)


def scalar(tag: str, value: float) -> bytes:
    """Return the Summary.Value of a number."""
    return put_bytes(1, tag) + put_float(2, value)


def image(tag: str, data: bytes, width: int, height: int) -> bytes:
    """Return that of an image in a format that browsers show."""
    shape = put_int(1, height) + put_int(2, width) + put_int(3, 4)
    return put_bytes(1, tag) + put_bytes(4, shape + put_bytes(4, data))


def audio(tag: str, data: bytes, *, rate: float, channels: int, frames: int, media_type: str) -> bytes:
    """Return that of a sound."""
    head = put_float(1, rate) + put_int(2, channels) + put_int(3, frames)
    return put_bytes(1, tag) + put_bytes(6, head + put_bytes(4, data) + put_bytes(5, media_type))


def text(tag: str, said: str) -> bytes:
    """Return that of a text, Markdown to TensorBoard."""
    shape = put_bytes(2, put_int(1, 1))
    tensor = put_int(1, _STRING) + put_bytes(2, shape) + put_bytes(8, said)
    return put_bytes(1, tag) + put_bytes(9, put_bytes(1, put_bytes(1, "text"))) + put_bytes(8, tensor)


def histogram(tag: str, edges: Sequence[float], counts: Sequence[float]) -> bytes:
    """Return that of a histogram; an empty bucket below the first edge says where the first one begins."""
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    total = sum(count * at for count, at in zip(counts, middles, strict=True))
    squares = sum(count * at * at for count, at in zip(counts, middles, strict=True))
    body = put_double(1, edges[0]) + put_double(2, edges[-1]) + put_double(3, sum(counts))
    body += put_double(4, total) + put_double(5, squares)
    body += b"".join(put_double(6, edge) for edge in edges)
    body += b"".join(put_double(7, count) for count in (0.0, *counts))
    return put_bytes(1, tag) + put_bytes(5, body)


def hparams_start(params: Mapping[str, ParamValue], start: float) -> bytes:
    """Return the value that tells TensorBoard's HPARAMS tab what a run was given."""
    body = b""
    for key, value in params.items():
        if isinstance(value, bool):
            said = put_int(4, int(value))
        elif isinstance(value, (int, float)):
            said = put_double(2, float(value))
        else:
            said = put_bytes(3, str(masked_value(key, value))[:10_000])
        body += put_bytes(1, put_bytes(1, key) + put_bytes(2, said))
    return _hparams("_hparams_/session_start_info", put_bytes(3, body + put_double(5, start)))


def hparams_end(*, succeeded: bool, end: float) -> bytes:
    """Return the value that tells it how the run ended."""
    body = put_int(1, 1 if succeeded else 2) + put_double(2, end)
    return _hparams("_hparams_/session_end_info", put_bytes(4, body))


def _hparams(tag: str, content: bytes) -> bytes:
    plugin = put_bytes(1, "hparams") + put_bytes(2, content)
    return put_bytes(1, tag) + put_bytes(9, put_bytes(1, plugin))


class EventFile:
    """A new event file in a folder.

    Args:
        folder: exists.
        mark: the end of its name; tells whose it is.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, folder: Path, mark: str) -> None:
        now = time.time()
        self.path = folder / f"events.out.tfevents.{int(now)}.{os.getpid()}.{mark}"
        self._file = self.path.open("wb")
        self.add(put_double(1, now) + put_bytes(3, VERSION))

    def add(self, body: bytes) -> None:
        """Write one event."""
        self._file.write(framed(body))

    def flush(self) -> None:
        """Let readers see what was written."""
        self._file.flush()

    def close(self) -> None:
        """Close the file; twice is once."""
        self._file.close()

    def __enter__(self) -> EventFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
