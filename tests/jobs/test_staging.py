"""What a job's code folder holds: source, archive, dependencies, all of it bounded."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.jobs.runner.stage import Refused
from mlstudio.jobs.staging import check_dependencies, source_archive, stage_code

from .conftest import SpecFactory


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "net.py").write_text("x = 1")
    return folder


def test_dependencies_stand_beside_the_code(spec: SpecFactory, lib: Path, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("y = 2")
    one = spec("print(1)", dependencies=[str(lib), str(tmp_path / "one.py")])
    check_dependencies(one)
    stage_code(one, tmp_path / "code")
    assert sorted(str(path.relative_to(tmp_path / "code")) for path in (tmp_path / "code").rglob("*.py")) == [
        "lib/net.py", "one.py", "train.py",
    ]  # fmt: skip


def test_a_dependency_that_is_missing_or_has_a_taken_name_is_refused(
    spec: SpecFactory, lib: Path, tmp_path: Path
) -> None:
    for wrong, said in (([str(tmp_path / "no")], "does not exist"), ([str(lib), str(lib)], "Two dependencies")):
        with pytest.raises(InvalidField, match=said) as invalid:
            check_dependencies(spec("", dependencies=wrong))
        assert invalid.value.field == "dependencies"
    (tmp_path / "train.py").write_text("other")
    with pytest.raises(Refused, match="has the name of something"):
        stage_code(spec("", dependencies=[str(tmp_path / "train.py")]), tmp_path / "code")


def test_a_dependency_with_a_link_out_is_refused_as_one(spec: SpecFactory, lib: Path, tmp_path: Path) -> None:
    (lib / "keys").symlink_to(Path.home())
    with pytest.raises(Refused, match="lies outside") as refused:
        stage_code(spec("", dependencies=[str(lib)]), tmp_path / "code")
    assert refused.value.field == "dependencies"


def test_the_limit_holds_for_all_together(spec: SpecFactory, lib: Path, tmp_path: Path) -> None:
    (lib / "data.bin").write_bytes(bytes(3000))
    (tmp_path / "big.bin").write_bytes(bytes(3000))
    one = spec("", dependencies=[str(lib), str(tmp_path / "big.bin")])
    stage_code(one, tmp_path / "enough", limit=7000)
    for limit in (2000, 5000):
        with pytest.raises(Refused) as refused:
            stage_code(one, tmp_path / f"code{limit}", limit=limit)
        assert (refused.value.code, refused.value.field) == ("too_large", "dependencies")


def test_an_archive_becomes_the_code(spec: SpecFactory, lib: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "source.tar.gz", "w:gz") as tar:
        tar.add(lib, ".")
    one = spec("", source_dir=str(tmp_path / "source.tar.gz"), entry_point="net.py")
    assert source_archive(one) == tmp_path / "source.tar.gz"
    stage_code(one, tmp_path / "code")
    assert (tmp_path / "code" / "net.py").read_text() == "x = 1"
    lost = spec("", source_dir=str(tmp_path / "source.tar.gz"), entry_point="nets.py")
    with pytest.raises(Refused, match=r"'nets.py' does not exist") as refused:
        stage_code(lost, tmp_path / "lost")
    assert refused.value.hint == "Did you mean net.py?"


def test_a_script_and_a_folder_are_no_archives(spec: SpecFactory, tmp_path: Path) -> None:
    assert source_archive(spec("")) is None
    (tmp_path / "folder.tgz").mkdir()
    assert source_archive(spec("", source_dir=str(tmp_path / "folder.tgz"))) is None
