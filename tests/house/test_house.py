"""The house rules catch what they say they catch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import house


def broken(rule: object, path: str, text: str) -> list[house.Offence]:
    return list(rule(Path(path), text))  # type: ignore[operator]


def test_a_file_of_401_lines_is_one_too_long() -> None:
    assert not broken(house.a_file_is_read_in_one_sitting, "mlstudio/x.py", "\n" * 400)
    assert broken(house.a_file_is_read_in_one_sitting, "mlstudio/x.py", "\n" * 401)


def test_a_function_of_51_lines_is_one_too_long() -> None:
    body = "    pass\n"
    assert not broken(house.a_function_fits_a_screen, "x.py", f"def f():\n{body * 49}")
    (found,) = broken(house.a_function_fits_a_screen, "x.py", f"@d\nasync def f():\n{body * 49}")
    assert found[1] == 1


@pytest.mark.parametrize("name", ["utils", "helpers", "misc"])
def test_a_module_named_for_nothing_is_found(name: str) -> None:
    assert broken(house.a_module_is_named_for_what_it_does, f"mlstudio/store/{name}.py", "")
    assert not broken(house.a_module_is_named_for_what_it_does, "mlstudio/store/paths.py", "")


def test_a_second_safe_join_is_found_and_the_first_is_not() -> None:
    rule = house.one_way_to_join_a_path_to_check_a_name_to_redact
    text = "import os\ndef safe_join(root, *parts): ...\n"
    assert not broken(rule, "mlstudio/store/paths.py", text)
    assert broken(rule, "mlstudio/server/files.py", text) == [
        ("mlstudio/server/files.py", 2, "a second safe_join; use the one in mlstudio/store/paths.py")
    ]


def test_a_todo_needs_a_number() -> None:
    mark = "TO" + "DO"
    assert broken(house.a_todo_has_a_number, "x.py", f"# {mark}: later")
    assert not broken(house.a_todo_has_a_number, "x.py", f"# {mark}(#12): later")


def test_a_module_without_a_test_is_found() -> None:
    assert broken(house.a_module_has_its_test, "mlstudio/store/no_such_module.py", "")
    assert not broken(house.a_module_has_its_test, "mlstudio/cli/output.py", "")
