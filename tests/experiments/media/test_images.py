"""Images: what is taken, what is refused with a sentence, and that the pixels come back."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.media import MAX_PREVIEW
from mlstudio.experiments.media import Unfit, encode
from mlstudio.experiments.media.images import MAX_BATCH, hwc, levels


def pixels(obj: Any, **options: Any) -> Any:
    """Return the pixels of the one image that was made."""
    (found,) = encode("image", obj, **options)
    assert found.data is not None
    return np.asarray(Image.open(io.BytesIO(found.data)))


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(5, 9), st.sampled_from([1, 3, 4]))))
def test_bytes_come_back_as_they_were_and_a_preview_is_small(array: np.ndarray) -> None:
    (found,) = encode("image", array, channels="last")
    assert (found.media_type, found.preview_type) == ("image/png", "image/webp")
    assert 0 < len(found.preview or b"") <= MAX_PREVIEW
    back = np.asarray(Image.open(io.BytesIO(found.data or b"")))
    assert np.array_equal(back if back.ndim == 3 else back[:, :, None], array)


@given(arrays.arrays(np.float32, (5, 6), elements=st.floats(0, 1, width=32)))
def test_floats_from_0_to_1_are_the_nearest_level(array: np.ndarray) -> None:
    assert np.abs(pixels(array) / 255.0 - array).max() <= 0.5 / 255 + 1e-6


def test_channels_may_stand_first_or_last() -> None:
    red = np.zeros((6, 7, 3), np.uint8)
    red[:, :, 0] = 255
    for array in (red, np.moveaxis(red, 2, 0)):
        assert pixels(array)[3, 3].tolist() == [255, 0, 0]
    assert pixels(np.ones((1, 6, 7))).tolist() == [[255] * 7] * 6


def test_a_shape_that_can_be_read_in_two_ways_is_refused_until_it_is_said() -> None:
    both = np.zeros((3, 5, 4))
    with pytest.raises(Unfit, match=r"\(H, W, C\) and as \(C, H, W\)") as error:
        encode("image", both)
    assert 'channels="last"' in str(error.value.hint)
    assert hwc(both, "last").shape == (3, 5, 4)
    assert hwc(both, "first").shape == (5, 4, 3)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(5), "no image"),
        (np.zeros((5, 5, 2)), "No axis"),
        (np.zeros((2, 2, 2, 2, 2)), "no image"),
        (np.zeros((0, 5)), "empty"),
        (np.zeros((5, 0, 3)), "empty"),
        (np.full((5, 5), 2.5), "go from 2.5 to 2.5"),
        (np.full((5, 5), -0.5), "go from -0.5"),
        (np.full((5, 5), 300), "integers are read as 0 to 255"),
        (np.array([["a", "b"]]), "no real numbers"),
        (np.array([[1j]]), "no real numbers"),
        (np.array([[object()]]), "no real numbers"),
        ([], "empty"),
        ([1.0, 2.0], "list of numbers"),
        (None, "no real numbers"),
        ({"a": 1}, "no real numbers"),
    ],
)
def test_what_is_no_image_is_refused_with_a_sentence(array: Any, said: str) -> None:
    with pytest.raises(Unfit, match=said):
        encode("image", array)


def test_a_range_can_be_named() -> None:
    assert levels(np.array([[-1.0, 0.0, 1.0, 5.0]]), (-1.0, 1.0)).tolist() == [[0, 128, 255, 255]]
    for wrong in ((1.0, 1.0), (float("nan"), 1.0), (2, 1)):
        with pytest.raises(Unfit, match="value range"):
            levels(np.zeros((2, 2)), wrong)


def test_nan_is_black_and_infinity_an_end(caplog: pytest.LogCaptureFixture) -> None:
    assert levels(np.array([[np.nan, np.inf, -np.inf, 1.0]])).tolist() == [[0, 255, 0, 255]]
    assert "1 of 4 values of an image are NaN" in caplog.text
    assert pixels(np.full((4, 4), np.nan)).max() == 0


def test_one_pixel_is_an_image() -> None:
    assert pixels(np.ones((1, 1))).tolist() == [[255]]
    assert pixels(np.array([[True]])).tolist() == [[255]]


def test_a_batch_is_one_item_an_image() -> None:
    assert len(encode("image", np.zeros((4, 8, 8, 3)))) == 4
    assert len(encode("image", [np.zeros((8, 8)), Image.new("RGB", (2, 2))])) == 2


def test_a_batch_beyond_the_limit_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    assert len(encode("image", np.zeros((MAX_BATCH + 1, 2, 5)).reshape(-1, 2, 5, 1))) == MAX_BATCH
    assert f"the first {MAX_BATCH} are kept" in caplog.text


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I;16", "PA"])
def test_every_mode_of_pillow_becomes_a_png_with_a_preview(mode: str) -> None:
    (found,) = encode("image", Image.new(mode, (300, 20)))
    assert Image.open(io.BytesIO(found.data or b"")).size == (300, 20)
    assert Image.open(io.BytesIO(found.preview or b"")).size == (192, 13)


def test_the_callers_image_is_left_as_it_was() -> None:
    picture = Image.effect_noise((1000, 500), 90).convert("RGB")
    before = picture.tobytes()
    encode("image", picture)
    assert (picture.size, picture.tobytes() == before) == ((1000, 500), True)


def test_the_noisiest_image_has_a_preview_that_fits() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (700, 900, 4), dtype=np.uint8)
    (found,) = encode("image", noise)
    assert 0 < len(found.preview or b"") <= MAX_PREVIEW


@pytest.mark.parametrize(("name", "kept"), [("a.png", True), ("a.jpg", True), ("a.webp", True), ("a.bmp", False)])
def test_a_file_is_kept_as_it_is_when_browsers_show_it(tmp_path: Path, name: str, kept: bool) -> None:
    path = tmp_path / name
    Image.new("RGB", (50, 40), "red").save(path)
    (found,) = encode("image", str(path))
    assert (found.path == path, found.data is None) == (kept, kept)
    assert found.preview


def bomb(path: Path, side: int) -> Path:
    """Write a small PNG that says it is very large."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    for side in (8_000, 60_000):
        with pytest.raises(Unfit, match=r"million are kept|decompression bomb"):
            encode("image", bomb(tmp_path / "bomb.png", side))
    with pytest.raises(Unfit, match="million are kept"):
        encode("image", np.broadcast_to(np.uint8(0), (100_000, 100_000)))


def test_files_that_are_no_images_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "a.png"
    text.write_text("<svg onload='alert(1)'/>")
    with pytest.raises(Unfit, match="no image that can be read"):
        encode("image", text)
    with pytest.raises(InvalidField, match="There is no file"):
        encode("image", tmp_path / "nothing.png")
    with pytest.raises(InvalidField, match="no regular file"):
        encode("image", tmp_path)


def test_a_file_that_breaks_off_is_kept_without_a_preview(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    out = io.BytesIO()
    Image.effect_noise((200, 200), 50).save(out, "PNG")
    path.write_bytes(out.getvalue()[: out.tell() // 2])
    (found,) = encode("image", path)
    assert (found.path, found.preview) == (path, None)


def test_a_tensor_is_an_image_and_torch_is_not_imported_for_it() -> None:
    torch = pytest.importorskip("torch")
    for tensor in (torch.ones(3, 8, 9, requires_grad=True), torch.ones(3, 8, 9, dtype=torch.bfloat16)):
        assert pixels(tensor).shape == (8, 9, 3)
