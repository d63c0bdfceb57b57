"""The masker: true secrets go, false friends stay, lines stay lines, and the time is linear.

The cases are kept in ``secrets/true.txt`` and ``secrets/false.txt``, one a line.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstudio.entities import secrets_forms, secrets_names, secrets_text, secrets_values
from mlstudio.entities.secrets_text import MASK, hidden, masked, masked_bytes

CASES = Path(__file__).parent / "secrets"
PLANTED = "s3cr3t"
MODULES = (secrets_forms, secrets_names, secrets_text, secrets_values)


def cases(name: str) -> Iterator[str]:
    for line in (CASES / name).read_text(encoding="utf-8").splitlines()[1:]:
        yield line.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")


TRUE, FALSE = list(cases("true.txt")), list(cases("false.txt"))


@pytest.mark.parametrize("case", TRUE)
def test_a_true_secret_is_masked_and_lines_stay_lines(case: str) -> None:
    shown = masked(f"before\n{case}\nafter")

    assert PLANTED in case
    assert PLANTED not in shown
    assert shown.count("\n") == case.count("\n") + 2
    assert shown.startswith("before\n")
    assert shown.endswith("\nafter")
    assert masked(shown) == shown


@pytest.mark.parametrize("case", FALSE)
def test_a_false_friend_stays_as_it_is(case: str) -> None:
    assert masked(case) == case


@pytest.mark.parametrize(
    "case",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "a1" * 18,
        "github_pat_" + "a1" * 20,
        "hf_" + "Ab3" * 11,
        "sk-proj-" + "Ab3_" * 8,
        "glpat-" + "a1" * 10,
        "xoxb-123456789012-abcdef",
        "AIza" + "a1B2c" * 7,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    ],
)
@pytest.mark.parametrize("around", ['x = "{}"', "INFO using {} now", "f({})", "\\n{}\\n", "{}"])
def test_a_form_gives_a_secret_away_under_any_name(case: str, around: str) -> None:
    assert masked(around.format(case)) == around.format(MASK)


def test_a_file_of_settings_is_masked_where_a_program_is_not() -> None:
    text = "db.password = hunter\nname = x\nmax_tokens: 12\n"

    assert masked(text, bare=True) == f"db.password = {MASK}\nname = x\nmax_tokens: 12\n"
    assert masked("password = hunter\n") == "password = hunter\n"  # the name of a variable


def test_a_declared_name_is_one_of_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert masked('license_pin = "12ab"') == 'license_pin = "12ab"'
    monkeypatch.setenv("MLSTUDIO_SECRET_NAMES", "*_PIN, LICENCE*")
    assert masked('license_pin = "12ab"') == f'license_pin = "{MASK}"'
    assert masked("licence_no: 12ab-x") == f"licence_no: {MASK}"


def test_a_private_key_without_an_end_goes_as_far_as_lines_look_like_one() -> None:
    shown = masked("-----BEGIN OPENSSH PRIVATE KEY-----\nMIIE\nabc+/=\n\nfor x in y:\n    pass")

    assert shown == f"-----BEGIN OPENSSH PRIVATE KEY-----\n{MASK}\n{MASK}\n\nfor x in y:\n    pass"


def test_bytes_keep_their_length() -> None:
    data = "größe token=géheim1 ok\n".encode()

    shown = masked_bytes(data)

    assert len(shown) == len(data)
    assert b"heim" not in shown
    assert shown.startswith("größe token=*".encode())
    assert shown.endswith(b"* ok\n")
    assert masked_bytes(b"loss 0.1\xff") == b"loss 0.1\xff"


def test_a_letter_that_grows_in_small_letters_moves_nothing() -> None:
    assert masked("İİİ token=abc") == f"İİİ token={MASK}"


FRAGMENTS = [
    *("token", "password", "API_KEY", "--hf-token", "Authorization", "x", "tokens", "export ", "bearer ", "Value"),
    *(
        "=",
        ":",
        " ",
        "\n",
        "  ",
        "- ",
        '"',
        "'",
        '"""',
        "'''",
        "`",
        "\\",
        "\\n",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        "+",
    ),
    *("abc1", "hunter2", MASK, "****", "$X", "{x}", "<pad>", "|", ">", "#", "@", "://", "a:b@", "é", "İ", "or ", "-p "),
    *("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "MIIE", "sk-", "curl -u ", "login ", "default="),
]
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=24).map("".join)


@given(TEXTS, st.booleans())
@settings(max_examples=600)
def test_to_mask_twice_is_to_mask_once_and_lines_stay(text: str, bare: bool) -> None:
    shown = masked(text, bare=bare)

    assert masked(shown, bare=bare) == shown
    assert shown.count("\n") == text.count("\n")
    spans = hidden(text, bare=bare)
    assert all(begin < end and "\n" not in text[begin:end] for begin, end in spans)
    assert all(left[1] < right[0] or "\n" in text[left[1] : right[0]] for left, right in pairwise(spans))
    assert len(masked_bytes(text.encode())) == len(text.encode())


SECRETS = st.from_regex(r"Zq7[A-Za-z0-9]{5,20}", fullmatch=True)
TEMPLATES = [case for case in TRUE if case.count(PLANTED) == 1]
PLAIN_LINES = st.lists(st.sampled_from([case for case in FALSE if "\n" not in case]), max_size=4)


@given(SECRETS, st.sampled_from(TEMPLATES), PLAIN_LINES, PLAIN_LINES)
@settings(max_examples=600)
def test_whatever_is_planted_is_gone_and_the_rest_is_there(
    secret: str, template: str, before: list[str], after: list[str]
) -> None:
    text = "\n".join([*before, template.replace(PLANTED, secret), *after])

    shown = masked(text).split("\n")

    assert secret not in "\n".join(shown)
    assert shown[: len(before)] == before
    assert not after or shown[-len(after) :] == after


# ---- time, in lines that run: no clock

HOSTILE = {
    "one name": lambda n: "token" * (n // 5),
    "names and signs": lambda n: "token=" * (n // 6),
    "open quotes": lambda n: 'token="' * (n // 7),
    "harmless quotes": lambda n: "token='<token=\"<" * (n // 16),
    "open triples": lambda n: 'token="""<' * (n // 10),
    "lines": lambda n: "token\n" * (n // 6),
    "blocks": lambda n: "token: |\n" * (n // 9),
    "deep blocks": lambda n: "token: |\n  " * (n // 11),
    "dicts": lambda n: "token={'a':" * (n // 11),
    "lists": lambda n: "token=['<a>'," * (n // 13),
    "sums": lambda n: "token='<a>' + " * (n // 14),
    "either": lambda n: "token=a or " * (n // 11),
    "brackets": lambda n: "token=((((((" * (n // 12),
    "keys": lambda n: "-----BEGIN PRIVATE KEY-----\n" * (n // 28),
    "addresses": lambda n: "a://" + "@" * n,
    "forms": lambda n: "eyJ-sk-" * (n // 7),
    "programs": lambda n: "mysql login curl " * (n // 17),
    "a log": lambda n: "step 12 tokens 5 loss 0.3 token_acc: 0.4\n" * (n // 41),
    "nothing": lambda n: "a" * n,
}


def lines_run(text: str) -> int:
    """Return how many lines of the masker run for a text."""
    files = {module.__file__ for module in MODULES}
    count = 0

    def line(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, _event: str, _argument: Any) -> Any:
        return line if frame.f_code.co_filename in files else None

    present = sys.gettrace()
    sys.settrace(call)
    try:
        masked(text)
    finally:
        sys.settrace(present)
    return count


@pytest.mark.parametrize("kind", HOSTILE)
def test_twice_the_text_is_twice_the_work(kind: str) -> None:
    small, large = lines_run(HOSTILE[kind](20_000)), lines_run(HOSTILE[kind](40_000))

    assert large <= 2.2 * small + 2000
    assert small <= 30 * 20_000


@pytest.mark.parametrize("kind", ["one name", "nothing", "addresses"])
def test_a_megabyte_takes_at_most_two_lines_for_each_letter(kind: str) -> None:
    assert lines_run(HOSTILE[kind](1_000_000)) < 2_000_000


def repeats(parsed: Any) -> Iterator[tuple[str, int]]:
    """Yield kind and most of every repeat of a parsed pattern."""
    for operator, argument in parsed:
        name = str(operator)
        if name.endswith("REPEAT"):
            yield name, int(argument[1])
        for part in argument if isinstance(argument, tuple | list) else [argument]:
            if type(part).__name__ == "SubPattern":
                yield from repeats(part)
            elif isinstance(part, list) and part and type(part[0]).__name__ == "SubPattern":
                for one in part:
                    yield from repeats(one)


def patterns(module: ModuleType) -> Iterator[re.Pattern[str]]:
    """Yield the patterns of a module, those in tables too."""
    waiting = list(vars(module).values())
    while waiting:
        one = waiting.pop()
        if isinstance(one, re.Pattern):
            yield one
        elif isinstance(one, tuple) and one and one in [*secrets_forms._FORMS, *secrets_forms._KNOWN_OPTIONS]:
            yield re.compile(one[1])
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, tuple):
            waiting += one


@pytest.mark.parametrize("module", MODULES)
def test_every_repeat_of_every_pattern_is_bounded_or_gives_nothing_back(module: ModuleType) -> None:
    parser = importlib.import_module("re._parser")
    found = [(one.pattern, kind, most) for one in patterns(module) for kind, most in repeats(parser.parse(one.pattern))]

    assert found or module is secrets_names
    loose = [pattern for pattern, kind, most in found if most > secrets_values.MOST and kind != "POSSESSIVE_REPEAT"]
    assert loose == []
