"""Images: Pillow images, arrays, tensors and files, kept as PNG or as they came, with a WebP thumbnail.

An array is (H, W), (H, W, C) or (C, H, W) with C = 1, 3 (RGB) or 4 (RGBA). Where both readings
fit, as in (3, 5, 3), it is refused until `channels` says which. Values: uint8 0–255, booleans,
integers within 0–255, floats within 0–1; any other range is named by `value_range`. NaN is drawn
black. Four dimensions, and lists, are a batch.

An image says how large it is before it is unpacked: above 50 million pixels it is refused.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from mlstudio.entities.media import MAX_PREVIEW
from mlstudio.experiments.media.arrays import Array, as_array, is_path
from mlstudio.experiments.media.encoded import Encoded, Unfit, existing

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS: Final = 50_000_000
MAX_BATCH: Final = 256
THUMBNAIL: Final = 192
"""Longer side of a preview, in pixels."""
SLACK: Final = 1e-3
"""How far a float may stand outside its range: rounding of a last layer is no other range."""
_KEPT: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_READ: Final = (*_KEPT, "BMP", "TIFF", "PPM")
_PNG_MODES: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_log = logging.getLogger("mlstudio.experiments")
Channels = Literal["first", "last"]


def image(
    obj: Any, *, channels: Channels | None = None, value_range: tuple[float, float] | None = None
) -> list[Encoded]:
    """Return one image, or those of a batch.

    Args:
        obj: a Pillow image, array, tensor, matplotlib figure, path of a file, or a list of these.
        channels: which axis of an array holds the colours, where both could.
        value_range: the values that are black and white.

    Raises:
        Unfit: it is no image, could be read in two ways, or has too many pixels.
        InvalidField: there is no such file.
    """
    items = _batch(obj)
    if len(items) > MAX_BATCH:
        _log.warning("Of %d images logged at one step the first %d are kept.", len(items), MAX_BATCH)
    return [_one(item, channels, value_range) for item in items[:MAX_BATCH]]


def _batch(obj: Any) -> list[Any]:
    if isinstance(obj, (list, tuple)):
        if not obj:
            raise Unfit("The list of images is empty.")
        if isinstance(obj[0], (int, float)):
            raise Unfit("A list of numbers is no image.", hint="Give an array of two or three dimensions.")
        return list(obj)
    if getattr(obj, "ndim", 0) == 4:
        return list(as_array(obj))
    return [obj]


def _one(obj: Any, channels: Channels | None, value_range: tuple[float, float] | None) -> Encoded:
    if is_path(obj):
        return _from_file(existing(obj))
    if hasattr(obj, "savefig"):
        from mlstudio.experiments.media.figures import figure

        return figure(obj)
    if hasattr(obj, "getbands") and hasattr(obj, "save"):
        return _encoded(_fitting(obj))
    return _encoded(from_array(as_array(obj), channels, value_range))


def from_array(array: Array, channels: Channels | None, value_range: tuple[float, float] | None) -> Picture:
    """Return the Pillow image of an array.

    Raises:
        Unfit: see `image`.
    """
    from PIL import Image

    pixels = hwc(array, channels)
    _check_size(pixels.shape[1], pixels.shape[0])
    pixels = levels(pixels, value_range)
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def hwc(array: Array, channels: Channels | None = None) -> Array:
    """Return an array as (H, W, C).

    Raises:
        Unfit: it has another shape, or both of its ends could be the colours.
    """
    shape = array.shape
    if array.ndim == 2:
        return array[:, :, None]
    if array.ndim != 3:
        raise Unfit(f"An array of shape {shape} is no image.", hint="Give (H, W), (H, W, C) or (C, H, W).")
    last = shape[2] in (1, 3, 4) and channels != "first"
    first = shape[0] in (1, 3, 4) and channels != "last"
    if last and first:
        raise Unfit(
            f"An array of shape {shape} can be read as (H, W, C) and as (C, H, W).",
            hint='Say which: channels="last" or channels="first".',
        )
    if not last and not first:
        raise Unfit(f"No axis of shape {shape} can hold the colours.", hint="C is 1, 3 (RGB) or 4 (RGBA).")
    return array if last else np.moveaxis(array, 0, 2)


def levels(array: Array, value_range: tuple[float, float] | None = None) -> Array:
    """Return values as uint8, 0 black to 255 white.

    Raises:
        Unfit: they lie outside the range that their type means.
    """
    if array.dtype == np.uint8 and value_range is None:
        return np.ascontiguousarray(array)
    if array.dtype.kind == "b":
        return np.ascontiguousarray(array * np.uint8(255))
    exact = value_range is not None or array.dtype.kind != "f"  # 0 to 1 in 256 levels is no matter of 64 bits
    values: Array = np.asarray(array, dtype=np.float64 if exact else np.float32)
    missing = np.isnan(values)
    if missing.any():
        _log.warning("%d of %d values of an image are NaN; they are drawn black.", int(missing.sum()), values.size)
    low, high = _range(array, values, missing, value_range)
    with np.errstate(all="ignore"):
        scaled = (values - low) / (high - low) * 255.0
        scaled = np.clip(np.where(missing, 0.0, scaled), 0.0, 255.0)
    return np.ascontiguousarray(np.rint(scaled).astype(np.uint8))


def _range(array: Array, values: Array, missing: Array, value_range: tuple[float, float] | None) -> tuple[float, float]:
    """Return which values are black and white."""
    if value_range is not None:
        low, high = float(value_range[0]), float(value_range[1])
        if not (np.isfinite(low) and np.isfinite(high) and high > low):
            raise Unfit(f"The value range {value_range!r:.60} is none.", hint="Give (black, white).")
        return low, high
    low, high = (0.0, 255.0) if array.dtype.kind in "iu" else (0.0, 1.0)
    present = values[np.isfinite(values) & ~missing]
    if present.size and (present.min() < low - SLACK or present.max() > high + SLACK):
        raise Unfit(
            f"The values of the image go from {present.min():.6g} to {present.max():.6g};"
            f" {'integers' if high > 1 else 'floats'} are read as {low:g} to {high:g}.",
            hint="Name the values that are black and white: value_range=(low, high).",
        )
    return low, high


def _fitting(picture: Picture) -> Picture:
    """Return a Pillow image in a mode that PNG has."""
    _check_size(*picture.size)
    if picture.mode in _PNG_MODES:
        return picture
    if picture.mode in {"F", "I"}:
        return from_array(np.asarray(picture), None, None)
    return picture.convert("RGBA" if "a" in picture.mode.lower() and picture.mode != "LAB" else "RGB")


def _from_file(path: Path) -> Encoded:
    """Return an image file as it is when browsers show its format, else as PNG."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bomb warning: our limit is lower
            with Image.open(path, formats=_READ) as picture:
                _check_size(*picture.size)
                if picture.format in _KEPT:
                    picture.draft("RGB", (2 * THUMBNAIL, 2 * THUMBNAIL))  # JPEG unpacks no more than is needed
                    return Encoded(_KEPT[picture.format], path=path, **thumbnail(picture))
                picture.load()
                return _encoded(_fitting(picture))
    except Unfit:
        raise
    except Exception as error:  # broken files raise whatever their decoder meets: SyntaxError, struct.error, …
        known = ", ".join(name.lower() for name in _READ)
        raise Unfit(
            f"{path.name[:200]!r} is no image that can be read: {str(error)[:200]}.",
            hint=f"Images are {known}; keep others with log_file.",
        ) from error


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Unfit(
            f"The image has {width} × {height} pixels; at most {MAX_PIXELS // 1_000_000} million are kept.",
            hint="Make it smaller, or keep the file with log_file.",
        )
    if width < 1 or height < 1:
        raise Unfit(f"The image has {width} × {height} pixels.")


def _encoded(picture: Picture) -> Encoded:
    return Encoded("image/png", png(picture), **thumbnail(picture))


def png(picture: Picture) -> bytes:
    """Return PNG; packed lightly, as it is made while a training waits."""
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def thumbnail(picture: Picture) -> dict[str, Any]:
    """Return `preview` and `preview_type` of an image; none when it cannot be made small enough."""
    with contextlib.suppress(Exception):  # a file that is broken further down: its bytes are kept all the same
        small = _shown(picture)
        if small is picture:
            small = picture.reduce(max(1, max(picture.size) // (2 * THUMBNAIL)))
        for side, quality in ((THUMBNAIL, 70), (128, 55), (96, 40), (48, 20)):
            small.thumbnail((side, side))
            out = io.BytesIO()
            small.save(out, "WEBP", quality=quality, method=1)
            if out.tell() <= MAX_PREVIEW:
                return {"preview": out.getvalue(), "preview_type": "image/webp"}
    return {}


def _shown(picture: Picture) -> Picture:
    """Return the image, or a copy, in a mode that WebP has."""
    if picture.mode in {"RGB", "RGBA"}:
        return picture
    if picture.mode == "I;16":
        deep = np.asarray(picture)
        return from_array((deep >> 8).astype(np.uint8), None, None)
    clear = picture.mode in {"LA", "RGBA", "PA"} or "transparency" in picture.info
    return picture.convert("RGBA" if clear else "RGB")
