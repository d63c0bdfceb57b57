"""A library's hooks: put in, taken out, and taken out for good when one of them raises.

Promise: nothing that a hook does reaches user code. Whatever it raises is caught here, said once in
the log, and the library is left alone from then on. (A log line and not a Python warning: under
``-W error`` a warning is an exception.)

Knows nothing of: any library, runs.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

_log = logging.getLogger("mlstudio.experiments")
_ABSENT: Final = object()
Result = TypeVar("Result")


class Hook:
    """The hooks of one library.

    Attributes:
        library: its name in `mlstudio.autolog`.
        on: False: every hook that is still in place passes its call through.
        broken: one of them raised; `autolog` leaves the library alone from then on.
    """

    def __init__(self, library: str) -> None:
        self.library = library
        self.on = False
        self.broken = False
        self.seen: set[str] = set()
        """Names of the modules that were hooked."""
        self._undo: list[Callable[[], None]] = []

    def patch(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace an attribute of a module or a class by ``make(what it was)``; `remove` puts it back."""
        self.put(owner, name, make(getattr(owner, name)))

    def put(self, owner: Any, name: str, replacement: Any) -> None:
        """Set an attribute of a module or a class; `remove` puts back what was there, or nothing."""
        held = vars(owner).get(name, _ABSENT)
        setattr(owner, name, replacement)

        def undo() -> None:
            if vars(owner).get(name, _ABSENT) is not replacement:
                return  # somebody wrapped ours since; it passes calls through, as the hook is off
            if held is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, held)

        self._undo.append(undo)

    def undo_with(self, call: Callable[[], None]) -> None:
        """Have `call` made when the hooks are taken out."""
        self._undo.append(call)

    def remove(self) -> None:
        """Take every hook out; the library is as it was."""
        self.on = False
        self.seen.clear()
        while self._undo:
            undo = self._undo.pop()
            try:
                undo()
            except Exception as error:  # noqa: BLE001, RUF100 - a stranger's object; the hook is off all the same
                _log.debug("A hook of %s could not be taken out: %s", self.library, error)

    def failed(self, error: BaseException) -> None:
        """Take the hooks out because one of them raised; says so once."""
        if self.broken:
            return
        self.broken = True
        self.remove()
        _log.warning(
            "mlstudio.autolog no longer follows %s in this process: %s: %s. Your program goes on untouched.",
            self.library,
            type(error).__name__,
            error,
            exc_info=_log.isEnabledFor(logging.DEBUG),
        )

    def attempt(self, call: Callable[..., Result], *args: Any, **kwargs: Any) -> Result | None:
        """Return what `call` returns; None when it raised, and then the hooks are gone."""
        try:
            return call(*args, **kwargs)
        except Exception as error:  # noqa: BLE001, RUF100 - this is the promise of this module
            self.failed(error)
            return None


def around(original: Any, handler: Callable[..., Any]) -> Any:
    """Return a function that stands for `original` and calls ``handler(original, args, kwargs)``.

    `handler` is a function of a module of ours, so that a class which holds the result can still be
    pickled by value (cloudpickle does so with classes of a notebook): the worker that reads it has
    no hooks on, and passes the call through.
    """

    @functools.wraps(original)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        return handler(original, args, kwargs)

    hooked.__mlstudio__ = True  # type: ignore[attr-defined]
    return hooked


def is_hooked(function: Any) -> bool:
    """Tell whether `function` is one of ours."""
    return bool(getattr(function, "__mlstudio__", False))
