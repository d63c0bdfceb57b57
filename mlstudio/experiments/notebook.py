"""Which notebook cell runs now: its very source, its id, and the notebook's path.

Asked of IPython, ipykernel and what front ends tell the kernel (JupyterLab, VS Code). Every answer
may be missing; nothing here raises.

Knows nothing of: runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

_PATH_VARIABLES: Final = ("JPY_SESSION_NAME", "PAPERMILL_OUTPUT_PATH")


@dataclass(frozen=True)
class Cell:
    """A notebook cell: its source, its id, and the notebook's path where it is known."""

    source: str
    cell_id: str | None = None
    notebook_path: str | None = None


_said: ContextVar[Cell | None] = ContextVar("mlstudio_cell", default=None)


@contextmanager
def cell(source: str, cell_id: str | None = None, notebook_path: str | None = None) -> Iterator[None]:
    """Say that what runs inside is this notebook cell; the magics do."""
    token = _said.set(Cell(source, cell_id, notebook_path))
    try:
        yield
    finally:
        _said.reset(token)


def present_cell() -> Cell | None:
    """Return the cell that runs now, None outside notebooks."""
    said, found = _said.get(), None
    with suppress(Exception):  # a shell of another make
        found = _of_shell()
    if said is None or found is None:
        return said or found
    same = found.cell_id if found.source == said.source else None
    return Cell(said.source, said.cell_id or same, said.notebook_path or found.notebook_path)


def _of_shell() -> Cell | None:
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return None
    message = _message(shell)
    metadata = message.get("metadata") or {}
    cell_id = metadata.get("cellId")
    source = (message.get("content") or {}).get("code")
    if not isinstance(source, str) or not source:
        inputs = shell.user_ns.get("In") or [""]
        source = str(inputs[-1])
    return Cell(source, str(cell_id) if cell_id else None, _path(shell.user_ns))


def _message(shell: Any) -> Mapping[str, Any]:
    """Return the request that runs now; empty in a terminal."""
    message = getattr(shell, "parent_header", None)
    return message if isinstance(message, Mapping) else {}


def _path(names: Mapping[str, Any]) -> str | None:
    """Return the notebook's path: from VS Code, from the server's session, from papermill."""
    told = names.get("__vsc_ipynb_file__")
    candidates = [told, *(os.environ.get(name) for name in _PATH_VARIABLES), names.get("__session__")]
    return next((str(one) for one in candidates if isinstance(one, str) and one), None)
