"""Which parameters a notebook takes: what its cell tagged ``parameters`` assigns.

The cell is read, never run: names by `ast`, values by `ast.literal_eval`, comments by `tokenize`.

Reads: a notebook as JSON.
"""

from __future__ import annotations

import ast
import io
import json
import keyword
import tokenize
from typing import Any, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_requests import NotebookParameter, NotebookParameters
from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs.from_file import NOTEBOOK, kernel_of

TAG: Final = "parameters"
MAX_CELL: Final = 256 << 10
"""Characters of a cell that is read."""


def parameters_of(notebook: dict[str, Any]) -> NotebookParameters:
    """Return what may be given to a notebook.

    Args:
        notebook: as JSON, with its list of cells.
    """
    kernel = kernel_of(notebook)
    cell = next((one for one in notebook["cells"] if is_tagged(one)), None)
    if cell is None:
        return NotebookParameters(tagged=False, kernel=kernel)
    source = cell_text(cell)
    if len(source) > MAX_CELL:
        return NotebookParameters(tagged=True, kernel=kernel, error=f"The cell has {len(source):,} characters.")
    try:
        return NotebookParameters(tagged=True, kernel=kernel, items=_assigned(source))
    except SyntaxError as error:
        return NotebookParameters(tagged=True, kernel=kernel, error=f"Line {error.lineno or 1}: {error.msg}.")
    except (ValueError, RecursionError, MemoryError) as error:
        return NotebookParameters(tagged=True, kernel=kernel, error=f"The cell cannot be read: {error}.")


def check_notebook(spec: JobSpec) -> None:
    """Refuse a notebook that cannot be executed as it is asked for.

    Raises:
        InvalidField: by field.
    """
    if spec.notebook is None:
        return
    if spec.kind != "training" or not spec.entry_point.endswith(NOTEBOOK):
        raise InvalidField(
            f"A notebook job is a training job whose entry_point is a notebook, not {spec.entry_point!r:.200}.",
            field="notebook",
        )
    if spec.distribution is not None or spec.image_uri is not None:
        raise InvalidField("A notebook runs in one process of this host.", field="notebook")
    for name in spec.notebook.parameters:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise InvalidField(f"{name!r:.100} cannot be the name of a variable.", field="parameters")


def is_tagged(cell: Any) -> bool:
    """Tell whether this is the code cell whose values may be replaced."""
    metadata = cell.get("metadata") if isinstance(cell, dict) and cell.get("cell_type") == "code" else None
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return isinstance(tags, list) and TAG in tags


def cell_text(cell: dict[str, Any]) -> str:
    """Return the source of a cell, which stands as text or as lines."""
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _assigned(source: str) -> list[NotebookParameter]:
    lines = [_without_magic(line) for line in source.splitlines()]
    text = "\n".join(lines) + "\n"
    said = _comments(text)
    found: dict[str, NotebookParameter] = {}
    for node in ast.parse(text).body:
        for name, value, kind in _targets(node):
            found[name] = _parameter(name, value, kind, text, _comment(node, said, lines))
    return list(found.values())


def _without_magic(line: str) -> str:
    """Blank out IPython's own lines, which are no Python."""
    return "" if line.startswith(("%", "!")) else line


def _targets(node: ast.stmt) -> list[tuple[str, ast.expr | None, ast.expr | None]]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [(node.target.id, node.value, node.annotation)]
    if isinstance(node, ast.Assign):
        return [(target.id, node.value, None) for target in node.targets if isinstance(target, ast.Name)]
    return []


def _parameter(name: str, value: ast.expr | None, kind: ast.expr | None, text: str, comment: str) -> NotebookParameter:
    written = "" if value is None else ast.get_source_segment(text, value) or ""
    annotation = None if kind is None else ast.get_source_segment(text, kind)
    known: Any = None
    literal = value is not None
    if value is not None:
        try:
            known = ast.literal_eval(value)
            json.dumps(known, allow_nan=False)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            known, literal = None, False
    return NotebookParameter(name=name, value=known, literal=literal, text=written, type=annotation, comment=comment)


def _comments(text: str) -> dict[int, str]:
    """Return comments by line."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, IndentationError):
        return {}
    return {one.start[0]: one.string.lstrip("#").strip() for one in tokens if one.type == tokenize.COMMENT}


def _comment(node: ast.stmt, said: dict[int, str], lines: list[str]) -> str:
    last = node.end_lineno or node.lineno
    if last in said:
        return said[last]
    above: list[str] = []
    number = node.lineno - 1
    while number in said and lines[number - 1].lstrip().startswith("#"):
        above.insert(0, said[number])
        number -= 1
    return " ".join(above)
