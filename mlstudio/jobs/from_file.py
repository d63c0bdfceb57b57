"""A file of the file browser, and what it is to run with, turned into the specification of a job.

The file alone is the job's code, or its whole folder. A notebook is executed cell by cell
(`NotebookRun`), anything else is run as it is.

Reads: the file. Knows nothing of: HTTP, the contents manager; whoever calls has found the file and
may run it.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import msgspec

from mlstudio.entities.errors import DiskFull, InvalidField
from mlstudio.entities.job_parts import NotebookRun
from mlstudio.entities.job_requests import JobFromFile
from mlstudio.entities.jobs import JobSpec
from mlstudio.entities.names import legal_name, timestamped_name
from mlstudio.jobs.runner.stage import Refused, check_entry

NOTEBOOK: Final = ".ipynb"
SUFFIXES: Final = (".py", ".sh", NOTEBOOK)
MAX_NOTEBOOK: Final = 64 << 20
"""Bytes of a notebook that is read for its kernel and its parameters."""


class KernelProgram(NamedTuple):
    """What a kernelspec starts."""

    language: str
    argv: list[str]


Kernels = Callable[[str], KernelProgram | None]
"""Finds a kernelspec by name; None: there is none."""


def installed_kernels(name: str) -> KernelProgram | None:
    """Find a kernelspec that is installed for this user. A `Kernels`."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError, OSError):
        return None
    return KernelProgram(str(spec.language), list(spec.argv))


def spec_of(request: JobFromFile, file: Path, kernels: Kernels) -> JobSpec:
    """Return the job that runs a file.

    Args:
        request: how.
        file: the file that `request.path` names.
        kernels: the kernelspecs of whoever asks.

    Raises:
        InvalidField: it is no file that can be run, or the kernel does not exist or is no Python.
    """
    if file.suffix not in SUFFIXES:
        raise InvalidField(
            f"{file.name!r:.200} cannot be run as a job.", field="path", hint=f"Give a {', '.join(SUFFIXES)} file."
        )
    if not file.is_file():
        raise InvalidField(f"{request.path!r:.200} is not a file.", field="path")
    processing = request.kind == "processing"
    if processing and (request.hyperparameters or request.metric_definitions):
        raise InvalidField(
            "A processing job has no hyperparameters and no metrics.", field="hyperparameters", hint="Use arguments."
        )
    stem = legal_name(file.stem, fallback="job")
    plain = ("instance_type", "allow_cpu_fallback", "max_run", "priority", "retries", "experiment_config")
    return JobSpec(
        name=request.name or timestamped_name(stem),
        kind=request.kind,
        entry_point=file.name,
        source_dir=str(file.parent if request.with_folder else file),
        interpreter=_interpreter(request, file, kernels),
        notebook=_notebook(request, file, kernels),
        hyperparameters={key: _json(key, value) for key, value in request.hyperparameters.items()},
        command=["/bin/sh"] if processing and file.suffix == ".sh" else [],
        arguments=request.arguments,
        environment=request.environment,
        metric_definitions=request.metric_definitions,
        **{name: getattr(request, name) for name in plain},
    )


@contextmanager
def runnable(request: JobFromFile, file: Path) -> Iterator[Path]:
    """Yield the file under a name that an entry point may have: notebooks are called "My notebook (1).ipynb".

    A file that is named otherwise is copied for as long as the block lasts; with its folder it cannot be.

    Raises:
        InvalidField: the name cannot be an entry point, and the folder is to come along.
        DiskFull: there is no space for the copy.
    """
    try:
        check_entry(file.parent, file.name)
    except Refused as refused:
        if not file.is_file():
            raise InvalidField(f"{request.path!r:.200} is not a file.", field="path") from None
        if request.with_folder:
            raise InvalidField(refused.message, field="path", hint="Rename the file, or run it alone.") from None
        with TemporaryDirectory(prefix="mlstudio-file-") as folder:
            yield _copied(file, Path(folder))
    else:
        yield file


def _copied(file: Path, folder: Path) -> Path:
    target = folder / f"{legal_name(file.stem, fallback='job')}{file.suffix}"
    try:
        shutil.copy2(file, target)
    except OSError as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise InvalidField(f"{file.name!r:.200} cannot be read: {error.strerror}.", field="path") from None
        raise DiskFull(f"{file.name!r:.200} cannot be copied: {error.strerror or error}.") from error
    return target


def _interpreter(request: JobFromFile, file: Path, kernels: Kernels) -> str:
    """Return the Python that runs the file; a notebook's kernel is another process, which our own starts."""
    if file.suffix == NOTEBOOK or request.interpreter is None:
        return sys.executable
    found = _kernel(request.interpreter, kernels)
    if found.language.lower() != "python":
        raise InvalidField(
            f"The kernel {request.interpreter!r:.100} speaks {found.language}; a script is run by Python.",
            field="interpreter",
        )
    return _program(found)


def _kernel(name: str, kernels: Kernels) -> KernelProgram:
    found = kernels(name)
    if found is None:
        raise InvalidField(
            f"There is no kernel {name!r:.100}.", field="interpreter", hint="jupyter kernelspec list shows them."
        )
    return found


def _program(found: KernelProgram) -> str:
    """Return the program of a kernelspec as an absolute path; "python" is ours, as jupyter_client reads it."""
    first = found.argv[0] if found.argv else "python"
    if first in ("python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info[:2])):
        return sys.executable
    program = shutil.which(first)
    if program is None:
        raise InvalidField(f"The program {first!r:.200} of that kernel is not there.", field="interpreter")
    return str(Path(program).absolute())


def _notebook(request: JobFromFile, file: Path, kernels: Kernels) -> NotebookRun | None:
    if file.suffix != NOTEBOOK:
        if request.parameters:
            raise InvalidField(
                f"{file.name!r:.200} is no notebook; it takes hyperparameters or arguments.", field="parameters"
            )
        return None
    if request.kind != "training":
        raise InvalidField("A notebook runs as a training job.", field="kind")
    name = request.interpreter or kernel_of(read_notebook(file))
    language = "python" if name is None else _kernel(name, kernels).language
    if request.parameters and language.lower() != "python":
        raise InvalidField(
            f"The kernel {name!r:.100} speaks {language}; parameters are put into Python notebooks.", field="parameters"
        )
    return NotebookRun(parameters=request.parameters, kernel=name)


def read_notebook(file: Path) -> dict[str, Any]:
    """Return a notebook as JSON.

    Raises:
        InvalidField: it is none, or too large.
    """
    try:
        if file.stat().st_size > MAX_NOTEBOOK:
            raise InvalidField(f"{file.name!r:.200} is larger than {MAX_NOTEBOOK >> 20} MiB.", field="path")
        found = msgspec.json.decode(file.read_bytes())
    except OSError as error:
        raise InvalidField(f"{file.name!r:.200} cannot be read: {error.strerror or error}.", field="path") from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        raise InvalidField(
            f"{file.name!r:.200} is no notebook that can be read.", field="path", hint="Open it in Lab and save it."
        )
    return found


def kernel_of(notebook: dict[str, Any]) -> str | None:
    """Return the name of the kernelspec that a notebook was written for."""
    metadata = notebook.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    name = spec.get("name") if isinstance(spec, dict) else None
    return name if isinstance(name, str) and name else None


def _json(name: str, value: object) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except (ValueError, TypeError) as error:
        raise InvalidField(f"The value of {name!r:.100} is no JSON: {error}.", field="hyperparameters") from None
