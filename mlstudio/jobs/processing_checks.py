"""What of a processing job can be refused, refused before anything exists.

Reads: a `JobSpec`, and the paths that it names.
"""

from __future__ import annotations

import os
import shutil
import string
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs.locations import check_readable, is_url
from mlstudio.jobs.processing_contract import CODE, CODE_INPUT, ROOT, inside, placements
from mlstudio.jobs.transfer import check_url

MAX_INPUTS: Final = 10
"""SageMaker's limit; the script counts as one."""
_NAME: Final = frozenset(string.ascii_letters + string.digits + ".-_")


def check_processing(spec: JobSpec) -> None:
    """Refuse a processing job that cannot run.

    Raises:
        InvalidField: with the field.
    """
    if spec.channels or spec.hyperparameters or spec.distribution:
        raise InvalidField(
            "A processing job has no channels, hyperparameters or distribution.",
            field="kind",
            hint="Use inputs, outputs and arguments.",
        )
    _check_program(spec)
    _check_names([one.name for one in spec.inputs], "input", reserved=CODE_INPUT if spec.entry_point else None)
    _check_names([one.name for one in spec.outputs], "output", reserved=None)
    count = len(spec.inputs) + bool(spec.entry_point)
    if count > MAX_INPUTS:
        raise InvalidField(
            f"{count} inputs, the script counted; at most {MAX_INPUTS} are taken.",
            field="inputs",
            hint="Give a folder instead of its files.",
        )
    for one in spec.inputs:
        _check_path(one.destination, f"The destination of input {one.name}", "inputs")
        if is_url(one.source):
            check_url(one.source, what=f"Input {one.name}", field="inputs")
        else:
            check_readable(one.source, what=f"Input {one.name}", field="inputs")
    for output in spec.outputs:
        _check_path(output.source, f"The source of output {output.name}", "outputs")
        if output.destination is None:
            continue
        if is_url(output.destination):
            check_url(output.destination, what=f"Output {output.name}", field="outputs", write=True)
        else:
            _check_writable(Path(output.destination), output.name)
    _check_places(spec)


def _check_program(spec: JobSpec) -> None:
    if not spec.entry_point and not spec.container_entrypoint and spec.image_uri is None:
        raise InvalidField(
            "There is nothing to run: neither code, nor an entrypoint, nor an image.",
            field="code",
            hint="Use ScriptProcessor(command=[…]).run(code=…), or Processor(entrypoint=[…]).",
        )
    if spec.entry_point and not spec.command and not spec.entry_point.endswith(".py"):
        raise InvalidField(
            f"Nothing says what runs {spec.entry_point}; this Python runs .py files.",
            field="command",
            hint='Use for example command=["/bin/sh"] or command=["Rscript"].',
        )
    program = (spec.command or spec.container_entrypoint or [spec.interpreter])[0]
    if spec.image_uri is not None or "/opt/ml/" in program:
        return
    beside = os.pathsep.join([str(Path(spec.interpreter).parent), os.environ.get("PATH", os.defpath)])
    if shutil.which(program, path=beside) is None:
        there = Path(program).exists()
        raise InvalidField(
            f"The command {program!r:.200} " + ("may not be executed." if there else "is not found on this host."),
            field="command",
            hint=f"Make it executable: chmod +x {program}." if there else 'Use for example command=["python3"].',
        )


def _check_names(names: list[str], what: str, *, reserved: str | None) -> None:
    for name, count in Counter(names).items():
        if not 0 < len(name) <= 64 or not set(name) <= _NAME or name in (".", ".."):
            raise InvalidField(
                f"The {what} name {name!r:.100} cannot be a folder name.",
                field=f"{what}s",
                hint="Use 1 to 64 letters, digits, dots, dashes and underscores.",
            )
        if count > 1:
            raise InvalidField(
                f"Two {what}s have the name {name}.", field=f"{what}s", hint=f"Give each {what} its own."
            )
        if name == reserved:
            raise InvalidField(
                f'The {what} name "{name}" is that of the script.', field=f"{what}s", hint="Use another name."
            )


def _check_path(path: str, what: str, field: str) -> None:
    pure = PurePosixPath(path)
    if "\0" in path or ".." in pure.parts or str(pure) != path.rstrip("/") or not inside(path, ROOT):
        raise InvalidField(
            f"{what} is {path!r:.200}; it has to be a plain path below {ROOT}.",
            field=field,
            hint=f"Use for example {ROOT}/{'input' if field == 'inputs' else 'output'}/train.",
        )


def _check_writable(folder: Path, name: str) -> None:
    if folder.exists() and not folder.is_dir():
        raise InvalidField(f"Output {name}: {folder} is not a folder.", field="outputs", hint="Give a folder.")
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise InvalidField(
            f"Output {name}: nothing may be written to {there}.", field="outputs", hint="Give a folder of yours."
        )


def _check_places(spec: JobSpec) -> None:
    """Refuse two things in one place, and outputs that hold inputs."""
    for path, count in Counter(one.path for one in placements(spec)).items():
        if count > 1:
            raise InvalidField(
                f"Two inputs put something at /opt/ml/{path}.", field="inputs", hint="Give them two destinations."
            )
    taken = [(one.name, one.destination) for one in spec.inputs]
    if spec.entry_point:
        taken.append((CODE_INPUT, CODE))
    for output in spec.outputs:
        for name, destination in taken:
            if inside(destination, output.source):
                raise InvalidField(
                    f"Output {output.name} at {output.source} holds the input {name}.",
                    field="outputs",
                    hint=f"Write to a folder of its own, such as {ROOT}/output/{output.name}.",
                )
