"""What a file is, told by its bytes."""

from __future__ import annotations

import pytest

from mlstudio.server.previews.choosing import choose, delimiter_of, language_of

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("head", "name", "media", "kind"),
    [
        (PNG, "a.png", "image/png", "image"),
        (PNG, "a.csv", "text/csv", "image"),
        (b"\xff\xd8\xff\xe0", "a", None, "image"),
        (b"RIFF\0\0\0\0WEBP", "a", None, "image"),
        (b"RIFF\0\0\0\0WAVE", "a.wav", None, "played"),
        (b"\0\0\0\x20ftypisom", "a.mp4", None, "played"),
        (b"PAR1....", "a", None, "columnar"),
        (b"ARROW1\0\0", "a", None, "columnar"),
        (b"\x93NUMPY\x01\0", "a", None, "tensors"),
        (b"PK\x03\x04" + b"\0" * 26 + b"weights.npy", "a.npz", None, "tensors"),
        (b"\x40\0\0\0\0\0\0\0" + b'{"a":{}}', "m.safetensors", None, "tensors"),
        (b"PK\x03\x04" + b"\0" * 26 + b"a.txt", "a.zip", None, "archive"),
        (b"\x1f\x8b\x08", "a.tar.gz", None, "archive"),
        (b"\0" * 257 + b"ustar", "a.tar", None, "archive"),
        (b'{"cells": []}', "n.ipynb", None, "notebook"),
        (b"{}", "a.json", None, "json"),
        (b"{}", "figure", "application/vnd.plotly.v1+json", "json"),
        (b"a,b", "a.csv", None, "table"),
        (b"a\tb", "a", "text/tab-separated-values", "table"),
        (b"<svg/>", "a.svg", "image/svg+xml", "text"),
        (b"<html>", "a.html", "text/html", "text"),
        (b"{}", "folder", "application/vnd.mlstudio.folder+json", "folder"),
        (b"", "", None, "text"),
    ],
)
def test_bytes_tell_then_the_name(head: bytes, name: str, media: str | None, kind: str) -> None:
    assert choose(head, name, media) == kind


@pytest.mark.parametrize(
    ("head", "name", "media"),
    [
        (b"\x80\x04K\x01.", "model.txt", "text/plain"),
        (b"\x80\x02}q\0.", "a", None),
        (b"PK\x03\x04", "model.pt", None),
        (PNG, "image.pkl", "image/png"),
        (b"anything", "a.joblib", None),
        (b"anything", "a", "application/x-python-pickle"),
        (b"anything", "a.CKPT", None),
    ],
)
def test_what_could_be_a_pickle_is_unsafe_whatever_it_is_called(head: bytes, name: str, media: str | None) -> None:
    assert choose(head, name, media) == "unsafe"


def test_names_give_colours_and_delimiters() -> None:
    assert (language_of("a/b.py", None), language_of("x", "text/html"), language_of("x", None)) == (
        "python",
        "html",
        None,
    )
    assert (delimiter_of("a.CSV", None), delimiter_of("a", "text/csv; charset=utf-8"), delimiter_of("a", None)) == (
        ",",
        ",",
        None,
    )
