"""The wheel holds all that is needed, and works with `pip install` and no Node."""

from __future__ import annotations

import email
import json
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.packaging.conftest import Environment

pytestmark = pytest.mark.slow
# What a browser can be sent, and the whole (docs/adr/004); what is loaded at Lab's start is bounded in ui-tests.
MAX_FRONT = 1_100_000
MAX_BYTES = 2_500_000


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_is_small(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        parts = archive.infolist()
    front = sum(
        part.compress_size for part in parts if "/labextensions/" in part.filename or "widgets/static" in part.filename
    )
    assert 500_000 < front <= MAX_FRONT
    assert wheel.stat().st_size <= MAX_BYTES


@pytest.mark.parametrize(
    "ending",
    [
        "share/jupyter/labextensions/mlstudio/package.json",
        "share/jupyter/labextensions/mlstudio/install.json",
        "share/jupyter/labextensions/mlstudio/static/style.js",
        "etc/jupyter/jupyter_server_config.d/mlstudio.json",
        "mlstudio/server/openapi.json",
        "mlstudio/py.typed",
        "mlstudio/cli/digits_sweep/train.py",
        "mlstudio/cli/digits_sweep/welcome.ipynb",
        "licenses/LICENSE",
    ],
)
def test_the_wheel_holds(ending: str, wheel: Path) -> None:
    assert [name for name in names(wheel) if name.endswith(ending)]


def test_migrations_and_settings_are_in_and_what_is_not_for_users_is_not(wheel: Path) -> None:
    inside = names(wheel)
    assert [name for name in inside if "store/migrations/" in name and name.endswith(".py")]
    assert [name for name in inside if "labextensions/mlstudio/schemas/" in name and name.endswith(".json")]
    unwanted = ("tests/", "node_modules", ".map", "mlstudio/labextension/", "ui-tests", "benchmarks/", "tools/")
    assert not [name for name in inside for part in unwanted if part in name and not name.endswith("source-map.js")]


def test_what_the_wheel_asks_for_is_what_was_tested(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        wanted = email.message_from_bytes(archive.read(metadata)).get_all("Requires-Dist") or []
    for requirement in map(Requirement, wanted):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            try:
                assert requirement.specifier.contains(version(requirement.name), prereleases=True), requirement
            except PackageNotFoundError:
                pytest.fail(f"{requirement} is not installed here, so it was not tested")


def test_jupyter_finds_the_panel_and_the_server_without_node(installed: Environment, tmp_path: Path) -> None:
    panel = installed.run("python", "-m", "jupyterlab.labextensions", "list", home=tmp_path)
    server = installed.run("python", "-m", "jupyter_server.extension.serverextension", "list", home=tmp_path)

    (line,) = [line for line in (panel.stdout + panel.stderr).splitlines() if " mlstudio v" in line]
    assert "enabled" in line
    assert "OK" in line
    text = server.stdout + server.stderr
    assert "mlstudio enabled" in " ".join(text.replace("\x1b[32m", "").replace("\x1b[0m", "").split())
    assert "mlstudio 0" in text
    assert "OK" in text


def test_a_script_is_tracked_and_read_back_from_the_installed_wheel(installed: Environment, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import mlstudio\nmlstudio.log(loss=0.5)\nprint(mlstudio.__file__)\n")

    done = installed.run("mlstudio", "run", "--experiment", "first", "train.py", "--lr", "1", home=tmp_path)
    shown = installed.run("mlstudio", "experiments", "show", "first", "--json", home=tmp_path)

    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installed.folder), "the wheel's code ran, not the checkout's"
    (component,) = json.loads(shown.stdout)["items"]
    assert component["params"] == {"lr": 1}
    assert component["metrics"][0]["last"] == 0.5


def test_the_doctor_finds_the_front_end_of_the_wheel(installed: Environment, tmp_path: Path) -> None:
    done = installed.run("mlstudio", "doctor", "--json", home=tmp_path)
    found = {item["code"]: item for item in json.loads(done.stdout)["items"]}
    assert found["front_end"]["level"] == "ok"
