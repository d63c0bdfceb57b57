"""Diffs without secrets: file by file, hunk by hunk, so that headers and line numbers stay.

Knows nothing of: git.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Final

from mlstudio.entities.secrets_text import masked

HIDDEN: Final = "\\ not shown: a file of this name may hold secrets\n"
SECRET_FILES: Final = (
    ".env", ".env.*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "id_rsa*", "id_ed25519*", ".netrc", ".pypirc",
    "credentials*", "*secret*.json", "*secret*.y*ml", "*secret*.toml", "*secret*.txt", "*.secret", "secrets",
    ".secrets", "*kubeconfig*",
)  # fmt: skip
"""Names of files of which no line is shown."""
BARE: Final = frozenset(
    {"yaml", "yml", "ini", "cfg", "toml", "conf", "properties", "env", "envrc", "netrc", "pypirc", "npmrc"}
)
"""Endings of files of settings, in which a value stands without quotes."""
_HEADS: Final = re.compile(r"^[+\- ]?(?:@@ |diff --git )", re.MULTILINE)


def is_bare(name: str) -> bool:
    """Tell whether a file's name is that of settings."""
    return name.strip('"').lower().rpartition(".")[2] in BARE


def masked_diff(text: str) -> str:
    """Return a unified diff, also one of diffs, with secrets masked by the names of variables and of files."""
    shown, bare, secret = [], False, False
    places = [found.start() for found in _HEADS.finditer(text)]
    for begin, end in zip([0, *places], [*places, len(text)], strict=True):
        part = text[begin:end]
        header = part[: part.find("\n") + 1] or part
        if "diff --git " in header:
            name = header.rstrip().rpartition("/")[2].strip('"').lower()
            secret = any(fnmatchcase(name, glob) for glob in SECRET_FILES)
            bare = is_bare(name)
            shown.append(header + HIDDEN if secret else masked(part, bare=bare))
        elif not secret:
            shown.append(header + masked(part[len(header) :], bare=bare) if places else masked(part))
    return "".join(shown)
