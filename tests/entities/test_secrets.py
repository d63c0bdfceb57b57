"""Secrets are shown nowhere: keys stay, values go."""

from __future__ import annotations

import pytest

from mlstudio.entities.secrets import MASK, is_secret, names_secret, redact, redact_url


@pytest.mark.parametrize(
    "name", ["AWS_SECRET_ACCESS_KEY", "hf_token", "DB_PASSWORD", "X_PWD", "OPENAI_API_KEY", "proxy_auth"]
)
def test_names_of_secrets_are_recognised_in_any_case(name: str) -> None:
    assert is_secret(name)
    assert redact({name: "hunter2"}) == {name: MASK}


@pytest.mark.parametrize("name", ["PATH", "EPOCHS", "AUTHOR", "KEYBOARD"])
def test_ordinary_names_are_shown(name: str) -> None:
    assert redact({name: "v"}) == {name: "v"}


def test_a_password_in_a_url_is_cut_out_and_the_rest_stays() -> None:
    assert redact({"REMOTE": "https://me:pw@host:8080/r?x=1"}) == {"REMOTE": f"https://{MASK}@host:8080/r?x=1"}
    assert redact_url("http://[broken@") == "http://[broken@"
    assert redact_url("https://host/@x") == "https://host/@x"
    assert redact_url("plain") == "plain"


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_tokens", 512), ("tokenizer", "bert"), ("TOKENIZERS_PARALLELISM", "false"), ("token-dim", 8), ("lr", 0.1)],
)
def test_the_tokens_of_language_models_are_no_secrets(name: str, value: object) -> None:
    assert not names_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"), [("hf-token", "x"), ("tokenizer.api_key", "x"), ("db.password", 1234), ("auth_token", None)]
)
def test_a_parameter_that_names_a_secret_is_one(name: str, value: object) -> None:
    assert names_secret(name, value)
