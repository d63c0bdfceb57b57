"""Secrets are shown nowhere: keys stay, values go."""

from __future__ import annotations

import pytest

from mlstudio.entities.secrets import (
    MASK,
    is_secret,
    masked_arguments,
    masked_value,
    names_secret,
    redact,
    redact_url,
)


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


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("api-key", "hush", MASK),
        ("db/password", 1234, MASK),
        ("max_tokens", 512, 512),
        ("tokenizer", "bert", "bert"),
        ("token", None, None),
        ("note", "run with --token hush1 please", f"run with --token {MASK} please"),
        ("config", '{"api_key": "hush"}', f'{{"api_key": "{MASK}"}}'),
        ("use_auth_token", True, True),
        ("secret", "", ""),
    ],
)
def test_a_parameter_is_masked_by_its_name_and_by_what_it_says(name: str, value: object, shown: object) -> None:
    assert masked_value(name, value) == shown


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["--password", "-x"], ["--password", MASK]),
        (["--password=-x"], [f"--password={MASK}"]),
        (["--password", "--lr", "1"], ["--password", "--lr", "1"]),
        (["--password", "--"], ["--password", MASK]),
        (["--hf-token", "a", "b"], ["--hf-token", MASK, "b"]),
        (["-e", "TOKEN=a"], ["-e", f"TOKEN={MASK}"]),
        (["--header", "Authorization: Bearer ab"], ["--header", f"Authorization: {MASK}"]),
        (["-p", "8080"], ["-p", "8080"]),
        (["sshpass", "-p", "a"], ["sshpass", "-p", MASK]),
        (["/usr/bin/mysql", "-pa", "db"], ["/usr/bin/mysql", f"-p{MASK}", "db"]),
        (["--max-tokens", "512", "--tokenizer=bert"], ["--max-tokens", "512", "--tokenizer=bert"]),
        (["--config", '{"token": "a"}'], ["--config", f'{{"token": "{MASK}"}}']),
    ],
)
def test_command_lines_lose_their_secrets(argv: list[str], shown: list[str]) -> None:
    assert masked_arguments(argv) == shown
    assert masked_arguments(shown) == shown
