"""YAML of a stranger: plain data in a small file, nothing else.

Anchors, aliases, tags, deep nesting and big files are refused before anything is built, so that a
"bomb" of a kilobyte cannot become gigabytes. `yaml.safe_load` builds the rest.

Knows nothing of: what the file means.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from mlstudio.experiments.importers import places

MAX_BYTES: Final = 1 << 18
MAX_DEPTH: Final = 16
MAX_EVENTS: Final = 20_000
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadYaml(Exception):
    """A file that is no plain YAML mapping; the text says why, with the line where one is known."""


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping that a file holds; its keys are texts.

    Raises:
        BadYaml: it cannot be read, or is not what it should be.
    """
    try:
        body = places.read(path, MAX_BYTES + 1)
    except OSError as error:
        raise BadYaml(error.strerror or "cannot be read") from error
    if len(body) > MAX_BYTES:
        raise BadYaml(f"larger than {MAX_BYTES >> 10} kB")
    try:
        text = body.decode("utf-8", "replace")
        _check(text)
        found = yaml.load(text, _Loader)  # noqa: S506 - a safe loader, in C where there is one
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadYaml(f"no YAML{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        raise BadYaml(f"no YAML: {str(error)[:200]}") from error
    if not isinstance(found, dict):
        raise BadYaml("empty, or no mapping")
    return {str(key): value for key, value in found.items()}


def _check(text: str) -> None:
    """Refuse what plain data does not need."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, _Loader)):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise BadYaml("has anchors, which plain data does not need")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise BadYaml("nested too deep")
        if number > MAX_EVENTS:
            raise BadYaml("too many entries")
