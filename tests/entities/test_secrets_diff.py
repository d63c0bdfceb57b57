"""A diff without secrets is still a diff."""

from __future__ import annotations

import pytest

from mlstudio.entities.secrets_diff import HIDDEN, is_bare, masked_diff

HEAD = "diff --git a/{0} b/{0}\nindex 1..2 100644\n--- a/{0}\n+++ b/{0}\n@@ -1,2 +1,3 @@ def f():\n"


def test_headers_signs_and_the_number_of_lines_stay() -> None:
    text = (
        HEAD.format("train.py")
        + ' x = 1\n+API_KEY = """\n+hush-hush\n+"""\n-token = "hush"\n@@ -9 +9 @@ token="a"\n y\n'
    )

    shown = masked_diff(text)

    assert "hush" not in shown
    assert shown.count("\n") == text.count("\n")
    assert [line[:1] for line in shown.split("\n")] == [line[:1] for line in text.split("\n")]
    assert [line for line in shown.split("\n") if line.startswith("@@")] == [
        line for line in text.split("\n") if line.startswith("@@")
    ]
    assert masked_diff(shown) == shown


def test_a_quote_that_a_hunk_leaves_open_ends_with_the_hunk() -> None:
    text = (
        HEAD.format("train.py")
        + '+API_KEY = """\n+hush\n@@ -20,2 +21,2 @@\n visible = 1\n'
        + HEAD.format("b.py")
        + "+z\n"
    )

    shown = masked_diff(text)

    assert "hush" not in shown
    assert " visible = 1\n" in shown
    assert "+++ b/b.py" in shown


@pytest.mark.parametrize("name", [".env", "prod.env", "id_rsa", "tls.key", "credentials", "db_secrets.yaml"])
def test_nothing_of_a_file_of_secrets_is_shown(name: str) -> None:
    shown = masked_diff(
        HEAD.format(f"conf/{name}") + "+ANYTHING=hush\n@@ -5 +6 @@\n+hush\n" + HEAD.format("b.py") + "+z\n"
    )

    assert "hush" not in shown
    assert HIDDEN in shown
    assert shown.endswith("+z\n")


def test_settings_have_values_without_quotes() -> None:
    shown = masked_diff(HEAD.format("app.ini") + "+password = hush\n+max_tokens = 12\n")

    assert "hush" not in shown
    assert "+max_tokens = 12\n" in shown
    assert is_bare("x/config.yaml")
    assert not is_bare("train.py")


def test_a_diff_of_diffs_is_masked_too() -> None:
    shown = masked_diff("--- a\n+++ b\n@@ -1,2 +1,2 @@\n+@@ -1 +1 @@\n+-API_KEY = 'hush'\n-+API_KEY = 'hush2'\n ")

    assert "hush" not in shown
    assert "+@@ -1 +1 @@" in shown
