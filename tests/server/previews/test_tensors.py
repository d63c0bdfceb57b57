"""Arrays on disk: headers only, nothing unpickled."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mlstudio.server.previews import tensors


class Evil:
    """Unpickling one would raise an exception that says so."""

    def __reduce__(self) -> tuple[object, ...]:
        return (exec, ("raise SystemExit('unpickled')",))


def test_npz_lists_names_types_and_shapes(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, w=np.zeros((3, 4), np.float32), b=np.array(1))
    shown = tensors.tensors(path, "w.npz", None)

    assert shown.rows == [["w", "float32", "3 × 4", "48"], ["b", "int64", "()", "8"]]
    assert shown.reason is None


def test_npy_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.zeros((2, 2), ">i2"))

    assert tensors.tensors(path, "dir/x.npy", None).rows == [["x.npy", ">i2", "2 × 2", "8"]]


def test_pickled_objects_are_named_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "o.npy"
    np.save(path, np.array([Evil()], dtype=object), allow_pickle=True)
    shown = tensors.tensors(path, "o.npy", None)

    assert shown.reason == tensors.UNSAFE
    assert (shown.rows or [])[0][1] == "object"
    with pytest.raises(SystemExit):
        pickle.loads(path.read_bytes()[128:])


def test_a_member_that_is_no_array_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, w=np.zeros(1))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("readme.txt", "hello")

    assert (tensors.tensors(path, "w.npz", None).rows or [])[1] == ["readme.txt", None, None, "5"]


def test_safetensors_headers_are_read(tmp_path: Path) -> None:
    header = json.dumps({"__metadata__": {"a": "b"}, "w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}})
    path = tmp_path / "m.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode() + b"\0" * 24)

    assert tensors.tensors(path, "m.safetensors", None).rows == [["w", "F32", "2 × 3", "24"]]


@pytest.mark.parametrize(
    "data",
    [
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff{'descr': 1",
        b"\x93NUMPY\x01\x00\x46\x00" + b"__import__('os').system('true')" + b" " * 39,
        b"\xff" * 8 + b"{}",
        b"\x02\0\0\0\0\0\0\0[]",
        b"PK\x03\x04 no zip .npy",
    ],
)
def test_damage_raises(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)

    with pytest.raises((ValueError, OSError, zipfile.BadZipFile, EOFError, AttributeError, SyntaxError)):
        tensors.tensors(path, "x", None)
