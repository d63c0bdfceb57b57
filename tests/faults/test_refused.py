"""What cannot be run is refused at `fit` with the argument that it concerns, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import ListRequest
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.training import SKLearn


def nothing(source: Path) -> None:
    del source


def secret_beside(source: Path) -> None:
    (source.parent / "secret.py").write_text("print('secret')")


def link_out(source: Path) -> None:
    (source / "lib").mkdir()
    (source / "lib" / "keys").symlink_to("/etc/passwd")


def linked_entry(source: Path) -> None:
    secret_beside(source)
    (source / "entry.py").symlink_to(source.parent / "secret.py")


@pytest.mark.parametrize(
    ("plant", "arguments", "field", "said"),
    [
        (secret_beside, {"entry_point": "../secret.py"}, "entry_point", "not a plain path inside the source folder"),
        (secret_beside, {"entry_point": "/etc/passwd"}, "entry_point", "not a plain path inside the source folder"),
        (linked_entry, {"entry_point": "entry.py"}, "entry_point", "leads out"),
        (link_out, {}, "source_dir", "lib/keys in the source folder is a link to"),
        (nothing, {"hyperparameters": {"weights": object()}}, "hyperparameters", "'weights'"),
        (nothing, {"hyperparameters": {"weights": {1, 2}}}, "hyperparameters", "'weights'"),
        (
            nothing,
            {"metric_definitions": [{"Name": "m", "Regex": r"(a)\1"}]},
            "metric_definitions",
            r"cannot be used: invalid escape sequence: \1",
        ),
    ],
)
def test_t16_t19_what_cannot_be_run_is_refused_before_anything_exists(
    own_agent: Home, tmp_path: Path, plant: Callable[[Path], None], arguments: dict[str, Any], field: str, said: str
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text("print('ran')")
    plant(source)
    wanted = {"entry_point": "train.py", "source_dir": str(source), "instance_type": "local", **arguments}
    with pytest.raises(StudioError) as refused:
        SKLearn(**wanted).fit(job_name="refused")
    assert refused.value.field == field
    assert said in refused.value.message
    assert jobs.list().items == []
    assert open_store().list_components(ListRequest()).items == []
    assert not own_agent.jobs.exists() or list(own_agent.jobs.iterdir()) == []
