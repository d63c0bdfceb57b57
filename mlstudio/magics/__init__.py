"""Notebook magics: ``%load_ext mlstudio`` gives ``%%trial``, ``%experiments`` and ``%compare``.

A door: parses a line, calls the rooms below, shows what they return. Imports IPython, which a script
does not: nothing below imports this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics in `shell`; twice is once."""
    from mlstudio.magics.tables import TableMagics
    from mlstudio.magics.trial import TrialMagics

    if "TrialMagics" in shell.magics_manager.registry:
        return
    trial = TrialMagics(shell)
    shell.register_magics(trial, TableMagics(shell))
    trial.attach()


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics out again (``%unload_ext mlstudio``)."""
    registry = shell.magics_manager.registry
    if "TrialMagics" in registry:
        registry.pop("TrialMagics").detach()
        registry.pop("TableMagics", None)
        for kind, names in (("cell", ("trial",)), ("line", ("trial", "experiments", "compare"))):
            for name in names:
                shell.magics_manager.magics[kind].pop(name, None)
