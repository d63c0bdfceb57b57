"""Everything about a submission that can be refused, refused before anything exists.

Each refusal names the field, the value and what to do. Nothing is queued that cannot run.

Reads: a `JobSpec`, and the paths that it names.
"""

from __future__ import annotations

import os
import string
import sys
import warnings
from pathlib import Path
from typing import Final

import msgspec

from mlstudio.entities.errors import InvalidField, StudioError, TooLarge, UnsafePath
from mlstudio.entities.jobs import Channel, JobSpec
from mlstudio.entities.names import check_name
from mlstudio.jobs.checkpoints import check_checkpoints
from mlstudio.jobs.containers import check_image
from mlstudio.jobs.distributed import check_distribution
from mlstudio.jobs.hosts.capacity import capacity
from mlstudio.jobs.hosts.demand import demand
from mlstudio.jobs.locations import check_readable, is_url
from mlstudio.jobs.metrics import Scanner
from mlstudio.jobs.notebook_parameters import check_notebook
from mlstudio.jobs.processing_checks import check_processing
from mlstudio.jobs.runner.stage import Refused, check_entry
from mlstudio.jobs.staging import check_dependencies, source_archive
from mlstudio.jobs.transfer import check_url

MAX_CHANNELS: Final = 20
MAX_HYPERPARAMETERS: Final = 100
MAX_VALUE: Final = 100_000
"""Characters of one hyperparameter; the kernel takes 128 KiB an argument."""
_CHANNEL: Final = frozenset(string.ascii_letters + string.digits + ".-_")
_VARIABLE_FIRST: Final = frozenset(string.ascii_letters + "_")
_VARIABLE: Final = _VARIABLE_FIRST | frozenset(string.digits)


def as_studio_error(refused: Refused) -> StudioError:
    """Return the error of the house that says what the runner refused."""
    kind = {"unsafe_path": UnsafePath, "too_large": TooLarge}.get(refused.code, InvalidField)
    return kind(refused.message, field=refused.field, hint=refused.hint or None)


def check_spec(spec: JobSpec) -> None:
    """Refuse what cannot run.

    Raises:
        InvalidField, InvalidName, UnsafePath, BadRegex, TooLarge: with the field.
    """
    check_form(spec)
    check_name(spec.name, field="job_name")
    demand(spec.instance_type, capacity(), allow_cpu_fallback=spec.allow_cpu_fallback)
    if spec.instance_count != 1:
        raise InvalidField(
            f"instance_count is {spec.instance_count}; jobs of several hosts cannot be run yet.",
            field="instance_count",
            hint="Use instance_count=1.",
        )
    check_image(spec)
    if spec.kind == "processing":
        check_processing(spec)
    elif not spec.entry_point and spec.image_uri is None:
        raise InvalidField("A training job needs an entry_point.", field="entry_point")
    if not os.access(spec.interpreter, os.X_OK):
        raise InvalidField(f"The interpreter {spec.interpreter} cannot be executed.", field="interpreter")
    if spec.entry_point:
        check_source(spec)
    check_distribution(spec)
    check_notebook(spec)
    check_checkpoints(spec)
    check_hyperparameters(spec.hyperparameters)
    check_channels(spec.channels)
    check_environment(spec.environment)
    if spec.output_path is not None and is_url(spec.output_path):
        check_url(spec.output_path, what="output_path", field="output_path", write=True)
    Scanner(spec.metric_definitions)


def check_form(spec: JobSpec) -> None:
    """Refuse values outside the types and limits of `JobSpec`: constructing one checks nothing, reading it back does.

    Raises:
        InvalidField: with the field's path, such as ``metric_definitions[0].regex``.
    """
    try:
        msgspec.convert(msgspec.to_builtins(spec), JobSpec)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at ")
        field = where.rpartition("$.")[2].strip("`") or "spec"
        raise InvalidField(f"The field {field} cannot be taken: {text}.", field=field) from None
    except TypeError as error:
        raise InvalidField(f"The specification of the job cannot be kept: {error}.", field="spec") from None


def check_source(spec: JobSpec) -> None:
    """Refuse a source folder or entry point that cannot be staged."""
    source = Path(spec.source_dir)
    if not source.exists():
        raise InvalidField(f"The source folder {source} does not exist.", field="source_dir")
    check_dependencies(spec)
    if source_archive(spec) is not None:  # its entry point is looked for when it is unpacked
        return
    folder = source if source.is_dir() else source.parent
    try:
        entry = check_entry(folder, spec.entry_point)
    except Refused as refused:
        raise as_studio_error(refused) from None
    check_syntax(spec, entry)


def check_syntax(spec: JobSpec, entry: Path) -> None:
    """Refuse a Python script that its interpreter could not even read; another interpreter's syntax is its own affair.

    Raises:
        InvalidField: with the line.
    """
    if not entry.name.endswith(".py") or spec.command or spec.image_uri or spec.interpreter != sys.executable:
        return
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(entry.read_bytes(), str(entry), "exec", dont_inherit=True)
    except SyntaxError as error:
        line = f" in line {error.lineno}" if error.lineno else ""
        raise InvalidField(
            f"{spec.entry_point} cannot be run: {error.msg}{line}.",
            field="entry_point",
            hint=f"The line is: {error.text.strip():.200}" if error.text and error.text.strip() else None,
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidField(f"{spec.entry_point} cannot be run: {error}.", field="entry_point") from None


def check_hyperparameters(values: dict[str, str]) -> None:
    """Refuse names and values that could not travel as an argument or variable."""
    if len(values) > MAX_HYPERPARAMETERS:
        raise InvalidField(
            f"{len(values)} hyperparameters; at most {MAX_HYPERPARAMETERS} are taken.", field="hyperparameters"
        )
    for key, value in values.items():
        where = f"hyperparameters[{key!r:.80}]"
        if not 0 < len(key) <= 256 or not key.isprintable() or "=" in key:
            raise InvalidField(
                f"The hyperparameter name {key!r:.100} cannot be an argument.",
                field="hyperparameters",
                hint='Names have 1 to 256 printable characters and no "=".',
            )
        if len(value) > MAX_VALUE or "\0" in value:
            raise InvalidField(
                f"{where} has {len(value):,} characters, or a NUL; it cannot be an argument.",
                field="hyperparameters",
                hint="Put large values into a file and give it as a channel of fit(inputs).",
            )


def check_channels(channels: list[Channel]) -> None:
    """Refuse channels whose name or source cannot be used."""
    if len(channels) > MAX_CHANNELS:
        raise InvalidField(f"{len(channels)} channels; at most {MAX_CHANNELS} are taken.", field="inputs")
    for one in channels:
        if not 0 < len(one.name) <= 64 or not set(one.name) <= _CHANNEL or one.name in (".", ".."):
            raise InvalidField(
                f"The channel name {one.name!r:.100} cannot be a folder name.",
                field="inputs",
                hint="Use 1 to 64 letters, digits, dots, dashes and underscores.",
            )
        if is_url(one.source):
            check_url(one.source, what=f"Channel {one.name}", field="inputs")
        else:
            check_readable(one.source, what=f"Channel {one.name}", field="inputs")
    names = [one.name for one in channels]
    if len(set(names)) != len(names):
        raise InvalidField("Two channels have the same name.", field="inputs")


def check_environment(values: dict[str, str]) -> None:
    """Refuse variables that a process cannot be given."""
    if len(values) > 100:
        raise InvalidField(f"{len(values)} variables; at most 100 are taken.", field="environment")
    for key, value in values.items():
        if not key or key[0] not in _VARIABLE_FIRST or not set(key) <= _VARIABLE:
            raise InvalidField(
                f"{key!r:.100} cannot be the name of a variable.",
                field="environment",
                hint="Use letters, digits and underscores, no digit first.",
            )
        if "\0" in value or len(value) > MAX_VALUE:
            raise InvalidField(
                f"The value of {key} holds a NUL or is longer than {MAX_VALUE:,} characters.", field="environment"
            )
