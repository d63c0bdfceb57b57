"""Texts are what they are; HTML stays source until a sandbox shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.media import MAX_PREVIEW
from mlstudio.experiments.media import Unfit, encode
from mlstudio.experiments.media.encoded import text_head
from mlstudio.experiments.media.texts import MAX_TEXT


@given(st.text(max_size=400).map(lambda text: text * 60))
def test_a_text_comes_back_and_its_preview_is_the_beginning(text: str) -> None:
    (found,) = encode("text", text)
    assert (found.data or b"").decode() == text
    assert len(found.preview or b"") <= MAX_PREVIEW
    assert text.startswith((found.preview or b"").decode())


@given(st.text(), st.integers(0, 20))
def test_a_head_is_cut_between_characters(text: str, limit: int) -> None:
    head = text_head(text, limit)
    assert len(head) <= limit
    assert text.startswith(head.decode())


def test_a_huge_text_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    (found,) = encode("text", "é" * (MAX_TEXT // 2 + 10))
    assert len(found.data or b"") == MAX_TEXT
    assert "is kept up to 16 MiB" in caplog.text


def test_a_lone_surrogate_and_bytes_that_are_no_text_are_replaced() -> None:
    assert (encode("text", "a\ud800")[0].data or b"").decode() == "a?"
    assert (encode("text", b"a\xff")[0].data or b"").decode() == "a�"


def test_only_a_path_names_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("inside")
    assert encode("text", tmp_path / "a.txt")[0].data == b"inside"
    assert encode("text", str(tmp_path / "a.txt"))[0].data == str(tmp_path / "a.txt").encode()
    with pytest.raises(InvalidField, match="no file"):
        encode("text", tmp_path / "nothing")


def test_html_is_kept_and_its_preview_is_text() -> None:
    source = "<script>alert(1)</script>"
    (found,) = encode("html", source)
    assert (found.media_type, found.data, found.preview_type) == ("text/html", source.encode(), "text/plain")


class Shows:
    def _repr_html_(self) -> str:
        return "<b>me</b>"


class Fails:
    def _repr_html_(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(("obj", "said"), [(5, "no HTML"), (Fails(), "cannot show itself"), (None, "no HTML")])
def test_what_has_no_html_is_refused(obj: Any, said: str) -> None:
    with pytest.raises(Unfit, match=said):
        encode("html", obj)
    assert encode("html", Shows())[0].data == b"<b>me</b>"
