"""Locations: what can be read, and one clear sentence for what cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.jobs import locations
from mlstudio.jobs.locations import check_readable, is_pattern, is_url, located, matches, spread


def refusal(path: object) -> InvalidField:
    with pytest.raises(InvalidField) as refused:
        check_readable(str(path), what="Input x", field="inputs")
    return refused.value


def test_a_location_has_one_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert located("data", field="f") == str(tmp_path / "data")
    assert located("file:///a%20b", field="f") == located("file://localhost/a%20b", field="f") == "/a b"
    assert located("s3://bucket/key", field="f") == "s3://bucket/key"
    assert is_url("memory://x")
    assert not is_url("file:///x")
    for bad in ("", "a\0b", "file://host/x"):
        with pytest.raises(InvalidField):
            located(bad, field="f")


def test_a_pattern_is_matched_and_a_name_with_brackets_is_a_name(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt", "[1].csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "d.csv").mkdir()
    found = matches(str(tmp_path / "*.csv"))
    assert [path.name for path in found] == ["[1].csv", "a.csv", "b.csv", "d.csv"]
    assert not is_pattern(str(tmp_path / "[1].csv"))
    assert [one.path for one in spread(found[1:], "in")] == ["in/a.csv", "in/b.csv", "in/d.csv"]
    check_readable(str(tmp_path / "*.csv"), what="Input x", field="inputs")


def test_the_nearest_name_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "churn.csv").write_text("x")
    assert refusal(tmp_path / "chrun.csv").hint == f"Did you mean {tmp_path / 'churn.csv'}?"
    assert refusal(tmp_path / "no" / "such" / "x.csv").hint == f"The path exists as far as {tmp_path}."
    assert "nothing matches" in refusal(tmp_path / "*.parquet").message


def test_what_nothing_can_be_read_from_says_why(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to("/no/such")
    os.mkfifo(tmp_path / "pipe")
    assert "is a link to /no/such, which does not exist" in refusal(tmp_path / "gone").message
    assert "neither a file nor a folder" in refusal(tmp_path / "pipe").message
    (tmp_path / "round").symlink_to("round")
    assert "is a link to round" in refusal(tmp_path / "round").message


def test_a_pattern_that_names_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locations, "MAX_MATCHES", 1)
    for name in "ab":
        (tmp_path / name).write_text("x")
    assert refusal(tmp_path / "*").hint == "Give their folder."
