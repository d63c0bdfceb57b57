"""The code of a job: its source, a folder, a file or an archive, and its dependencies beside it.

Everything is copied when the job is submitted, so that nothing changes it afterwards. All of it
together is bounded.

Reads: what a `JobSpec` names. Writes: the run's code folder.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs.archive import is_archive, unpack_source
from mlstudio.jobs.runner.stage import LIMIT, Refused, check_entry, copy_source


def source_archive(spec: JobSpec) -> Path | None:
    """Return the archive that a job's source is, None when it is a folder or a script."""
    source = Path(spec.source_dir)
    return source if is_archive(source) and source.is_file() and source.name != spec.entry_point else None


def check_dependencies(spec: JobSpec) -> None:
    """Refuse dependencies that cannot be copied.

    Raises:
        InvalidField: one is missing, or two have one name.
    """
    seen: set[str] = set()
    for one in map(Path, spec.dependencies):
        if not one.exists():
            raise InvalidField(
                f"The dependency {one} does not exist.", field="dependencies", hint="Give existing folders and files."
            )
        if one.name in seen:
            raise InvalidField(
                f"Two dependencies have the name {one.name}.", field="dependencies", hint="Rename one of the folders."
            )
        seen.add(one.name)


def stage_code(spec: JobSpec, code: Path, *, limit: int = LIMIT) -> None:
    """Copy a job's source and dependencies into the new folder `code`.

    Args:
        spec: what runs; its `entry_point` lies in the source.
        code: made; must not exist.
        limit: bytes that all may have together.

    Raises:
        Refused: more than `limit`, links that lead out, an archive that cannot be trusted, a name that is taken.
        OSError: a file cannot be read or the disk is full.
    """
    archive = source_archive(spec)
    if archive is None:
        left = limit - copy_source(Path(spec.source_dir), code, limit=limit).size
    else:
        unpack_source(archive, code, limit=limit)
        check_entry(code, spec.entry_point)
        left = limit - sum(path.lstat().st_size for path in code.rglob("*") if path.is_file())
    for one in map(Path, spec.dependencies):
        left -= _add(one, code, left)


def _add(dependency: Path, code: Path, limit: int) -> int:
    """Copy a folder or file beside the code and return its bytes."""
    target = code / dependency.name
    if target.exists() or target.is_symlink():
        raise Refused(
            f"The dependency {dependency} has the name of something in the source folder.",
            field="dependencies",
            hint="Rename one of the two: both would be in the same folder.",
        )
    if not dependency.is_dir():
        if dependency.stat().st_size > limit:
            raise Refused(
                f"The dependency {dependency} is too large for what a job's code may have in all.",
                code="too_large",
                field="dependencies",
                hint="Give data as a channel of fit(inputs).",
            )
        shutil.copy2(dependency, target)
        return target.stat().st_size
    try:
        return copy_source(dependency, target, limit=max(0, limit)).size
    except Refused as refused:
        refused.field = "dependencies"
        raise
