"""Records leave without secrets, and the records themselves stay as they were."""

from __future__ import annotations

from mlstudio.entities.experiments import CodeRecord, EnvironmentRecord
from mlstudio.entities.secrets_records import masked_code, masked_environment

KEY = "s3cr3t-value-9"


def test_code_is_masked_in_all_its_parts() -> None:
    code = CodeRecord(
        git_remote=f"https://u:{KEY}@h/r.git",
        entrypoint="/usr/bin/sshpass",
        argv=["-p", KEY, "--token", KEY, "-n", "3"],
        source=f"token = '{KEY}'\nlr = 1\n",
    )

    shown = masked_code(code)

    assert KEY not in repr(shown)
    assert KEY in repr(code)
    assert (shown.argv[0], shown.argv[-2:], shown.source) == ("-p", ["-n", "3"], "token = '••••'\nlr = 1\n")
    assert masked_code(shown) == shown


def test_an_environment_keeps_what_is_none() -> None:
    env = EnvironmentRecord(python="3.11", variables={"MY_TOKEN": KEY, "TOKENIZERS_PARALLELISM": "false"})

    assert masked_environment(env).variables == {"MY_TOKEN": "••••", "TOKENIZERS_PARALLELISM": "false"}
