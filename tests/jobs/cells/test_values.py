"""Variables there and back, in formats that run no code; all others are refused by name."""

from __future__ import annotations

import json
import math
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch

from mlstudio.jobs.cells import values
from mlstudio.jobs.cells.values import Unsendable, load, names_of, save


def there_and_back(tmp_path: Path, value: Any) -> Any:
    save({"x": value}, tmp_path / "v")
    return load(tmp_path / "v")["x"]


@pytest.mark.parametrize(
    "value", [None, True, 3, -(2**70), 0.1, "ä\n\0\ud800", [], {"a": [1, {"b": None}]}, float("inf"), "x" * 100_000]
)
def test_json_values_are_the_same_and_of_the_same_type(tmp_path: Path, value: Any) -> None:
    back = there_and_back(tmp_path, value)
    assert (back, type(back)) == (value, type(value))


def test_not_a_number_stays_one(tmp_path: Path) -> None:
    assert math.isnan(there_and_back(tmp_path, float("nan")))


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6).reshape(2, 3),
        np.zeros((0, 3), "f4"),
        np.array(["a", "bc"]),
        np.datetime64("2026-11-23"),
        np.float32(1),
    ],
)
def test_arrays_keep_shape_and_type(tmp_path: Path, value: Any) -> None:
    back = there_and_back(tmp_path, value)
    assert type(back) is type(value)
    assert back.dtype == value.dtype
    assert np.array_equal(back, value)


def test_frames_series_tables_and_tensors(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1, 2], "s": ["a", None]}, index=pd.Index([5, 7], name="at"))
    series = pd.Series([0.5, 1.5], name="loss")
    table = pa.table({"a": [[1], [2, 3]]})
    tensor = torch.arange(4, dtype=torch.bfloat16).reshape(2, 2)
    save({"frame": frame, "series": series, "table": table, "tensor": tensor}, tmp_path)
    back = load(tmp_path)
    pd.testing.assert_frame_equal(back["frame"], frame)
    pd.testing.assert_series_equal(back["series"], series)
    assert back["table"] == table
    assert torch.equal(back["tensor"], tensor)


class Evil:
    def __reduce__(self) -> Any:
        return (print, ("ran",))


@pytest.mark.parametrize(
    "value",
    [
        Evil(),
        (1, 2),
        {1: "int key"},
        {"deep": (1,)},
        np.array([Evil()], dtype=object),
        np.ma.masked_array([1, 2], [0, 1]),
        b"bytes",
        lambda: None,
        pd.DataFrame({"o": [Evil()]}),
        pd.DataFrame({"o": [1, "a"]}),
        pd.Series([1], name=("a", "b")),
        torch.nn.Linear(1, 1),
    ],
)
def test_all_else_is_refused_by_name_with_what_can_travel(tmp_path: Path, value: Any) -> None:
    with pytest.raises(Unsendable, match=r"x \(.+\) cannot travel.* What can: None, bool"):
        save({"good": 1, "x": value}, tmp_path / "v")


def test_values_that_hold_themselves_or_nest_without_end_are_refused(tmp_path: Path) -> None:
    itself: list[Any] = []
    itself.append(itself)
    with pytest.raises(Unsendable):
        save({"x": itself}, tmp_path / "v")


def test_nothing_that_was_planted_runs_or_is_read_from_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "v"
    save({"x": np.arange(2)}, folder)
    with (folder / "0.npy").open("wb") as file:
        np.save(file, np.array([Evil()], dtype=object), allow_pickle=True)
    with pytest.raises(Unsendable, match="pickle"):
        load(folder)
    (folder / "0.npy").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(Unsendable):
        load(folder)
    for manifest in (
        {"x": {"kind": "json", "file": "../secret.json"}},
        {"x": {"kind": "json", "file": "/etc/hostname"}},
        {"x": {"kind": "pickle", "file": "0.npy"}},
        {"x": {"kind": "json", "file": "link.json"}},
        ["x"],
    ):
        (tmp_path / "secret.json").write_text("1")
        (folder / "link.json").unlink(missing_ok=True)
        (folder / "link.json").symlink_to(tmp_path / "secret.json")
        (folder / "values.json").write_text(json.dumps(manifest))
        with pytest.raises(Unsendable, match="cannot be read"):
            load(folder)


def test_a_folder_without_values_gives_none(tmp_path: Path) -> None:
    assert load(tmp_path) == {}


def test_it_needs_nothing_but_python_for_plain_values(tmp_path: Path) -> None:
    found = f"import runpy; m = runpy.run_path({str(values.__file__)!r}); "
    script = found + f"m['save']({{'a': 1}}, m['Path']({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-I", "-S", "-c", script], check=True)
    assert load(tmp_path) == {"a": 1}


def test_names_of_options() -> None:
    assert names_of(["a, b", "c,a", ""]) == ["a", "b", "c"]
