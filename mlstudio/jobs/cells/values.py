"""Variables that travel between a notebook and a job, in formats that run no code when they are read.

| value | format |
|---|---|
| None, bool, int, float, str, list and dict of these (keys are text) | JSON |
| NumPy array or scalar, no objects in it | ``.npy`` (``allow_pickle=False``) |
| pandas DataFrame or Series, pyarrow Table | Arrow |
| torch tensor | safetensors, where it is installed |

This file is copied beside the cell, so that the other end reads what this end wrote, whatever is
installed there.

Imports: the standard library; NumPy, pandas, pyarrow and torch only for a value of theirs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

MANIFEST = "values.json"
TAKEN = (
    "None, bool, int, float, str, lists and dicts of these (JSON); NumPy arrays without objects (.npy); "
    "pandas DataFrame and Series, pyarrow Table (Arrow); torch tensors (safetensors)"
)
MAX_DEPTH = 100


class Unsendable(Exception):
    """Values that have no safe format; the message names each, its type, and what is taken."""


def save(values: Mapping[str, Any], folder: Path) -> None:
    """Write values into a new folder.

    Args:
        values: by variable.
        folder: made; must not hold values yet.

    Raises:
        Unsendable: some have no safe format; nothing is written then.
        OSError: the disk is full.
    """
    kinds = {name: _kind(value) for name, value in values.items()}
    refused = [f"{name} ({_type_of(values[name])})" for name, kind in kinds.items() if kind is None]
    if refused:
        raise Unsendable(f"{', '.join(refused)} cannot travel. What can: {TAKEN}.")
    folder.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {}
    for number, (name, value) in enumerate(values.items()):
        kind = str(kinds[name])
        file = folder / f"{number}.{kind}"
        try:
            manifest[name] = {"kind": kind, "file": file.name, **_WRITERS[kind](value, file)}
        except (TypeError, ValueError, OverflowError, ImportError, RecursionError) as error:
            text = f"{name} ({_type_of(value)}) cannot travel: {error}. What can: {TAKEN}."
            raise Unsendable(text) from None
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def load(folder: Path) -> dict[str, Any]:
    """Read what `save` wrote; a folder without values gives none.

    Raises:
        Unsendable: what stands there is not what `save` writes.
        ImportError: a library that a value needs is not installed here.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        manifest = json.loads(text)
        return {str(name): _READERS[one["kind"]](_inside(folder, one["file"]), one) for name, one in manifest.items()}
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise Unsendable(f"The values in {folder} cannot be read: {type(error).__name__}: {error}.") from None


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    if path.parent != folder or path.is_symlink():
        raise ValueError(f"{name!r} is not in the folder")
    return path


def _type_of(value: object) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _kind(value: Any) -> str | None:
    """Return the format of a value by asking only libraries that are loaded: a value of theirs means they are."""
    if _is_json(value, MAX_DEPTH):
        return "json"
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    arrow, torch = sys.modules.get("pyarrow"), sys.modules.get("torch")
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        return None if value.dtype.hasobject or type(value) is numpy.ma.MaskedArray else "npy"
    if pandas is not None and type(value) in (pandas.DataFrame, pandas.Series):
        return "arrow"
    if arrow is not None and type(value) is arrow.Table:
        return "arrow"
    if torch is not None and type(value) is torch.Tensor:
        return "safetensors"
    return None


def _is_json(value: object, depth: int) -> bool:
    if depth == 0:
        return False
    if value is None or type(value) in (bool, int, float, str):
        return True
    if type(value) is list:
        return all(_is_json(one, depth - 1) for one in value)
    if type(value) is dict:
        return all(type(key) is str and _is_json(one, depth - 1) for key, one in value.items())
    return False


def _write_json(value: Any, file: Path) -> dict[str, Any]:
    file.write_text(json.dumps(value), encoding="utf-8", errors="strict")
    return {}


def _write_npy(value: Any, file: Path) -> dict[str, Any]:
    import numpy as np

    with file.open("wb") as stream:
        np.save(stream, value, allow_pickle=False)
    return {"scalar": isinstance(value, np.generic)}


def _write_arrow(value: Any, file: Path) -> dict[str, Any]:
    import pyarrow as pa

    kind, name = type(value).__name__, None
    table = value
    if kind != "Table":
        name = value.name if kind == "Series" else None
        if name is not None and not isinstance(name, str):
            raise ValueError("its name is no text")
        table = pa.Table.from_pandas(value.to_frame(name="value") if kind == "Series" else value)
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {"type": kind, "name": name}


def _write_tensor(value: Any, file: Path) -> dict[str, Any]:
    from safetensors.torch import save_file

    save_file({"value": value.detach().cpu().contiguous()}, str(file))
    return {}


def _read_json(file: Path, _: Mapping[str, Any]) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _read_npy(file: Path, told: Mapping[str, Any]) -> Any:
    import numpy as np

    array = np.load(file, allow_pickle=False)
    return array[()] if told.get("scalar") else array


def _read_arrow(file: Path, told: Mapping[str, Any]) -> Any:
    import pyarrow as pa

    table = pa.ipc.open_file(pa.BufferReader(file.read_bytes())).read_all()
    if told.get("type") == "Table":
        return table
    frame = table.to_pandas()
    return frame["value"].rename(told.get("name")) if told.get("type") == "Series" else frame


def _read_tensor(file: Path, _: Mapping[str, Any]) -> Any:
    from safetensors.torch import load_file

    return load_file(str(file))["value"]


_WRITERS = {"json": _write_json, "npy": _write_npy, "arrow": _write_arrow, "safetensors": _write_tensor}
_READERS = {"json": _read_json, "npy": _read_npy, "arrow": _read_arrow, "safetensors": _read_tensor}


def names_of(text: Iterable[str]) -> list[str]:
    """Return the variables that options such as ``a,b`` name, each once."""
    found = [name.strip() for one in text for name in one.split(",")]
    return list(dict.fromkeys(name for name in found if name))
