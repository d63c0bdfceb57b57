"""Code leaves without what reads like a secret, and otherwise as it was written."""

from __future__ import annotations

import pytest

from mlstudio.entities.comparison import CompareReply, CompareRow, TextDiff
from mlstudio.entities.experiments import CodeRecord, CodeReply, EnvironmentRecord
from mlstudio.entities.secrets import masked, masked_arguments
from mlstudio.experiments.shown import LONGEST, cut_lines, shown_code, shown_comparison

KEY = "s3cr3t-value-9"


@pytest.mark.parametrize(
    "line",
    [
        f'API_KEY = "{KEY}"',
        f"password: '{KEY}'",
        f'os.environ["WANDB_API_KEY"] = "{KEY}"',
        f'{{"access_key": "{KEY}"}}',
        f"export HF_TOKEN={KEY}",
        f"+    client_secret=r'{KEY}',",
        f'API_KEY = """{KEY}"""',
        f"os.environ.setdefault('API_KEY', '{KEY}')",
        f'os.getenv("DB_PASSWORD", "{KEY}")',
        f'api_key: Optional[str] = "{KEY}"',
        f'password = "a\\"{KEY}"',
        f'TOKENIZER_API_KEY = "{KEY}"',
        f'    def f(self, password: str = "{KEY}"):',
        f"url = 'postgresql://me:{KEY}@host/db'",
        f"git remote add o https://x:{KEY}@github.com/a/b",
        'key = "AKIAIOSFODNN7EXAMPLE"',
        'gh = "ghp_' + "a1" * 18 + '"',
        "t = 'hf_" + "Ab3" * 11 + "'",
        'jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"',
    ],
)
def test_a_secret_is_masked(line: str) -> None:
    shown = masked(f"before\n{line}\nafter")

    assert "••••" in shown
    assert KEY not in shown
    assert shown.split("\n")[0::2] == ["before", "after"]
    for piece in ("AKIAIOSFODNN7EXAMPLE", "a1a1a1", "Ab3Ab3", "eyJhbGci"):
        assert piece not in shown


@pytest.mark.parametrize(
    "line",
    [
        "tokenizer = AutoTokenizer.from_pretrained('bert-base-uncased')",
        "max_new_tokens=512",
        "tokenizer='bert-base-uncased'",
        "pad_token='<pad>'",
        "columns = ['token_type_ids', 'attention_mask']",
        "password = getpass.getpass()",
        "token = args.token",
        "api_key=os.environ['API_KEY']",
        "if token == other: pass",
        "def login(token: str) -> None:",
        "loss = model(tokens)",
        "f'{token}'",
        "https://example.com/a@b",
        "",
    ],
)
def test_code_that_holds_no_secret_stays_as_it_is(line: str) -> None:
    assert masked(line) == line


def test_a_private_key_is_masked_line_by_line() -> None:
    text = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nb"

    shown = masked(text)

    assert "MIIE" not in shown
    assert shown.count("\n") == text.count("\n")
    assert shown.endswith("\nb")


def test_a_line_of_data_is_cut() -> None:
    shown = cut_lines("x" * 100_000)
    assert len(shown) < LONGEST + 100
    assert "characters cut" in shown


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["train.py", "--lr", "0.1"], ["train.py", "--lr", "0.1"]),
        (["t.py", f"--api-key={KEY}"], ["t.py", "--api-key=••••"]),
        (["t.py", "--token", KEY, "--lr=1"], ["t.py", "--token", "••••", "--lr=1"]),
        (["t.py", "--password", "--lr"], ["t.py", "--password", "--lr"]),
        (["t.py", f"db=postgres://u:{KEY}@h/d"], ["t.py", "db=postgres://••••@h/d"]),
        (["t.py", "--max-tokens", "512"], ["t.py", "--max-tokens", "512"]),
    ],
)
def test_command_lines_lose_their_secrets(argv: list[str], shown: list[str]) -> None:
    assert masked_arguments(argv) == shown


def test_all_of_a_reply_is_masked() -> None:
    code = CodeRecord(
        git_remote=f"https://u:{KEY}@h/r.git", argv=["--token", KEY], source=f"token = '{KEY}'", git_commit="c"
    )
    env = EnvironmentRecord(python="3.11", variables={"MY_TOKEN": KEY, "CUDA": "0"})
    shown = shown_code(CodeReply(code, env, f"+password = '{KEY}'"))

    assert KEY not in repr(shown)
    assert shown.code
    assert shown.env
    assert (shown.code.git_commit, shown.env.variables["CUDA"]) == ("c", "0")
    assert shown_code(CodeReply()) == CodeReply()


def test_a_comparison_is_masked() -> None:
    rows = [
        CompareRow(group="environment", key="environment.MY_TOKEN", values=[KEY, None], differs=True),
        CompareRow(group="code", key="code.argv", values=[f"--x token={KEY}", 1], differs=True),
        CompareRow(group="params", key="params.token", values=[KEY, 2.0], differs=True),
    ]
    diffs = [TextDiff(left="a", right="b", what="source", diff=f"+api_key='{KEY}'")]
    shown = shown_comparison(CompareReply(components=["a"], labels=["a"], rows=rows, diffs=diffs))

    assert KEY not in repr(shown)
    assert shown.rows[2].values == ["••••", 2.0]
