"""Videos: files as they came, arrays of frames as animated WebP.

An array is (T, H, W, C) or (T, C, H, W), the frames as `images` reads them. An encoder for MP4
would be a large binary: who has one gives the file.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

from mlstudio.experiments.media.arrays import as_array, is_path
from mlstudio.experiments.media.encoded import Encoded, Unfit, existing
from mlstudio.experiments.media.images import MAX_PIXELS, Channels, from_array, image, thumbnail

MAX_FRAMES: Final = 2000
_TYPES: Final = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".ogv": "video/ogg",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
}


def video(
    obj: Any,
    *,
    fps: float = 10.0,
    channels: Channels | None = None,
    value_range: tuple[float, float] | None = None,
) -> Encoded:
    """Return one video.

    Args:
        obj: an array or tensor of frames, a list of them, or the path of a file (MP4, WebM, Ogg, GIF, …).
        fps: frames a second of an array.
        channels: which axis of a frame holds the colours, where both could.
        value_range: the values that are black and white.

    Raises:
        Unfit: it is no sequence of images, or too long a one.
        InvalidField: there is no such file.
    """
    if is_path(obj):
        return _from_file(existing(obj))
    if isinstance(obj, (list, tuple)) and obj:
        frames = [as_array(one) for one in obj]
    else:
        array = as_array(obj)
        if array.ndim not in (3, 4):
            raise Unfit(f"An array of shape {array.shape} is no video.", hint="Give (T, H, W, C) or (T, C, H, W).")
        frames = list(array)
    if len(frames) > MAX_FRAMES or sum(frame.size for frame in frames) > 4 * MAX_PIXELS:
        raise Unfit(f"The video has {len(frames)} frames, which is too much to pack.", hint="Give a file instead.")
    if not 0.01 <= float(fps) <= 1000:
        raise Unfit(f"{fps!r:.40} frames a second is no speed.")
    pictures = [from_array(frame, channels, value_range).convert("RGB") for frame in frames]
    if len({picture.size for picture in pictures}) > 1:
        raise Unfit("The frames of the video differ in size.")
    out = io.BytesIO()
    pictures[0].save(
        out,
        "WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=max(1, round(1000 / float(fps))),
        loop=0,
        quality=75,
        method=0,
    )
    return Encoded("image/webp", out.getvalue(), **thumbnail(pictures[0]))


def _from_file(path: Path) -> Encoded:
    if path.suffix.lower() in {".gif", ".webp"}:
        return image(path)[0]
    kind = _TYPES.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(suffix[1:] for suffix in (*_TYPES, ".gif", ".webp"))
        raise Unfit(f"{path.name[:200]!r} is no video by its name.", hint=f"Videos are {known}.")
    return Encoded(kind, path=path)
