"""Where checkpoints are on the host, and places that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.jobs.checkpoints import check_checkpoints, inside, place

from .conftest import SpecFactory


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/opt/ml/checkpoints", "checkpoints"),
        ("/opt/ml/ck/./best/", "ck/best"),
        ("/opt/ml/checkpoints/a", "checkpoints/a"),
    ],
)
def test_a_path_below_opt_ml_is_taken(path: str, expected: str) -> None:
    assert inside(path) == expected


@pytest.mark.parametrize(
    "path", ["", "/opt/ml", "/tmp/x", "checkpoints", "/opt/ml/../x", "/opt/ml/model", "/opt/ml/input/data", "/opt/mlx"]
)
def test_a_path_that_has_another_use_is_refused(path: str) -> None:
    with pytest.raises(InvalidField) as refused:
        inside(path)
    assert refused.value.field == "checkpoint_local_path"


@pytest.mark.parametrize("path", ["/opt/ml/checkpoints", "/opt/ml/checkpoints/deep", "/opt/ml/mine", "/opt/ml/a/b"])
@pytest.mark.parametrize("own", [True, False])
def test_what_is_saved_there_is_in_one_folder_of_the_host(
    spec: SpecFactory, tmp_path: Path, path: str, own: bool
) -> None:
    kept = tmp_path / "kept" / "run7"
    base = tmp_path / "ml"
    base.mkdir()
    one = spec("", checkpoint_path=path, checkpoint_source=str(kept) if own else None)
    check_checkpoints(one)
    place(base, one)
    place(base, one)  # again, as an attempt that was prepared twice
    seen = base / path.removeprefix("/opt/ml/")
    (seen / "epoch-1.pt").write_text("weights")
    assert ((kept if own else seen) / "epoch-1.pt").read_text() == "weights"
    assert seen.is_symlink() == own


@pytest.mark.parametrize("place", ["s3://bucket/x", "relative", "file/below"])
def test_a_location_that_cannot_be_written_is_refused(spec: SpecFactory, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    source = str(tmp_path / place) if place == "file/below" else place
    with pytest.raises(InvalidField) as refused:
        check_checkpoints(spec("", checkpoint_source=source))
    assert refused.value.field == "checkpoint_s3_uri"
    assert refused.value.hint
