"""How a program started by ``mlstudio run`` is followed without a change of it: Python imports this first.

Its folder stands first on PYTHONPATH. It takes the folder out of `sys.path`, imports the sitecustomize
that would have been imported without it, then switches autolog on. A Python without mlstudio, of
whatever age, runs on as if nothing were here: no syntax newer than Python 3.0, nothing raised.
"""

import os
import sys


def _leave() -> None:
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120, RUF100 - pathlib is not loaded yet
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]  # noqa: PTH100, RUF100


def _next_one() -> None:
    """Import the sitecustomize behind this one; when there is none, stay in its place."""
    ours = sys.modules.pop("sitecustomize", None)
    try:
        __import__("sitecustomize")
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
    finally:
        if ours is not None:
            sys.modules.setdefault("sitecustomize", ours)


def _follow() -> None:
    try:
        from mlstudio.experiments.autolog.bootstrap import start

        start()
    except Exception:  # noqa: BLE001, S110, RUF100 - the program matters, not its recording
        pass


_leave()
try:
    _next_one()
finally:
    _follow()
