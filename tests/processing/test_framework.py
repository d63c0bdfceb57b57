"""FrameworkProcessor takes a script with its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.processing import FrameworkProcessor
from mlstudio.store.home import Home
from mlstudio.training import PyTorch


def test_a_script_imports_its_neighbours(agent: Home, tmp_path: Path) -> None:
    (tmp_path / "src" / "lib").mkdir(parents=True)
    (tmp_path / "src" / "prepare.py").write_text("from lib.words import said\nprint(said)\n")
    (tmp_path / "src" / "lib" / "words.py").write_text("said = 'from beside'\n")
    processor = FrameworkProcessor(PyTorch, framework_version="2.0", py_version="py311")
    processor.run("prepare.py", source_dir=tmp_path / "src", logs=False)
    job = processor.jobs[0]
    assert job.logs() == "from beside\n"
    assert job.name.startswith("pytorch-processing-")
    assert job.record().spec.recorded["py_version"] == "py311"


def test_dependencies_are_beside_the_script(agent: Home, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("said = 'from a dependency'\n")
    (tmp_path / "prepare.py").write_text("import lib\nprint(lib.said)\n")
    processor = FrameworkProcessor(PyTorch)
    processor.run(tmp_path / "prepare.py", dependencies=[tmp_path / "lib"], logs=False)
    assert processor.jobs[0].logs() == "from a dependency\n"


def test_what_is_no_list_of_dependencies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidField) as refused:
        FrameworkProcessor(PyTorch).run("a.py", source_dir=tmp_path, dependencies="lib")
    assert refused.value.field == "dependencies"
