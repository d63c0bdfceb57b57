"""Told when a module has been imported, and by nothing else than its import."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from mlstudio.experiments.autolog.finder import ImportWatch


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "found_here"
    folder.mkdir()
    (folder / "__init__.py").write_text("order = ['package']\n")
    (folder / "part.py").write_text("from found_here import order\norder.append('part')\nvalue = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "found_here"]:
        del sys.modules[name]


def test_it_is_told_after_the_module_was_executed_and_once(package: Path) -> None:
    watch, told = ImportWatch(), []
    watch.when("found_here.part", lambda module: told.append((module.__name__, module.value)))
    assert told == []

    import found_here  # type: ignore[import-not-found]

    assert told == []
    part = importlib.import_module("found_here.part")
    importlib.reload(part)

    assert told == [("found_here.part", 3)]
    assert found_here.order == ["package", "part", "part"]
    assert watch not in sys.meta_path, "with nothing left to wait for it is gone"


def test_a_module_that_is_there_is_told_at_once(package: Path) -> None:
    import found_here.part  # noqa: F401

    told: list[ModuleType] = []
    watch = ImportWatch()
    watch.when("found_here.part", told.append)
    assert [module.__name__ for module in told] == ["found_here.part"]
    assert watch not in sys.meta_path


def test_to_look_for_a_module_is_no_import_of_it(package: Path) -> None:
    watch, told = ImportWatch(), []
    watch.when("found_here", told.append)
    spec = importlib.util.find_spec("found_here")
    assert spec is not None
    assert isinstance(spec.loader, importlib.machinery.SourceFileLoader)
    assert told == []
    import found_here

    assert told == [found_here]
    assert type(found_here.__spec__.loader) is importlib.machinery.SourceFileLoader
    assert "exec_module" not in vars(found_here.__spec__.loader)
    watch.clear()


def test_a_module_that_cannot_be_imported_raises_what_it_raises(package: Path) -> None:
    (package / "part.py").write_text("raise ValueError('of its own')\n")
    watch, told = ImportWatch(), []
    watch.when("found_here.part", told.append)
    watch.when("found_here.missing", told.append)
    with pytest.raises(ValueError, match="of its own"):
        importlib.import_module("found_here.part")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("found_here.missing")
    assert told == []
    watch.clear()
    assert watch not in sys.meta_path


def test_a_package_in_an_archive_is_watched_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "lib.zip", "w") as archive:
        archive.writestr("zipped/__init__.py", "import zipped.inner\nvalue = 1\n")
        archive.writestr("zipped/inner.py", "")
    monkeypatch.syspath_prepend(str(tmp_path / "lib.zip"))
    watch, told = ImportWatch(), []
    watch.when("zipped", lambda module: told.append(module.value))
    importlib.import_module("zipped")
    assert told == [1]
    for name in ("zipped", "zipped.inner"):
        del sys.modules[name]
