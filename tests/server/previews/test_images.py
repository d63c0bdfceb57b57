"""Images are drawn anew: smaller, as WebP, and with nothing else in them."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from mlstudio.server.previews import images

SECRET = b"<script>alert(document.cookie)</script>"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of some kilobytes that says that it is huge."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


def saved(image: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_every_format_becomes_a_webp_within_the_edge(kind: str) -> None:
    drawn = images.redraw(saved(Image.new("RGB", (640, 320), "red"), kind), 64)

    shown = Image.open(io.BytesIO(drawn.data))
    assert (shown.format, shown.size, drawn.width, drawn.height) == ("WEBP", (64, 32), 640, 320)
    assert shown.convert("RGB").getpixel((30, 10))[0] > 200  # type: ignore[index]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I", "I;16", "F"])
def test_every_mode_can_be_drawn(mode: str) -> None:
    source = (
        Image.new(mode, (20, 10))
        if mode != "I;16"
        else Image.fromarray(np.arange(200, dtype=np.uint16).reshape(10, 20))
    )
    kind = "TIFF" if mode in {"F", "CMYK", "I"} else "PNG"

    assert Image.open(io.BytesIO(images.redraw(saved(source, kind), 64).data)).size == (20, 10)


def test_a_small_image_is_not_made_larger() -> None:
    assert Image.open(io.BytesIO(images.redraw(saved(Image.new("L", (3, 2)), "PNG"), 1024).data)).size == (3, 2)


def test_what_is_hidden_in_an_image_does_not_come_along() -> None:
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", SECRET.decode())
    source = saved(Image.new("RGB", (50, 50)), "PNG", pnginfo=about) + SECRET
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()

    for data in (source, saved(Image.new("RGB", (50, 50)), "JPEG", exif=exif, comment=SECRET)):
        assert SECRET in data
        assert b"script" not in images.redraw(data, 64).data


def test_an_image_is_turned_as_its_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn = images.redraw(saved(Image.new("RGB", (40, 20)), "JPEG", exif=exif), 64)

    assert Image.open(io.BytesIO(drawn.data)).size == (20, 40)
    assert (drawn.width, drawn.height) == (20, 40)


@pytest.mark.parametrize("size", [(20_000, 20_000), (100_000, 100_000), (1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(*size))

    shown = images.image(path, "image/png")

    assert shown.kind == "none"
    assert shown.reason is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + b"\xff" * 50,
        b"BM" + b"\0" * 60,
        b"II*\0" + b"\xff" * 60,
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\0" * 30,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
    ],
)
def test_a_damaged_or_foreign_image_is_said_to_be_one(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)

    assert (images.image(path, None).reason or "").startswith("damaged")


def test_half_an_image_is_damaged(tmp_path: Path) -> None:
    data = saved(Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)), "PNG")
    path = tmp_path / "a.png"
    path.write_bytes(data[: len(data) // 2])

    assert images.image(path, None).kind == "none"


def test_the_preview_tells_the_true_size(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(Image.new("RGB", (3000, 1500)), "PNG"))
    shown = images.image(path, "image/png")

    assert (shown.kind, shown.width, shown.height) == ("image", 3000, 1500)
    assert Image.open(io.BytesIO(base64.b64decode(shown.image or ""))).size == (1024, 512)
