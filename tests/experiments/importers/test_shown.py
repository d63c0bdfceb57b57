"""Bytes of a stranger become media only when they are what they say."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from mlstudio.experiments.importers.shown import medium
from mlstudio.experiments.media import Unfit


def png(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return out.getvalue()


def test_bytes_of_a_picture_stay_as_they_are(tmp_path: Path) -> None:
    body = png((5, 4))
    one = medium("image", "x", body, step=3, ts=1.0, seq=2, caption="c")
    assert (one.data, one.media_type, one.preview_type) == (body, "image/png", "image/webp")
    (tmp_path / "a.png").write_bytes(body)
    other = medium("image", "x", tmp_path / "a.png", step=3, ts=1.0)
    assert other.data == tmp_path / "a.png"


def test_a_bomb_and_a_lie_are_refused() -> None:
    bomb = bytearray(png((5, 4)))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    for body in (bytes(bomb), b"GIF89a nothing", b"", b"<svg/>"):
        with pytest.raises(Unfit):
            medium("image", "x", body, step=0, ts=0.0)


def test_no_temporary_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    medium("image", "x", png((5, 4)), step=0, ts=0.0)
    with pytest.raises(Unfit):
        medium("image", "x", b"nothing", step=0, ts=0.0)
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
