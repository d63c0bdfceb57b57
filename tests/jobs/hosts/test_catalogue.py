"""Sizes by name: AWS's, derived ones, parts of the host, one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio.entities.errors import AlreadyExists, InvalidField, NotFound
from mlstudio.entities.instances import InstanceType
from mlstudio.jobs.hosts.catalogue import KNOWN, add_type, derived, no_type, own_types, part_of_host, remove_type
from mlstudio.store.home import Home

BOX = InstanceType(name="box.small", vcpu=1, memory_gib=2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path)


@pytest.mark.parametrize(
    ("name", "vcpu", "memory", "gpu"),
    [("ml.t3.medium", 2, 4, 0), ("ml.m5.large", 2, 8, 0), ("ml.c5.18xlarge", 72, 144, 0),
     ("ml.p3.16xlarge", 64, 488, 8), ("ml.g4dn.12xlarge", 48, 192, 4), ("ml.p4d.24xlarge", 96, 1152, 8)],
)  # fmt: skip
def test_a_size_is_what_aws_gives(name: str, vcpu: int, memory: float, gpu: int) -> None:
    assert (KNOWN[name].vcpu, KNOWN[name].memory_gib, KNOWN[name].gpu) == (vcpu, memory, gpu)


def test_sizes_that_are_not_listed_are_derived_from_their_names() -> None:
    made = derived("ml.m7i.8xlarge")
    assert made is not None
    assert (made.vcpu, made.memory_gib, made.gpu) == (32, 128, 0)
    gpu = derived("ml.g6.xlarge")
    assert gpu is not None
    assert gpu.gpu == 1


@pytest.mark.parametrize("name", ["", "m5.large", "ml.m5", "ml.m5.huge", "ml..large", "ml.m5.large.x", "ml.m5.0xlarge",
                                  "ml.m5.large\n", "ml.local.large"])  # fmt: skip
def test_what_spells_no_size_is_none(name: str) -> None:
    assert derived(name) is None


def test_the_nearest_sizes_are_named(home: Home) -> None:
    add_type(BOX, home)
    assert "ml.m5.xlarge" in str(no_type("m5.xlarge", home).hint)
    assert "box.small" in str(no_type("box.smal", home).hint)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("ml.local.cpu3", ("cpu", 3)),
        ("ml.local.gpu2", ("gpu", 2)),
        ("ml.local.cpu0", None),
        ("ml.local.cpu", None),
        ("local", None),
    ],
)
def test_parts_of_the_host(name: str, part: tuple[str, int] | None) -> None:
    assert part_of_host(name) == part


def test_own_sizes_are_kept_changed_and_forgotten(home: Home) -> None:
    assert add_type(BOX, home).own
    with pytest.raises(AlreadyExists):
        add_type(BOX, home)
    add_type(InstanceType(name="box.small", vcpu=3, memory_gib=2), home, replace=True)
    assert own_types(home)["box.small"].vcpu == 3
    assert (home.root / "instances.json").stat().st_mode & 0o777 == 0o600
    remove_type("box.small", home)
    assert own_types(home) == {}
    with pytest.raises(NotFound):
        remove_type("box.small", home)


@pytest.mark.parametrize("name", ["ml.m5.large", "local", "ml.m9.large", "ml.local.cpu2", "../x", "a b", "-x"])
def test_a_name_that_means_something_else_is_refused(home: Home, name: str) -> None:
    with pytest.raises(InvalidField):
        add_type(InstanceType(name=name, vcpu=1, memory_gib=1), home)


def test_a_broken_file_counts_as_none_and_is_written_anew(home: Home) -> None:
    (home.root / "instances.json").write_text('[{"name": 3}]')
    assert own_types(home) == {}
    add_type(BOX, home)
    assert list(own_types(home)) == ["box.small"]
