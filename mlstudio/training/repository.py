"""``git_config``: a job's code from a repository, cloned when the job is submitted.

git is called with an argument list, never through a shell, asks no questions, and may use only
protocols that run no program of the repository's choice.

Reads: the repository. Writes: a folder that goes with its `Checkout`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import weakref
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from mlstudio.entities.errors import InvalidField, StudioError, UnsafePath

TIMEOUT: Final = 600.0
"""Seconds that one command of git may take."""
_KEYS: Final = ("repo", "branch", "commit")
_SECRETS: Final = ("2FA_enabled", "username", "password", "token")
_REVISION: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./@+-]{0,254}")


def check_git_config(given: Mapping[str, Any]) -> dict[str, str]:
    """Return ``{"repo", "branch", "commit"}`` as given, without what is None.

    Raises:
        InvalidField: an unknown key, credentials, or a value that is no name of a revision.
    """
    if not isinstance(given, Mapping) or not given.get("repo"):
        raise InvalidField("git_config names no repo.", field="git_config", hint='Give {"repo": "https://…"}.')
    for key, value in given.items():
        if key in _SECRETS:
            raise InvalidField(
                f"git_config[{key!r}] is not taken: a secret would be kept with the job.",
                field="git_config",
                hint="Use git's credential helper or an ssh address; git is called as you.",
            )
        if key not in _KEYS:
            raise InvalidField(
                f"git_config has the unknown key {key!r:.100}.",
                field="git_config",
                hint=f"Known keys: {', '.join(_KEYS)}.",
            )
        if value is not None and (not isinstance(value, str) or "\0" in value):
            raise InvalidField(f"git_config[{key!r}] is {value!r:.100}.", field="git_config", hint="Give text.")
        if value and key != "repo" and not _REVISION.fullmatch(value):
            raise InvalidField(
                f"git_config[{key!r}] is {value!r:.100}, which is no name of a revision.",
                field="git_config",
                hint="Give the name of a branch, a tag or a commit.",
            )
    return {key: str(given[key]) for key in _KEYS if given.get(key)}


def without_credentials(repo: str) -> str:
    """Return the address of a repository without a user's name and password.

    >>> without_credentials("https://me:secret@host/x.git")
    'https://host/x.git'
    """
    with contextlib.suppress(ValueError):
        parts = urlsplit(repo)
        if parts.scheme in ("http", "https") and "@" in parts.netloc:
            return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return repo


class Checkout:
    """A repository at a revision, in a folder that is removed with this object.

    Args:
        config: as `check_git_config` returns it.

    Raises:
        InvalidField: git is missing, or the repository or revision cannot be had; git's own words are in it.
    """

    def __init__(self, config: Mapping[str, str]) -> None:
        place = mkdtemp(prefix="mlstudio-git-")
        weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
        self.folder = Path(place) / "repo"
        repo = config["repo"]
        if "://" not in repo and Path(repo).exists():
            repo = str(Path(repo).absolute())
        branch = ["--branch", config["branch"]] if "branch" in config else []
        self._git(["clone", "--quiet", *branch, "--", repo, str(self.folder)], repo)
        if "commit" in config:
            self._git(["-C", str(self.folder), "checkout", "--quiet", "--detach", config["commit"], "--"], repo)
        commit = self._git(["-C", str(self.folder), "rev-parse", "HEAD"], repo)
        self.config = {**config, "repo": without_credentials(repo), "commit": commit.strip()}

    def path(self, inside: str, *, field: str) -> Path:
        """Return a path of the repository.

        Raises:
            UnsafePath: it leads out of it; InvalidField: it is not there.
        """
        root = self.folder.resolve()
        found = (root / inside).resolve()
        if not found.is_relative_to(root):
            raise UnsafePath(
                f"{inside!r:.200} leads out of the repository.", field=field, hint="Give a path relative to its top."
            )
        if not found.exists():
            raise InvalidField(
                f"{inside!r:.200} is not in the repository {self.config['repo']} at {self.config['commit'][:12]}.",
                field=field,
                hint="Give a path relative to its top.",
            )
        return found

    def _git(self, arguments: list[str], repo: str) -> str:
        git = shutil.which("git")
        if git is None:
            raise InvalidField("git is not installed here.", field="git_config", hint="Give a folder as source_dir.")
        environment = {
            **os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
            "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C",
        }  # fmt: skip
        environment.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):  # of a hook that we may be called from
            environment.pop(name, None)
        try:
            done = subprocess.run(
                [git, *arguments], capture_output=True, text=True, errors="replace", timeout=TIMEOUT,
                env=environment, stdin=subprocess.DEVNULL, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise self._failed(repo, f"git took longer than {TIMEOUT:g} s") from None
        if done.returncode != 0:
            said = [line for line in done.stderr.strip().splitlines() if line.strip()]
            raise self._failed(repo, said[-1] if said else f"git ended with {done.returncode}")
        return done.stdout

    @staticmethod
    def _failed(repo: str, why: str) -> StudioError:
        shown = without_credentials(repo)
        return InvalidField(
            f"The repository {shown} cannot be used: {why.replace(repo, shown)[:500]}.",
            field="git_config",
            hint="Try `git clone` with the same address and branch; a local path works too.",
        )
