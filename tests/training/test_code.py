"""Where an estimator's code is, and how attach finds it again."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField, StudioError
from mlstudio.training import SKLearn
from mlstudio.training.code import as_arguments, code_of, dependencies_of
from mlstudio.training.framework import Framework


def test_a_script_a_folder_and_dependencies_are_named_absolutely(tmp_path: Path) -> None:
    alone = code_of(str(tmp_path / "a.py"), None, [str(tmp_path / "lib")], None)
    assert alone[:3] == (str(tmp_path / "a.py"), "a.py", [str(tmp_path / "lib")])
    assert code_of("a.py", tmp_path.as_uri(), [], None)[:3] == (str(tmp_path), "a.py", [])


def test_a_framework_without_a_name_of_its_own_runs_a_script_too(tmp_path: Path) -> None:
    estimator = Framework(tmp_path / "a.py", dependencies=[tmp_path / "lib"])
    spec = estimator.spec("j")
    assert (spec.framework, spec.entry_point, spec.dependencies) == ("", "a.py", [str(tmp_path / "lib")])


@pytest.mark.parametrize("given", ["lib", 3, Path("lib")])
def test_dependencies_are_a_list(given: Any) -> None:
    with pytest.raises(InvalidField, match="dependencies is"):
        dependencies_of(given)


def test_attach_gives_the_same_code(tmp_path: Path) -> None:
    script = tmp_path / "a.py"
    script.write_text("")
    for arguments in (
        {"entry_point": str(script)},
        {"entry_point": "a.py", "source_dir": str(tmp_path)},
        {"entry_point": "a.py", "source_dir": str(tmp_path), "dependencies": [str(tmp_path / "lib")]},
    ):
        found = as_arguments(SKLearn(**arguments).spec("j"))
        assert found == {**arguments, "dependencies": arguments.get("dependencies", [])}


@pytest.mark.usefixtures("agent")
def test_an_archive_and_a_dependency_run_as_a_job(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("import words\nprint('says', words.WORD)\n")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "__init__.py").write_text("WORD = 'packed'\n")
    with tarfile.open(tmp_path / "sourcedir.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "src", ".")
    estimator = SKLearn("train.py", source_dir=tmp_path / "sourcedir.tar.gz", dependencies=[tmp_path / "words"])
    estimator.fit(logs=None)
    assert estimator.latest_training_job is not None
    assert "says packed" in estimator.latest_training_job.logs()
    missing = SKLearn("trian.py", source_dir=tmp_path / "sourcedir.tar.gz")
    with pytest.raises(StudioError, match=r"'trian.py' does not exist") as refused:
        missing.fit()
    assert refused.value.hint == "Did you mean train.py?"
