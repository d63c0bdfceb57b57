"""The seam behind which every engine stands.

Five verbs, idempotent on (job, attempt). A `Handle` is JSON that can be kept. The truth about an
attempt is always its exit.json; an engine's own state only explains why none is coming.

Imports: the words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

State = Literal["absent", "running", "orphaned", "ended", "rebooted", "lost"]


class Handle(Struct, frozen=True):
    """What an executor needs to find an attempt again."""

    job: str
    attempt: int
    run_dir: str


class Observation(Struct, frozen=True):
    """What is true of an attempt now.

    Attributes:
        state: ``absent`` nothing was written yet; ``running`` its supervisor lives; ``orphaned``
            the supervisor is dead, the job lives; ``ended`` exit.json is there; ``rebooted`` it
            belongs to an earlier boot; ``lost`` supervisor and job are dead without exit.json.
        run: content of run.json.
        exit: content of exit.json.
    """

    state: State
    run: dict[str, Any] | None = None
    exit: dict[str, Any] | None = None


class Executor(ABC):
    """An engine that runs attempts."""

    @abstractmethod
    def submit(self, handle: Handle) -> None:
        """Start an attempt whose run folder is complete; a second call changes nothing."""

    @abstractmethod
    def poll(self, handles: list[Handle]) -> list[Observation]:
        """Return what is true of each, in order."""

    @abstractmethod
    def stop(self, handle: Handle, grace: float, reason: str) -> None:
        """Ask for SIGTERM, and SIGKILL after `grace` seconds; a shorter grace later shortens it."""

    @abstractmethod
    def logs(self, handle: Handle, host: str, offset: int) -> bytes:
        """Return log bytes from an absolute offset."""

    @abstractmethod
    def kill_orphan(self, handle: Handle, grace: float) -> bool:
        """End a job whose supervisor is gone; returns True when nothing of it lives any more."""


def folder(handle: Handle) -> Path:
    """Return the run folder of an attempt."""
    return Path(handle.run_dir)
