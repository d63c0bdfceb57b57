"""The beginning of a program that ``mlstudio run`` started: autolog on, parameters told to the parent.

Called by ``site/sitecustomize.py`` before the program's first line. Light: nothing but this room's
switch is imported. Helper processes (workers of multiprocessing and joblib, which fit parts of what is
recorded in their parent) are left alone; so is every program under ``MLSTUDIO_AUTOLOG=off``.

Knows nothing of: the command line of mlstudio.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mlstudio.experiments.autolog.switch import VARIABLE, allowed

FACTS: Final = "MLSTUDIO_RUN_FACTS"
"""Names a file: what the program says of its parameters goes there, a JSON object a line."""
SITE: Final = Path(__file__).parent / "site"
_HELPERS: Final = ("--multiprocessing-fork", "joblib.externals.loky", "multiprocessing.resource_tracker", "popen_loky")


def environment(inherited: Mapping[str, str], facts: Path) -> dict[str, str]:
    """Return the variables that make a Python program follow itself.

    Args:
        inherited: the environment so far; under ``MLSTUDIO_AUTOLOG=off`` nothing is added.
        facts: a file that the program may append to.
    """
    if not allowed():
        return dict(inherited)
    path = inherited.get("PYTHONPATH")
    return {
        **inherited,
        VARIABLE: "on",
        FACTS: str(facts),
        "PYTHONPATH": f"{SITE}{os.pathsep}{path}" if path else str(SITE),
    }


def start() -> None:
    """Switch autolog on in this process."""
    if os.environ.get(VARIABLE) != "on" or _is_helper():
        return
    from mlstudio.experiments.autolog import autolog

    autolog()
    if os.environ.get(FACTS):
        from mlstudio.experiments.autolog.arguments import listen

        listen()


def _is_helper() -> bool:
    return any(word in argument for argument in sys.orig_argv for word in _HELPERS)
