"""What two jobs do not share."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mlstudio.entities.jobs import Channel
from mlstudio.jobs.differences import difference

from .test_repeat import record


def _code(folder: Path, **files: str) -> Path:
    code = folder / "ml" / "code"
    code.mkdir(parents=True)
    for name, text in files.items():
        (code / f"{name}.py").write_text(text)
    return folder


def test_the_same_twice_has_no_difference(tmp_path: Path) -> None:
    one = _code(tmp_path / "1", a="x = 1\n")
    two = _code(tmp_path / "2", a="x = 1\n")
    found = difference(record(), one, record(), two)
    assert (found.fields, found.files) == ([], [])


def test_values_and_code_that_differ(tmp_path: Path) -> None:
    one = _code(tmp_path / "1", a="x = 1\ny = 2\n", gone="g\n", same="s\n")
    two = _code(tmp_path / "2", a="x = 1\ny = 3\n", new="n\n", same="s\n")
    left = record(channels=[Channel(name="train", source="/a")])
    right = record(
        name="b",
        hyperparameters={"lr": "0.2", "epochs": "3", "more": "1"},
        instance_type="ml.m5.large",
        arguments=["-v"],
    )
    found = difference(left, one, right, two)
    assert [(one.section, one.name, one.left, one.right) for one in found.fields] == [
        ("hyperparameters", "lr", "0.1", "0.2"),
        ("hyperparameters", "more", None, "1"),
        ("inputs", "train", "/a", None),
        ("arguments", "0", None, "-v"),
        ("settings", "instance_type", "local", "ml.m5.large"),
    ]
    assert [(one.path, one.change) for one in found.files] == [
        ("a.py", "changed"),
        ("gone.py", "removed"),
        ("new.py", "added"),
    ]
    assert "-y = 2\n+y = 3" in found.files[0].diff
    assert "+n" in found.files[2].diff


def test_what_is_no_text_differs_without_a_diff(tmp_path: Path) -> None:
    one, two = _code(tmp_path / "1"), _code(tmp_path / "2")
    (one / "ml" / "code" / "d.bin").write_bytes(b"\0a")
    (two / "ml" / "code" / "d.bin").write_bytes(b"\0b")
    (found,) = difference(record(), one, record(), two).files
    assert (found.path, found.change, found.diff) == ("d.bin", "changed", "")
    gone = difference(record(), tmp_path / "gone", record(), two)
    assert [item.change for item in gone.files] == ["added"]
    assert msgspec.json.encode(gone)
