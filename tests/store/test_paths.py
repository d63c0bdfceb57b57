"""safe_join: no name leads out of its folder."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstudio.entities.errors import UnsafePath
from mlstudio.store.paths import safe_join
from mlstudio.testing import traversal_corpus


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "canary").write_text("whole")
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("part", traversal_corpus())
def test_a_traversal_is_refused_or_stays_inside(root: Path, part: str) -> None:
    for parts in ((part,), ("inside", part), (part, "inside")):
        try:
            found = safe_join(root, *parts)
        except UnsafePath:
            continue
        assert found.parent in (root.resolve(), root.resolve() / parts[0])
        assert found.name == parts[-1], "nothing was decoded, expanded or cut"


@pytest.mark.parametrize("part", ["..", ".", "", "/", "/etc", "a/b", "a\\b", "C:x", "x\x00", "x\n", "x" * 256])
def test_what_is_no_file_name_is_refused(root: Path, part: str) -> None:
    with pytest.raises(UnsafePath):
        safe_join(root, part)


@pytest.mark.parametrize("part", [None, 5, b"x", Path("x")])
def test_what_is_no_text_is_refused(root: Path, part: object) -> None:
    with pytest.raises(UnsafePath, match="must be text"):
        safe_join(root, part)  # type: ignore[arg-type]


def test_plain_names_of_all_scripts_are_kept(root: Path) -> None:
    for part in ("model.tar.gz", "日本語.txt", "emoji🧪", "with space", "-rf", "%2e%2e", "~", "$HOME", "a.b..c"):
        assert safe_join(root, "deep", part) == root.resolve() / "deep" / part


def test_a_link_that_leads_out_is_refused_and_one_inside_is_followed(root: Path) -> None:
    (root / "out").symlink_to(root.parent)
    (root / "real").mkdir()
    (root / "in").symlink_to(root / "real")
    with pytest.raises(UnsafePath, match="leads out"):
        safe_join(root, "out", "canary")
    with pytest.raises(UnsafePath, match="leads out"):
        safe_join(root, "out")
    assert safe_join(root, "in", "x") == root.resolve() / "real" / "x"


def test_the_root_itself_may_be_a_link(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    assert safe_join(link, "x") == root.resolve() / "x"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet="./\\%2e~:#?" + string.ascii_letters + "\x00\u2025\uff0e", max_size=12), max_size=4))
def test_no_text_leads_out(root: Path, parts: list[str]) -> None:
    try:
        found = safe_join(root, *parts)
    except UnsafePath:
        return
    assert found.is_relative_to(root.resolve())
    assert len(found.relative_to(root.resolve()).parts) == len(parts)
