"""Texts and tables in text form: the head, decoded, within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio.server.previews import texts


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("é€😀".encode(), "é€😀"),
        ("é".encode("utf-8-sig"), "é"),
        ("a\té".encode("utf-16"), "a\té"),
        ("é".encode("utf-32"), "é"),
        ("\u20ac and \u00e9".encode("cp1252"), "€ and é"),
        ("😀".encode()[:2], ""),
        (b"\x00\x01\x02", None),
        (b"text with \x00 in it", None),
        (b"\xff\x00\x80", None),
        (b"", ""),
    ],
)
def test_the_encoding_is_found(data: bytes, text: str | None) -> None:
    assert texts.decode(data) == text


def test_the_head_of_a_long_text_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_bytes(b"print(1)\n" * 100_000)

    shown = texts.text(path, "train.py", None)

    assert (shown.kind, shown.language, shown.truncated, shown.size) == ("text", "python", True, 900_000)
    assert shown.text is not None
    assert len(shown.text) == texts.HEAD


def table(tmp_path: Path, data: str | bytes, name: str = "t.csv") -> texts.Preview:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return texts.table(path, name, None)


def test_a_table_has_names_types_and_rows(tmp_path: Path) -> None:
    shown = table(tmp_path, 'epoch,loss,note\n1,0.5,"a, b"\n2,nan,\n')

    assert shown.columns == ["epoch", "loss", "note"]
    assert shown.column_types == ["int", "float", "text"]
    assert shown.rows == [["1", "0.5", "a, b"], ["2", "nan", ""]]
    assert (shown.total_rows, shown.truncated) == (2, False)


@pytest.mark.parametrize(("text", "columns"), [("a;b\n1;2\n", ["a", "b"]), ("a|b\n", ["a", "b"]), ("a\n1\n", ["a"])])
def test_the_delimiter_is_found(tmp_path: Path, text: str, columns: list[str]) -> None:
    assert table(tmp_path, text).columns == columns


def test_rows_of_other_lengths_keep_their_places(tmp_path: Path) -> None:
    shown = table(tmp_path, "a,b\n1\n1,2,3\n")

    assert shown.columns == ["a", "b", "(3)"]
    assert shown.rows == [["1", None, None], ["1", "2", "3"]]


def test_a_wide_and_long_table_is_cut(tmp_path: Path) -> None:
    line = ",".join(str(at) for at in range(1000)) + "\n"
    shown = table(tmp_path, line * 1000)

    assert shown.columns is not None
    assert shown.rows is not None
    assert (len(shown.columns), shown.truncated, shown.total_rows) == (texts.COLUMNS, True, None)
    assert 0 < len(shown.rows) <= texts.ROWS


def test_cells_are_texts_even_when_they_are_formulas_or_markup(tmp_path: Path) -> None:
    shown = table(tmp_path, "a\n=cmd|' /C calc'!A0\n<script>alert(1)</script>\n" + "x" * 5000 + "\n")

    assert shown.rows is not None
    assert shown.rows[0] == ["=cmd|' /C calc'!A0"]
    assert shown.rows[1] == ["<script>alert(1)</script>"]
    assert len(shown.rows[2][0] or "") == texts.CELL + 1


@pytest.mark.parametrize("data", [b"", b"\n", b'"', b'a,"b\n1', b"\r\r\r"])
def test_an_odd_table_is_no_bug(tmp_path: Path, data: bytes) -> None:
    assert table(tmp_path, data).kind in {"table", "text"}


def test_a_binary_that_is_called_a_table_is_not_shown(tmp_path: Path) -> None:
    assert table(tmp_path, bytes(range(256))).reason == "not shown: no text (binary)"
