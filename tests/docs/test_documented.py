"""What has a name for users is in the docs: public names, commands, magics, settings, routes, variables."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import mlstudio
from mlstudio.server.routes import ROUTES
from tools import doc_pages

ROOT = Path(__file__).parents[2]
DOCS = "\n".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md")))


def settings() -> list[str]:
    found = []
    for path in sorted((ROOT / "schema").glob("*.json")):
        found += json.loads(path.read_text(encoding="utf-8")).get("properties", {})
    return found


@pytest.mark.parametrize("name", [name for name in mlstudio.__all__ if not name.startswith("_")])
def test_a_public_name_is_in_the_reference(name: str) -> None:
    reference = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
    assert re.search(rf"^::: mlstudio\.[a-z_.]*\b{name}$", reference, re.MULTILINE)


@pytest.mark.parametrize("path", doc_pages.PAGES, ids=lambda path: path.stem)
def test_what_the_code_knows_is_on_its_page(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = path.read_text(encoding="utf-8")
    assert doc_pages.page(text, doc_pages.PAGES[path]()) == text, "run `python tools/doc_pages.py`"


@pytest.mark.parametrize("magic", ["%%trial", "%experiments", "%compare", "%%job", "%%processing", "%jobs", "%job"])
def test_a_magic_has_its_heading(magic: str) -> None:
    assert re.search(rf"^## `{magic}\b", DOCS, re.MULTILINE)


def test_no_magic_is_left_out() -> None:
    shell = InteractiveShell()
    before = {kind: set(names) for kind, names in shell.magics_manager.magics.items()}
    mlstudio.load_ipython_extension(shell)
    after = shell.magics_manager.magics
    assert set(after["line"]) - before["line"] == {"trial", "experiments", "compare", "jobs", "job"}
    assert set(after["cell"]) - before["cell"] == {"trial", "job", "processing"}


@pytest.mark.parametrize("setting", settings())
def test_a_setting_is_described(setting: str) -> None:
    assert f"`{setting}`" in DOCS


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_a_route_is_on_the_http_page(path: str) -> None:
    assert f"`{path}`" in (ROOT / "docs/http.md").read_text(encoding="utf-8")


def test_every_variable_of_ours_is_described() -> None:
    named: set[str] = set()
    for path in (ROOT / "mlstudio").rglob("*.py"):
        named.update(re.findall(r"\"(MLSTUDIO_[A-Z_]+)\"", path.read_text(encoding="utf-8")))
    assert not {name for name in named if name not in DOCS}
