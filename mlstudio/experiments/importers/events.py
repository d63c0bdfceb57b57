"""What a record of an event file says: scalars, texts, pictures, sounds, histograms, hyperparameters.

Messages (field numbers): tensorboard.Event, Summary, SummaryMetadata, TensorProto, HistogramProto, and
HParamsPluginData; from tensorboard/compat/proto and tensorboard/plugins/hparams. Both generations are
read: values by kind (``simple_value``, ``image``, ``histo``), as PyTorch writes them, and tensors with
a plugin's name, as TensorFlow 2 does.

Knows nothing of: files, the store.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mlstudio.entities.wire import ParamValue
from mlstudio.experiments.importers.protobuf import BadMessage, blob, double, fields, signed, text
from mlstudio.experiments.values import as_param

_FLOAT: Final = struct.Struct("<f")
_DTYPES: Final = {
    1: "<f4",
    2: "<f8",
    3: "<i4",
    4: "u1",
    5: "<i2",
    6: "i1",
    9: "<i8",
    10: "?",
    17: "<u2",
    19: "<f2",
    22: "<u4",
    23: "<u8",
}
"""``DataType`` of tensorflow/core/framework/types.proto; 7 is text."""
_REPEATED: Final = {5: "<f4", 6: "<f8"}
_TEXT: Final = 7
MAX_TENSOR: Final = 1 << 27
LEFT_BEHIND: Final = {4: "graph", 7: "session log", 8: "run metadata", 9: "meta graph"}
"""Fields of an Event that are no value."""


@dataclass(slots=True)
class Scalars:
    """Points of one tag, in the order of the file."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    ts: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A medium in an event: `data` is its bytes; of a histogram (edges, counts)."""

    tag: str
    kind: str
    step: int
    ts: float
    data: Any
    seq: int = 0


@dataclass(slots=True)
class Told:
    """All that the records of a run said.

    Attributes:
        plugins: the plugin of each tag; only the first event of a tag names it.
        left: what was left behind, with its count.
        succeeded: what the hyperparameters' session says of the end, None when nothing.
    """

    scalars: dict[str, Scalars] = field(default_factory=dict)
    media: list[Shown] = field(default_factory=list)
    params: dict[str, ParamValue] = field(default_factory=dict)
    plugins: dict[str, str] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    succeeded: bool | None = None
    first: float | None = None
    last: float | None = None

    def leave(self, what: str) -> None:
        """Count something that is left behind."""
        self.left[what] = self.left.get(what, 0) + 1

    def read(self, record: bytes) -> None:
        """Take in one record. Raises: BadMessage."""
        wall, step, summary = 0.0, 0, b""
        for number, kind, value in fields(record):
            if number == 1:
                wall = double(value)
            elif number == 2:
                step = signed(value)
            elif number == 5 and kind == 2:
                summary = blob(value)
            elif number in LEFT_BEHIND:
                self.leave(LEFT_BEHIND[number])
        if self.first is None:
            self.first = wall
        self.last = wall if self.last is None else max(self.last, wall)
        if summary:
            for number, _, body in fields(summary):
                if number == 1:
                    self._value(blob(body), wall, step)

    def _value(self, body: bytes, wall: float, step: int) -> None:
        tag, plugin, content, kind, payload = _parts(body)
        if plugin:
            self.plugins[tag] = plugin
        plugin = plugin or self.plugins.get(tag, "")
        if plugin == "hparams":
            self._hparams(content)
        elif kind == 2:
            self._scalar(tag, step, wall, _FLOAT.unpack(payload)[0])
        elif kind == 4:
            picture = next((blob(value) for number, _, value in fields(payload) if number == 4), b"")
            self.media.append(Shown(tag, "image", step, wall, picture))
        elif kind == 5:
            self._histogram(tag, step, wall, *_old_histogram(payload))
        elif kind == 6:
            sound = next((blob(value) for number, _, value in fields(payload) if number == 4), b"")
            self.media.append(Shown(tag, "audio", step, wall, sound))
        elif kind == 8:
            self._tensor(tag, plugin, step, wall, payload)

    def _scalar(self, tag: str, step: int, wall: float, value: float) -> None:
        points = self.scalars.get(tag)
        if points is None:
            points = self.scalars[tag] = Scalars()
        points.steps.append(step)
        points.ts.append(wall)
        points.values.append(value)

    def _histogram(self, tag: str, step: int, wall: float, edges: Any, counts: Any) -> None:
        if len(counts):
            self.media.append(Shown(tag, "histogram", step, wall, (edges, counts)))

    def _tensor(self, tag: str, plugin: str, step: int, wall: float, body: bytes) -> None:
        if plugin not in {"", "scalars", "images", "audio", "text", "histograms"}:
            self.leave(f"plugin {plugin}")
            return
        numbers, texts, shape = tensor(body)
        if plugin == "images":
            for seq, picture in enumerate(texts[2:]):
                self.media.append(Shown(tag, "image", step, wall, picture, seq))
        elif plugin == "audio":
            for seq, sound in enumerate(texts[:: shape[1] if len(shape) > 1 and shape[1] else 1]):
                self.media.append(Shown(tag, "audio", step, wall, sound, seq))
        elif plugin == "text":
            said = b"\n".join(texts)
            self.media.append(Shown(tag.removesuffix("/text_summary"), "text", step, wall, said))
        elif plugin == "histograms" and len(shape) == 2 and shape[1] == 3 and len(numbers) == shape[0] * 3:
            rows = numbers.reshape(-1, 3)
            self._histogram(tag, step, wall, np.r_[rows[:, 0], rows[-1:, 1]], rows[:, 2])
        elif len(numbers) == 1:
            self._scalar(tag, step, wall, float(numbers[0]))
        else:
            self.leave(f"tensor without a known plugin ({tag[:80]})")

    def _hparams(self, content: bytes) -> None:
        for number, _, value in fields(content):
            if number == 3:
                for inner, _, entry in fields(blob(value)):
                    if inner == 1:
                        key, said = _entry(blob(entry))
                        if said is not None:
                            self.params[key] = said
            elif number == 4:
                for inner, _, status in fields(blob(value)):
                    if inner == 1:
                        self.succeeded = {1: True, 2: False}.get(signed(status))


def _parts(body: bytes) -> tuple[str, str, bytes, int, bytes]:
    """Return tag, plugin, the plugin's content, the field that holds the value, and the value of a Summary.Value."""
    tag, plugin, content, kind, payload = "", "", b"", 0, b""
    for number, wire, value in fields(body):
        if number == 1:
            tag = text(value)
        elif number == 9:
            plugin, content = _plugin(blob(value))
        elif number in {4, 5, 6, 8} or (number == 2 and wire == 5):
            kind, payload = number, blob(value)
    return tag, plugin, content, kind, payload


def _plugin(body: bytes) -> tuple[str, bytes]:
    """Return name and content of the plugin in a SummaryMetadata."""
    name, content = "", b""
    for number, _, value in fields(body):
        if number == 1:
            for inner, _, said in fields(blob(value)):
                if inner == 1:
                    name = text(said)
                elif inner == 2:
                    content = blob(said)
    return name, content


def _entry(body: bytes) -> tuple[str, ParamValue | None]:
    """Return key and value of an entry of the hyperparameters (a google.protobuf.Value)."""
    key, said = "", None
    for number, _, value in fields(body):
        if number == 1:
            key = text(value)
        elif number == 2:
            for kind, _, inner in fields(blob(value)):
                if kind == 2:
                    number_said = double(inner)
                    whole = number_said.is_integer() and abs(number_said) < 2**53
                    said = as_param(int(number_said) if whole else number_said)
                elif kind == 3:
                    said = as_param(text(inner))
                elif kind == 4:
                    said = bool(inner)
    return key, said


def tensor(body: bytes) -> tuple[npt.NDArray[np.float64], list[bytes], list[int]]:
    """Return the numbers, or the texts, of a TensorProto, and its shape. Raises: BadMessage."""
    kind, content, shape = 0, b"", list[int]()
    parts: list[npt.NDArray[np.float64]] = []
    texts: list[bytes] = []
    for number, wire, value in fields(body):
        if number == 1:
            kind = signed(value)
        elif number == 2:
            shape = [_size(blob(dim)) for inner, _, dim in fields(blob(value)) if inner == 2]
        elif number == 4:
            content = blob(value)
        elif number == 8:
            texts.append(blob(value))
        elif number in _REPEATED:
            parts.append(np.frombuffer(blob(value), _REPEATED[number]).astype(np.float64))
        elif number in {7, 10, 11, 16, 17}:
            parts.append(np.array(list(_whole_numbers(value, wire)), np.float64))
    if content and kind in _DTYPES:
        if len(content) > MAX_TENSOR:
            raise BadMessage("a tensor that is too large")
        try:
            parts.append(np.frombuffer(content, _DTYPES[kind]).astype(np.float64))
        except ValueError as error:
            raise BadMessage(str(error)) from error
    numbers = np.concatenate(parts) if parts else np.empty(0)
    return numbers, texts, shape


def _size(body: bytes) -> int:
    return next((signed(value) for number, _, value in fields(body) if number == 1), 0)


def _whole_numbers(value: int | bytes, wire: int) -> Iterator[int]:
    """Yield the numbers of a repeated varint field, packed or not."""
    if wire == 0:
        yield signed(value)
        return
    number = shift = 0
    for byte in blob(value):
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield signed(number & (1 << 64) - 1)
            number = shift = 0


def _old_histogram(body: bytes) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return (edges, counts) of a HistogramProto; its buckets end at limits and begin where the last one ended."""
    low = 0.0
    limits: list[npt.NDArray[np.float64]] = []
    counts: list[npt.NDArray[np.float64]] = []
    for number, _, value in fields(body):
        if number == 1:
            low = double(value)
        elif number in {6, 7}:
            (limits if number == 6 else counts).append(np.frombuffer(blob(value), "<f8"))
    ends = np.concatenate(limits) if limits else np.empty(0)
    heights = np.concatenate(counts) if counts else np.empty(0)
    if len(ends) != len(heights):
        raise BadMessage("a histogram with more limits than buckets")
    filled = np.flatnonzero(heights)
    if not len(filled):
        return np.empty(0), np.empty(0)
    first, last = filled[0], filled[-1] + 1
    begin = ends[first - 1] if first else min(low, ends[0])
    return np.r_[max(begin, low) if low < ends[first] else begin, ends[first:last]], heights[first:last]
