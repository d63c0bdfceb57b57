"""The home folder: where everything of one user on one host lives.

    <home>/mlstudio.db          metadata and metric blocks (SQLite)
    <home>/journal/<uid>.mj     metric journals of living, or killed, processes
    <home>/artifacts/           content-addressed files
    <home>/jobs/<job uid>/      run folders
    <home>/runs/<uid>/          what `mlstudio run` prints, by trial component
    <home>/agent/               lock, socket and log of the job agent
    <home>/backup/              copies of the database before a migration

Folders are 0700 and files 0600. `MLSTUDIO_HOME` overrides the platform's user data directory.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mlstudio.entities.errors import StoreUnreachable


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below a home folder; nothing is created before `ensure`."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "mlstudio.db"

    @property
    def journals(self) -> Path:
        return self.root / "journal"

    @property
    def artifacts(self) -> Path:
        return self.root / "artifacts"

    @property
    def jobs(self) -> Path:
        return self.root / "jobs"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def agent(self) -> Path:
        return self.root / "agent"

    @property
    def backups(self) -> Path:
        return self.root / "backup"

    def ensure(self, folder: Path | None = None) -> Path:
        """Create the home, or one of its folders, with mode 0700, and return it.

        Raises:
            StoreUnreachable: the folder cannot be made; the message says why.
        """
        target = folder or self.root
        try:
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnreachable(
                f"The folder {target} cannot be created: {error.strerror or error}.",
                field="MLSTUDIO_HOME",
                hint="Set MLSTUDIO_HOME to a folder on a local disk that you may write to.",
            ) from error
        return target


def default_home() -> Home:
    """Return the home that the environment names, else the platform's user data directory."""
    named = os.environ.get("MLSTUDIO_HOME")
    if named:
        return Home(Path(named).absolute())
    import platformdirs

    return Home(Path(platformdirs.user_data_dir("mlstudio", appauthor=False)))


def default_url(home: Home) -> str:
    """Return ``MLSTUDIO_STORE_URL``, else the SQLite file in `home`."""
    return os.environ.get("MLSTUDIO_STORE_URL") or f"sqlite:///{home.database}"
