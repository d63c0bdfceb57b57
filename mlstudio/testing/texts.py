"""Texts that break things: names with markup, other scripts and control characters; paths that climb."""

from __future__ import annotations


def hostile_names() -> list[str]:
    """Return texts that must be kept and shown literally wherever free text is allowed."""
    return [
        "<img src=x onerror=alert(1)>",
        "<script>alert('x')</script>",
        "</title><svg/onload=alert(1)>",
        "quote \" and ' and `backtick`",
        "'; DROP TABLE experiment; --",
        "%s %d {0} {name} ${HOME} $(id)",
        "back\\slash and / slash",
        "line\nbreak\ttab\r\nend",
        "data-commandlinker-command",
        "emoji 🧪🚀 and 👩‍🔬",
        "\u202eright to left\u202c אבג مرحبا",
        "combining e\u0301 and ﬁ ligature",
        "zero\u200bwidth",
        "nul\x00inside",
        " leading and trailing ",
        "x" * 10_000,
        "日本語" * 1_000,
        "*?[a-z]",
        "=1+1",
        "nan",
        "true",
        "10",
    ]


def traversal_corpus() -> list[str]:
    """Return spellings of names that try to leave a folder; each must be refused or stay inside."""
    climbs = ["..", "../", "../x", "../../etc/passwd", "a/../../x", "..\\", "..\\x", "a\\..\\..\\x", "....//x"]
    absolutes = ["/", "//", "/etc/passwd", "//proc/self/environ", "\\\\host\\share", "C:\\x", "c:/x", "file:///x"]
    encoded = ["%2e%2e", "%2e%2e%2f", "%2e%2e/x", "..%2fx", "%252e%252e%252f", "%c0%ae%c0%ae/x", "..%5cx", "x%00.txt"]
    controls = ["", ".", "\x00", "x\x00", "x\n", "x\ry", "\x1b[2J", "x\x7f", "\u202e..", "x\u2028y"]
    marks = [
        "x#y/..",
        "x?y=../",
        "#",
        "?",
        "~",
        "~root",
        "$HOME",
        "${HOME}",
        "`id`",
        "$(id)",
        "|id",
        ";id",
        "&id",
        ">x",
    ]
    streams = ["x:y", "x::$DATA", "con:", "nul:", "aux:.txt", "s3://b/k", "http://h/", "data:,x"]
    wide = ["．．", "．．／x", "‥", "…", "∕etc∕passwd", "⧵x", "x／y"]
    shapes = [". ", " .", ".. ", " ..", "...", "-rf", "--help", "a" * 256, "a" * 5000, "é" * 200]
    nested = [f"{'../' * depth}etc/passwd" for depth in range(1, 9)]
    return [*climbs, *absolutes, *encoded, *controls, *marks, *streams, *wide, *shapes, *nested]
