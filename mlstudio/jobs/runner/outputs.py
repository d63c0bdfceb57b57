"""What a processing job leaves: folders that go where the submitter asked, file by file.

A file appears under its name when it is whole. Links that leave the folder or lead nowhere, pipes,
sockets and devices are skipped and listed: nothing outside the job's folder is read, and opening a
pipe would hang.

Imports: the standard library and the runner.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mlstudio.jobs.runner.sandbox import BASE

TOLD: Final = 5
"""Names of skipped files that are told of each output: exit.json has its space already."""


def files_of(base: Path, folder: Path) -> Iterator[tuple[str, Path | None]]:
    """Yield what lies below an output folder by name.

    Args:
        base: what the job saw as ``/opt/ml``.
        folder: inside it.

    Yields:
        The path relative to `folder`, and the regular file that holds its content; None for what is skipped.
    """
    if folder.is_symlink() or not folder.resolve().is_relative_to(base.resolve()):
        yield ".", None
        return
    root = folder.resolve()
    for here, names, files in os.walk(root):
        names.sort()
        for name in sorted([*files, *(one for one in names if Path(here, one).is_symlink())]):
            path = Path(here, name)
            yield str(path.relative_to(root)), _content(base, root, path)


def _content(base: Path, root: Path, path: Path) -> Path | None:
    try:
        kind = path.lstat().st_mode
        if stat.S_ISREG(kind):
            return path
        if not stat.S_ISLNK(kind):
            return None
        aim = path.readlink()
        if aim.is_relative_to(BASE):  # as the job saw it
            aim = base / aim.relative_to(BASE)
        aim = (path.parent / aim).resolve()
        return aim if aim.is_relative_to(root) and stat.S_ISREG(aim.lstat().st_mode) else None
    except (OSError, RuntimeError):  # a link to nowhere, or in a circle
        return None


def copy_file(source: Path, target: Path, *, link: bool = False) -> bool:
    """Give `target` the content of `source`, all at once; False when it has it already.

    Args:
        source: a regular file.
        target: its folder is made.
        link: let both share their bytes where the file system can.

    Raises:
        OSError: no space, no permission.
    """
    seen = source.stat()
    with contextlib.suppress(OSError):
        there = target.stat()
        if (there.st_size, there.st_mtime_ns) == (seen.st_size, seen.st_mtime_ns):
            return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.parent / f".{os.getpid()}.mlstudio.part"
    try:
        if not (link and _linked(source, part)):
            shutil.copyfile(source, part)
            os.utime(part, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return True


def _linked(source: Path, part: Path) -> bool:
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        return False
    return True


def copy_output(base: Path, folder: Path, target: Path, *, link: bool = False) -> dict[str, Any]:
    """Copy an output folder's files.

    Args:
        base: what the job saw as ``/opt/ml``.
        folder: inside it; one that the job took away counts as empty.
        target: made when missing; files that are there stay, those of the same name are replaced.
        link: as `copy_file`.

    Returns:
        ``{"path", "files", "size", "skipped", "skipped_count"}``.

    Raises:
        OSError: no space, no permission; what was copied until then stays.
    """
    target.mkdir(parents=True, exist_ok=True)
    count = size = 0
    skipped: list[str] = []
    for name, content in files_of(base, folder):
        if content is None:
            skipped.append(name[:200])
            continue
        copy_file(content, target / name, link=link)
        count, size = count + 1, size + content.stat().st_size
    return {
        "path": str(target),
        "files": count,
        "size": size,
        "skipped": skipped[:TOLD],
        "skipped_count": len(skipped),
    }


def deliver(run_dir: Path, outputs: list[dict[str, Any]], *, completed: bool) -> tuple[dict[str, Any], list[str]]:
    """Bring every output where it belongs.

    After a failure or a stop nothing is brought to a destination that was asked for: half a data
    set there would be taken for a whole one. It is kept among the job's artifacts instead.

    Args:
        run_dir: the run folder.
        outputs: of spec.json: ``{"name", "source", "destination", "continuous"}``.
        completed: whether the script succeeded.

    Returns:
        What was made by output name, and a sentence for each output that could not be brought.
    """
    made: dict[str, Any] = {}
    problems: list[str] = []
    for one in outputs:
        wanted = str(one.get("destination") or "")
        asked = wanted and "://" not in wanted and (completed or one.get("continuous"))
        target = Path(wanted) if asked else run_dir / "artifacts" / one["name"]
        try:
            made[one["name"]] = copy_output(
                run_dir / "ml", run_dir / "ml" / one["source"], target, link=target.is_relative_to(run_dir)
            )
        except OSError as error:
            problems.append(
                f"Output {one['name']} could not be written to {target}: {error.strerror or error}; "
                f"its files are kept in {run_dir / 'ml' / one['source']}."
            )
    return made, problems


def keep_intermediate(run_dir: Path, output_path: Path) -> list[str]:
    """Bring what lies in ``output/intermediate`` and was not brought yet; a sentence when it cannot be."""
    folder, target = run_dir / "ml" / "output" / "intermediate", output_path / "intermediate"
    try:
        if next(files_of(run_dir / "ml", folder), None) is not None:
            copy_output(run_dir / "ml", folder, target)
    except OSError as error:
        return [f"output/intermediate could not be written to {target}: {error.strerror or error}."]
    return []


def goes_to_url(plan: dict[str, Any]) -> bool:
    """Tell whether spec.json names a destination that only the program for URLs can write to."""
    places = [str(one.get("destination") or "") for one in plan.get("outputs", [])]
    return any("://" in place for place in [*places, str(plan.get("output_url") or "")])


def told(made: dict[str, Any]) -> list[str]:
    """Return a sentence for each output of which something was skipped."""
    return [
        f"Output {name}: skipped {one['skipped_count']} that are no files of it ({', '.join(one['skipped'])}…)."
        if one["skipped_count"] > len(one["skipped"])
        else f"Output {name}: skipped what is no file of it ({', '.join(one['skipped'])})."
        for name, one in made.items()
        if one["skipped_count"]
    ]
