"""Make a job of a cell: its source as ``cell.py``, files and variables beside it, where it came from.

Reads: the files named. Writes: the store, and a folder that is gone when the job is submitted.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from mlstudio.entities.errors import AlreadyExists, InvalidField, NotFound, StudioError
from mlstudio.entities.experiments import ComponentUpdate, ExperimentCreate, TrialCreate
from mlstudio.entities.job_parts import ProcessingInput, ProcessingOutput
from mlstudio.entities.jobs import Channel, ExperimentConfig, JobSpec, MetricDefinition
from mlstudio.entities.names import timestamped_name
from mlstudio.entities.status import JobKind
from mlstudio.experiments.notebook import present_cell
from mlstudio.jobs.cells import launcher, values
from mlstudio.jobs.client import Job, run_folder, submit
from mlstudio.store import Store, open_store

CELL: Final = "cell.py"
LAUNCHER: Final = "run_cell.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellJob:
    """A cell and how it is to run."""

    source: str
    kind: JobKind = "training"
    name: str | None = None
    interpreter: str | None = None
    """Absolute path; None: this very Python."""
    instance_type: str = "local"
    instance_count: int = 1
    experiment: str | None = None
    """Made when there is none of that name, and so is the trial."""
    trial: str | None = None
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    inputs: list[ProcessingInput] = field(default_factory=list)
    outputs: list[ProcessingOutput] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    metrics: list[MetricDefinition] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    """Files and folders that are copied beside the cell."""
    requirements: Path | None = None
    send: Mapping[str, Any] = field(default_factory=dict)
    """Variables that the cell finds."""
    give_back: list[str] = field(default_factory=list)
    """Variables that come back."""


def check_syntax(source: str) -> None:
    """Refuse a cell that no Python can compile.

    Raises:
        InvalidField: with line and reason.
    """
    try:
        compile(source, CELL, "exec", dont_inherit=True)
    except SyntaxError as error:
        text = (error.text or "").strip()
        magic = text.startswith(("%", "!"))
        raise InvalidField(
            f"Line {error.lineno}: {error.msg}: {text!r:.200}",
            field="cell",
            hint="Magics and shell commands do not work in a job." if magic else None,
        ) from None
    except ValueError as error:  # a NUL
        raise InvalidField(f"The cell is no Python: {error}", field="cell") from None


def submit_cell(cell: CellJob, *, store: Store | None = None) -> Job:
    """Submit a cell as a job.

    Args:
        cell: what, and how.
        store: where it is recorded; default the environment's.

    Raises:
        InvalidField: its syntax, a file that is not there, a variable without a safe format, and as `submit`.
        AgentUnavailable, DiskFull, NotFound, ResourceInUse: as `submit`.
    """
    check_syntax(cell.source)
    store = store or open_store()
    with TemporaryDirectory(prefix="mlstudio-cell-") as made:
        folder = Path(made)
        entry = _write(cell, folder)
        spec = _spec(cell, folder, entry)
        make_places(store, cell.experiment, cell.trial)
        job = submit(spec)
    _remember(job, cell, store)
    return job


def returned(name: str) -> dict[str, Any]:
    """Return the variables that came back from a job that has ended; none when it wrote none.

    Raises:
        NotFound: there is no such job.
        InvalidField: what it left cannot be read.
    """
    folder = run_folder(open_store().get_job(name)) / "ml" / launcher.RETURNED
    try:
        return values.load(folder)
    except (values.Unsendable, ImportError) as error:
        raise InvalidField(str(error), field="return") from None


def _write(cell: CellJob, folder: Path) -> str:
    """Fill the code folder; return the entry point."""
    for file in cell.files:
        if not file.exists():
            raise InvalidField(f"There is no file {str(file)!r:.300}.", field="with_file")
        if file.is_dir():
            shutil.copytree(file, folder / file.resolve().name, symlinks=True)
        else:
            shutil.copy2(file, folder / file.name)
    if cell.requirements is not None:
        if not cell.requirements.is_file():
            raise InvalidField(f"There is no file {str(cell.requirements)!r:.300}.", field="requirements")
        shutil.copy2(cell.requirements, folder / "requirements.txt")
    (folder / CELL).write_text(cell.source, encoding="utf-8")
    if not cell.send and not cell.give_back:
        return CELL
    for module, name in ((launcher, LAUNCHER), (values, "cell_values.py")):
        shutil.copy2(str(module.__file__), folder / name)
    (folder / launcher.WANTED).write_text(json.dumps(cell.give_back), encoding="utf-8")
    try:
        values.save(cell.send, folder / launcher.SENT)
    except values.Unsendable as error:
        raise InvalidField(str(error), field="send") from None
    return LAUNCHER


def _spec(cell: CellJob, folder: Path, entry: str) -> JobSpec:
    config = ExperimentConfig(experiment_name=cell.experiment, trial_name=cell.trial)
    return JobSpec(
        name=cell.name or timestamped_name(cell.experiment or "cell"),
        kind=cell.kind,
        entry_point=entry,
        source_dir=str(folder),
        interpreter=cell.interpreter or sys.executable,
        hyperparameters={key: json.dumps(value) for key, value in cell.hyperparameters.items()},
        arguments=cell.arguments,
        channels=cell.channels,
        inputs=cell.inputs,
        outputs=cell.outputs,
        environment=cell.environment,
        metric_definitions=cell.metrics,
        instance_type=cell.instance_type,
        instance_count=cell.instance_count,
        experiment_config=config,
    )


def make_places(store: Store, experiment: str | None, trial: str | None) -> None:
    """Make an experiment and a trial where they do not exist, as ``%%trial`` does.

    Raises:
        NotFound: a trial that does not exist, without an experiment to make it in.
        InvalidName: a name that cannot be one.
    """
    if experiment is None:
        if trial is not None:
            store.get_trial(trial)
        return
    try:
        store.get_experiment(experiment)
    except NotFound:
        _once(lambda: store.create_experiment(ExperimentCreate(experiment)))
    if trial is None:
        return
    try:
        store.get_trial(trial)
    except NotFound:
        _once(lambda: store.create_trial(TrialCreate(trial, experiment)))


def _once(make: Any) -> None:
    try:
        make()
    except AlreadyExists:  # another process was first
        return


def _remember(job: Job, cell: CellJob, store: Store) -> None:
    """Keep with the trial component which cell of which notebook this was; without it the job runs all the same."""
    shown = present_cell()
    try:
        component = job.record().trial_component
        code = store.code(component).code
        if code is None:
            return
        code = msgspec.structs.replace(
            code,
            source=cell.source,
            cell_id=shown.cell_id if shown else None,
            notebook_path=shown.notebook_path if shown else None,
        )
        store.update_component(component, ComponentUpdate(code=code))
    except StudioError:
        return
