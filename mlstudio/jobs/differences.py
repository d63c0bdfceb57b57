"""What two jobs do not share: code, hyperparameters, environment, inputs, settings.

Secrets are not masked here: whoever shows a difference masks it.

Reads: records and run folders.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any, Final, Literal

from mlstudio.entities.job_requests import FieldDifference, FileDifference, JobDifference
from mlstudio.entities.jobs import JobRecord, JobSpec
from mlstudio.jobs.files import MAX_FILES, read_text, walk

Section = Literal["hyperparameters", "environment", "inputs", "outputs", "arguments", "settings"]
_SETTINGS: Final = (
    "kind",
    "entry_point",
    "interpreter",
    "framework",
    "instance_type",
    "instance_count",
    "max_run",
    "image_uri",
    "retries",
    "spot",
    "output_path",
)


def difference(left: JobRecord, left_dir: Path, right: JobRecord, right_dir: Path) -> JobDifference:
    """Return what two jobs do not share.

    Args:
        left: a job.
        left_dir: its run folder; a folder that is gone counts as empty.
        right: another.
        right_dir: its run folder.
    """
    one, two = sections_of(left.spec), sections_of(right.spec)
    fields = [
        FieldDifference(section, name, one[section].get(name), two[section].get(name))
        for section in one
        for name in sorted({*one[section], *two[section]})
        if one[section].get(name) != two[section].get(name)
    ]
    files = file_differences(left_dir / "ml" / "code", right_dir / "ml" / "code")
    return JobDifference(left.name, right.name, fields, files[:MAX_FILES], max(0, len(files) - MAX_FILES))


def sections_of(spec: JobSpec) -> dict[Section, dict[str, str]]:
    """Return the values of a job as texts, by section and name."""
    notebook = {} if spec.notebook is None else spec.notebook.parameters
    return {
        "hyperparameters": {**spec.hyperparameters, **{key: json.dumps(value) for key, value in notebook.items()}},
        "environment": dict(spec.environment),
        "inputs": {**{one.name: one.source for one in spec.channels}, **{one.name: one.source for one in spec.inputs}},
        "outputs": {one.name: one.destination or "" for one in spec.outputs},
        "arguments": {str(place): text for place, text in enumerate(spec.arguments)},
        "settings": {name: _text(getattr(spec, name)) for name in _SETTINGS},
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def file_differences(left: Path, right: Path) -> list[FileDifference]:
    """Return the files of two folders that differ, by path."""
    one = {str(path.relative_to(left)): path for path in walk(left)}
    two = {str(path.relative_to(right)): path for path in walk(right)}
    found = [_difference(name, one.get(name), two.get(name)) for name in sorted({*one, *two})]
    return [item for item in found if item is not None]


def _difference(name: str, left: Path | None, right: Path | None) -> FileDifference | None:
    if left is None or right is None:
        change: Literal["added", "removed"] = "added" if left is None else "removed"
        return FileDifference(name, change, _unified(name, left, right))
    if _same(left, right):
        return None
    return FileDifference(name, "changed", _unified(name, left, right))


def _same(left: Path, right: Path) -> bool:
    try:
        return left.stat().st_size == right.stat().st_size and left.read_bytes() == right.read_bytes()
    except OSError:
        return False


def _unified(name: str, left: Path | None, right: Path | None) -> str:
    before, after = ("" if path is None else read_text(path) for path in (left, right))
    if before is None or after is None:
        return ""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    return "\n".join(lines)
