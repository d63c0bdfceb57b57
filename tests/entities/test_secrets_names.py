"""Which names hold secrets, and which only sound so."""

from __future__ import annotations

import pytest

from mlstudio.entities.secrets_names import is_secret, names_secret


@pytest.mark.parametrize(
    "name",
    [
        "apiKey",
        "clientSecret",
        "AccountKey",
        "db.password",
        "--hf-token",
        "refresh_token",
        "BACKEND_TOKEN",
        "X-Api-Key",
    ],
)
def test_a_name_says_secret_in_any_spelling(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        *("max_tokens", "tokens_per_second", "tokenizer", "pad_token", "eos_token", "token_type", "token_type_ids"),
        *("password_field", "PASSWORD_FIELD_NAME", "secret_path", "PWD", "author", "pad_token_id", "keyboard"),
    ],
)
def test_a_name_that_only_sounds_so_is_none(name: str) -> None:
    assert not names_secret(name)


def test_numbers_and_truth_values_are_no_tokens() -> None:
    assert not names_secret("token", 8)
    assert not names_secret("use_password", value=True)
    assert names_secret("pin_password", 1234)


def test_names_are_declared_by_a_variable_and_none_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_secret("WANDB_PIN")
    monkeypatch.setenv("MLSTUDIO_SECRET_NAMES", "*_pin , , *")
    assert is_secret("WANDB_PIN")
    assert names_secret("wandb-pin")
    assert not is_secret("PATH")  # "*" alone would hide everything, and names nothing
    assert is_secret("API_KEY")
