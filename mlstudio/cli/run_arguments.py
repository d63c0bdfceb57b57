"""Parameters of a script: guessed from its arguments, then as it says that it parsed them.

Knows nothing of: how a program is started.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlstudio.entities.errors import StudioError
from mlstudio.entities.secrets import names_secret
from mlstudio.entities.wire import read_param

if TYPE_CHECKING:
    from mlstudio.experiments import Run

LOOK_SECONDS: Final = 0.25
MOST_BYTES: Final = 4 << 20
Param = bool | int | float | str
_log = logging.getLogger("mlstudio.cli")


def parameters(arguments: Sequence[str]) -> dict[str, Param]:
    """Read parameters from the arguments of a script; a word that names nothing is left out.

    >>> parameters(["--lr", ".1", "--fast", "-n", "3", "opt=adam", "--path=/x", "data.csv"])
    {'lr': 0.1, 'fast': True, 'n': 3, 'opt': 'adam', 'path': '/x'}
    """
    found: dict[str, Param] = {}
    open_flag: str | None = None
    for word in arguments:
        flag = is_flag(word)
        name, equals, value = word.lstrip("-").partition("=") if flag else word.partition("=")
        if open_flag is not None:
            taken = not flag or (names_secret(open_flag) and not word.startswith("--"))  # a password may begin so
            found[open_flag] = read_param(word) if taken else True
            open_flag = None
            if taken:
                continue
        if equals and name.replace(".", "").replace("_", "").replace("-", "").replace("/", "").isalnum():
            found[name] = read_param(value)
        elif flag and name:
            open_flag = name
    if open_flag is not None:
        found[open_flag] = True
    return found


def is_flag(word: str) -> bool:
    """Tell an option from a word or a negative number."""
    return len(word) > 1 and word[0] == "-" and not isinstance(read_param(word), int | float)


class Facts:
    """Follows the file in which the program says what it parsed.

    Args:
        run: gets the parameters as they come.
        path: the file; need not exist.
        guessed: names that were recorded from the arguments; those that the program does not know are taken out.
    """

    def __init__(self, run: Run, path: Path, guessed: Sequence[str]) -> None:
        self._run = run
        self._path = path
        self._guessed = set(guessed)
        self._read = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="mlstudio-facts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """The program ended: read the rest."""
        self._stopped.set()
        self._thread.join(5.0)

    def _follow(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            self._look()
        self._look()

    def _look(self) -> None:
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                data = file.read(MOST_BYTES)
        except OSError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            try:
                params = json.loads(line)["params"]
                said = {
                    str(name): value for name, value in params.items() if isinstance(value, bool | int | float | str)
                }
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue  # a strange program wrote there
            self._record(said)

    def _record(self, said: dict[str, Any]) -> None:
        if not said:
            return
        self._run.log_parameters(said)
        wrong, self._guessed = self._guessed - said.keys(), set()
        if wrong:
            self._take_out(sorted(wrong))

    def _take_out(self, names: list[str]) -> None:
        from mlstudio.entities.experiments import ComponentUpdate
        from mlstudio.store import open_store

        try:
            self._run.flush(2.0)
            open_store().update_component(self._run.component_name, ComponentUpdate(params_to_remove=names))
        except StudioError as error:
            _log.info("Guessed parameters stay: %s", error)
