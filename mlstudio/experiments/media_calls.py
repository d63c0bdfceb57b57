"""`run.image(…)` and its sisters: one medium, or a batch of images, at one step.

Promise: what returned is kept, its bytes in the artifact store and its row in the journal. A full
disk, or an object that is no image, costs the medium and one warning, never the training; a file
that is not there raises, as in `log_file`. In strict mode a refused object raises too.

Knows nothing of: runs, trackers.
"""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.media import MediaKind, MediaRef
from mlstudio.experiments import files
from mlstudio.experiments.settings import settings

if TYPE_CHECKING:
    from mlstudio.experiments.media import Encoded
    from mlstudio.store.recorder import Recorder

_log = logging.getLogger("mlstudio.experiments")
_MAX_SAID: Final = 1000
Captions = str | Sequence[str | None] | None


class MediaCalls(ABC):
    """The media part of `Run` and `Tracker`.

    Every call takes a name, the object, and optionally its step (None: the step after the last one
    of that name) and a caption. What stands at the same name and step is replaced.
    """

    _rank: dict[str, Any] | None
    _said_media: set[tuple[str, str]] | None = None

    @abstractmethod
    def _ready(self) -> Recorder:
        """Return the recorder."""

    @abstractmethod
    def _artifact_fault(self, what: str) -> AbstractContextManager[None]:
        """Turn trouble of the disk into a warning."""

    @abstractmethod
    def _count_lost(self) -> None:
        """Count a log call that was lost."""

    def image(
        self,
        name: str,
        obj: Any,
        step: int | None = None,
        caption: Captions = None,
        *,
        channels: Literal["first", "last"] | None = None,
        value_range: tuple[float, float] | None = None,
    ) -> None:
        """Record an image, or a batch of them at one step.

        Args:
            name: groups the images that a slider steps through.
            obj: a Pillow image; an array or tensor, (H, W), (H, W, C) or (C, H, W), uint8 or floats 0 to 1; a
                path; a matplotlib figure; a list of these, or an array of four dimensions.
            step: None: the step after the last one of this name.
            caption: shown below; for a batch one text, or one for each.
            channels: which axis holds the colours, where both could: "first" or "last".
            value_range: the values that are black and white.

        Raises:
            InvalidField: there is no such file.
        """
        self._log_media("image", name, obj, step, caption, channels=channels, value_range=value_range)

    def audio(
        self, name: str, obj: Any, step: int | None = None, caption: Captions = None, *, sample_rate: int | None = None
    ) -> None:
        """Record a sound.

        Args:
            name: groups the sounds that a slider steps through.
            obj: an array or tensor, (n,), (n, channels) or (channels, n), floats -1 to 1 or int16; or a path.
            step: None: the step after the last one of this name.
            caption: shown below.
            sample_rate: samples a second; needed with an array.

        Raises:
            InvalidField: there is no such file.
        """
        self._log_media("audio", name, obj, step, caption, sample_rate=sample_rate)

    def video(
        self,
        name: str,
        obj: Any,
        step: int | None = None,
        caption: Captions = None,
        *,
        fps: float | None = None,
        channels: Literal["first", "last"] | None = None,
        value_range: tuple[float, float] | None = None,
    ) -> None:
        """Record a video.

        Args:
            name: groups the videos that a slider steps through.
            obj: a path (MP4, WebM, GIF, …), or frames as an array (T, H, W, C) or (T, C, H, W), or a list of frames.
            step: None: the step after the last one of this name.
            caption: shown below.
            fps: frames a second of an array, default 10.
            channels: which axis of a frame holds the colours, where both could.
            value_range: the values that are black and white.

        Raises:
            InvalidField: there is no such file.
        """
        self._log_media("video", name, obj, step, caption, fps=fps, channels=channels, value_range=value_range)

    def table(self, name: str, obj: Any, step: int | None = None, caption: Captions = None) -> None:
        """Record a table: a DataFrame, a dict of columns, a list of dicts, an array of two dimensions."""
        self._log_media("table", name, obj, step, caption)

    def figure(self, name: str, obj: Any, step: int | None = None, caption: Captions = None) -> None:
        """Record a figure: matplotlib's is kept as PNG, plotly's stays alive."""
        self._log_media("figure", name, obj, step, caption)

    def histogram(
        self, name: str, obj: Any, step: int | None = None, caption: Captions = None, *, bins: int | None = None
    ) -> None:
        """Record the distribution of values.

        Args:
            name: groups the histograms that a slider steps through.
            obj: an array, tensor or list of any shape; or (counts, edges) as `numpy.histogram` returns them.
            step: None: the step after the last one of this name.
            caption: shown below.
            bins: of equal width, from the lowest to the highest value; default 64.
        """
        self._log_media("histogram", name, obj, step, caption, bins=bins)

    def text(self, name: str, obj: Any, step: int | None = None, caption: Captions = None) -> None:
        """Record a text; a `Path` names a file.

        Raises:
            InvalidField: there is no such file.
        """
        self._log_media("text", name, obj, step, caption)

    def html(self, name: str, obj: Any, step: int | None = None, caption: Captions = None) -> None:
        """Record HTML, shown in a sandbox: its source, a `Path`, or an object that shows itself in notebooks.

        Raises:
            InvalidField: there is no such file.
        """
        self._log_media("html", name, obj, step, caption)

    log_image = image
    log_audio = audio
    log_video = video
    log_figure = figure
    log_histogram = histogram
    log_text = text
    log_html = html

    def _log_media(self, kind: MediaKind, name: str, obj: Any, step: Any, caption: Captions, **options: Any) -> None:
        from mlstudio.experiments.media import Unfit, encode
        from mlstudio.store.journal_values import text as text_of

        label = text_of(name)
        try:
            at = _step(step)
            found = encode(kind, obj, **options)
        except Unfit as error:
            if settings.strict:
                raise
            self._refused(kind, label, f"{error.message} {error.hint or ''}".rstrip())
        except InvalidField:
            raise
        except Exception as error:  # a stranger's object may raise anything, MemoryError among it
            self._refused(kind, label, f"{type(error).__name__}: {str(error)[:200]}")
        else:
            with self._artifact_fault(label):
                self._keep(kind, label, at, caption, found)

    def _keep(self, kind: MediaKind, name: str, step: int | None, caption: Captions, found: Sequence[Encoded]) -> None:
        from mlstudio.store.journal_values import text as text_of

        now = time.time()
        shown = f"{name} (rank {self._rank['rank']})" if self._rank else name
        many = type(caption) in (list, tuple)  # not isinstance: it asks the object for its class
        captions: list[Any] = [*cast("Sequence[Any]", caption)] if many else [caption] * len(found)
        captions += [None] * (len(found) - len(captions))
        refs = [
            MediaRef(
                name=shown,
                kind=kind,
                ref=files.stored_medium(one),
                ts=now,
                step=step,
                seq=place,
                caption=None if (said := captions[place]) is None else text_of(said),
                preview=one.preview,
                preview_type=one.preview_type,
            )
            for place, one in enumerate(found)
        ]
        self._ready().media(*refs)

    def _refused(self, kind: str, name: str, sentence: str) -> None:
        """Count a medium that is not kept, and say why once per name."""
        self._count_lost()
        said = self._said_media = self._said_media or set()
        if (kind, name) not in said and len(said) < _MAX_SAID:
            said.add((kind, name))
            _log.warning("The %s %.100r was not kept. %s", kind, name, sentence)


def _step(step: Any) -> int | None:
    """Return a step as the store has it. Raises: Unfit."""
    from mlstudio.experiments.media import Unfit
    from mlstudio.store.journal_format import NO_STEP_BITS
    from mlstudio.store.journal_values import step_bits

    bits = step_bits(step)
    if bits is None:
        raise Unfit(f"The step {str(step)[:40]!r} is none.", hint="Steps are whole numbers from 0 on.")
    return None if bits == NO_STEP_BITS else bits
