"""Notebook magics: ``%load_ext mlstudio`` gives ``%%trial``, ``%%job``, ``%%processing`` and the tables.

A door: parses a line, calls the rooms below, shows what they return. Imports IPython, which a script
does not: nothing below imports this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

NAMES: Final = {
    "cell": ("trial", "job", "processing"),
    "line": ("trial", "experiments", "compare", "jobs", "job"),
}
"""What is registered, by kind."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics in `shell`; twice is once."""
    from mlstudio.magics.job import JobMagics
    from mlstudio.magics.jobs import JobsMagics
    from mlstudio.magics.tables import TableMagics
    from mlstudio.magics.trial import TrialMagics

    if "TrialMagics" in shell.magics_manager.registry:
        return
    trial = TrialMagics(shell)
    shell.register_magics(trial, TableMagics(shell), JobMagics(shell), JobsMagics(shell))
    trial.attach()


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics out again (``%unload_ext mlstudio``)."""
    registry = shell.magics_manager.registry
    if "TrialMagics" in registry:
        registry.pop("TrialMagics").detach()
        for one in ("TableMagics", "JobMagics", "JobsMagics"):
            registry.pop(one, None)
        for kind, names in NAMES.items():
            for name in names:
                shell.magics_manager.magics[kind].pop(name, None)
