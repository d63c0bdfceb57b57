"""Videos: frames become an animation, files are kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mlstudio.experiments.media import Unfit, encode


def test_frames_become_an_animation_of_their_speed() -> None:
    frames = np.zeros((5, 16, 24, 3), np.uint8)
    frames[:, :, :, 0] = np.arange(5)[:, None, None] * 60
    for array in (frames, np.moveaxis(frames, 3, 1), list(frames)):
        (found,) = encode("video", array, fps=4)
        animation = Image.open(io.BytesIO(found.data or b""))
        assert (animation.n_frames, animation.size, found.media_type) == (5, (24, 16), "image/webp")
        animation.seek(4)
        animation.load()
        assert animation.info["duration"] == 250
        assert abs(animation.convert("RGB").getpixel((5, 5))[0] - 240) < 12
        assert found.preview_type == "image/webp"


@pytest.mark.parametrize(
    ("obj", "options", "said"),
    [
        (np.zeros((4, 4)), {}, "no video"),
        ([], {}, "empty|no video"),
        (np.zeros((3001, 2, 5)), {}, "too much to pack"),
        (np.zeros((3, 8, 8)), {"fps": 0}, "no speed"),
        ([np.zeros((4, 4)), np.zeros((5, 5))], {}, "differ in size"),
    ],
)
def test_what_is_no_video_is_refused_with_a_sentence(obj: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(Unfit, match=said):
        encode("video", obj, **options)


def test_a_file_is_kept_as_it_is(tmp_path: Path) -> None:
    for name, kind in (("a.mp4", "video/mp4"), ("A.WEBM", "video/webm")):
        (tmp_path / name).write_bytes(b"x")
        assert encode("video", tmp_path / name)[0].media_type == kind
    Image.new("RGB", (5, 5)).save(tmp_path / "a.gif")
    assert encode("video", tmp_path / "a.gif")[0].preview
    (tmp_path / "a.txt").write_bytes(b"x")
    with pytest.raises(Unfit, match="no video by its name"):
        encode("video", tmp_path / "a.txt")
