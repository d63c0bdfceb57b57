"""Where a job's checkpoints are: in its run folder, or in a folder that other jobs go on from.

The script writes to ``/opt/ml/checkpoints`` or to the path below ``/opt/ml`` that was asked for.
It is a folder of the run, which the agent hands from attempt to attempt, or a link to the folder
that the job was given: what a script saved is there at once, and whoever is killed loses nothing.

Reads: a `JobSpec`. Writes: links below the run folder, the folder that was given.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobSpec

BASE: Final = PurePosixPath("/opt/ml")
_TAKEN: Final = ("input", "output", "model", "code", "processing", "config")


def inside(path: str) -> str:
    """Return where checkpoints are below ``/opt/ml``, such as ``checkpoints``.

    Raises:
        InvalidField: outside of it, or a folder that has another use.
    """
    wanted = PurePosixPath(path)
    parts = wanted.relative_to(BASE).parts if wanted.is_relative_to(BASE) else ()
    if not parts or ".." in parts or parts[0] in _TAKEN:
        raise InvalidField(
            f"The checkpoint path {path!r:.200} cannot be used.",
            field="checkpoint_local_path",
            hint="Use a folder of its own below /opt/ml, such as /opt/ml/checkpoints.",
        )
    return "/".join(parts)


def check_checkpoints(spec: JobSpec) -> None:
    """Refuse places that cannot be written.

    Raises:
        InvalidField: the path inside the job, or the location on the host.
    """
    inside(spec.checkpoint_path)
    if spec.checkpoint_source is None:
        return
    place = Path(spec.checkpoint_source)
    if "://" in spec.checkpoint_source or not place.is_absolute():
        raise InvalidField(
            f"Checkpoints cannot be kept at {spec.checkpoint_source!r:.200}.",
            field="checkpoint_s3_uri",
            hint="Give a folder of this host; copy it elsewhere when the job has ended.",
        )
    known = next(folder for folder in (place, *place.parents) if folder.exists())
    if not known.is_dir() or not os.access(known, os.W_OK | os.X_OK):
        raise InvalidField(
            f"Checkpoints cannot be kept at {place}: {known} is "
            + ("not writable." if known.is_dir() else "no folder."),
            field="checkpoint_s3_uri",
            hint="Give a folder that you may write; it is made if it does not exist.",
        )


def place(base: Path, spec: JobSpec) -> None:
    """Make the folder of checkpoints below a run's ``ml`` folder, once.

    Args:
        base: the ``ml`` folder of the run.
        spec: what runs; checked.

    Raises:
        OSError: a folder cannot be made.
    """
    folder = base / inside(spec.checkpoint_path)
    if spec.checkpoint_source is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not folder.is_symlink():
        kept = Path(spec.checkpoint_source)
        kept.mkdir(parents=True, exist_ok=True)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.symlink_to(kept, target_is_directory=True)
