"""Images drawn anew: decoded within limits, made smaller, written as WebP without anything else in it.

What was hidden in an image (scripts in its comments, a place, a profile) does not come along.

Imports: Pillow.
"""

from __future__ import annotations

import base64
import io
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from mlstudio.entities.previews import Preview

PIXELS: Final = 64_000_000
"""Of an image that is decoded: 256 MB as RGBA."""
EDGE: Final = 1024
FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
QUALITY: Final = 82
ORIENTATION: Final = 0x0112
"""The tag that says how the camera was held."""
UNREADABLE: Final = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    ValueError,
    SyntaxError,  # Pillow's word for a broken PNG
    struct.error,
    IndexError,
    TypeError,
    EOFError,
    KeyError,
)


class TooManyPixels(ValueError):
    """An image that is larger than `PIXELS`, before it is decoded."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """WebP bytes, and the size of the image that they show."""

    data: bytes
    width: int
    height: int


def redraw(source: bytes | Path, edge: int) -> Drawn:
    """Return an image as WebP.

    Args:
        source: PNG, JPEG, GIF, WebP, BMP or TIFF; of a film the first picture.
        edge: pixels of the longer side, at most; never made larger.

    Raises:
        TooManyPixels: it says that it is larger than 64 megapixels.
        OSError, ValueError, …: one of `UNREADABLE`.
    """
    stream: IO[bytes] = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    with stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(stream, formats=FORMATS) as opened:
            width, height = opened.size
            if width * height > PIXELS:
                raise TooManyPixels(f"{width} × {height} pixels are too many")
            opened.draft("RGB", (edge, edge))  # a JPEG is decoded at a smaller size at once
            picture = _flat(opened)
            picture.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
            picture = ImageOps.exif_transpose(picture)
            turned = opened.getexif().get(ORIENTATION, 1) in {5, 6, 7, 8}
            out = io.BytesIO()
            picture.save(out, "WEBP", quality=QUALITY, method=2, exif=b"", xmp=b"", icc_profile=b"")
            return Drawn(out.getvalue(), *((height, width) if turned else (width, height)))


def _flat(image: Any) -> Any:
    """Return an image as RGB or RGBA; 16 bits and floats are stretched to what they span."""
    image.load()
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        plain = image.convert("F")
        low, high = plain.getextrema()
        scale = 255.0 / (high - low) if high > low else 1.0
        return plain.point(lambda value: value * scale - low * scale).convert("L").convert("RGB")
    has_alpha = image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info
    wanted = "RGBA" if has_alpha else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def image(path: Path, media_type: str | None) -> Preview:
    """Return the preview of an image, or why there is none."""
    size = path.stat().st_size
    try:
        drawn = redraw(path, EDGE)
    except (TooManyPixels, Image.DecompressionBombError) as error:
        return Preview(kind="none", media_type=media_type, size=size, reason=f"not shown: {error}")
    except UNREADABLE as error:
        return Preview(kind="none", media_type=media_type, size=size, reason=f"damaged: {str(error)[:200]}")
    return Preview(
        kind="image",
        media_type=media_type,
        size=size,
        image=base64.b64encode(drawn.data).decode("ascii"),
        width=drawn.width,
        height=drawn.height,
    )
