"""Turn a `JobSpec` into a record, a trial component and a run folder that is ready to run.

The order makes every break-off harmless: checks first, then the copy of the code beside the run
folders, then the records, and the folder gets its name last. What breaks off in between leaves a
job that the agent ends with the reason.

Reads: the submitter's environment and source folder. Writes: the store, ``<home>/jobs``.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.errors import AlreadyExists, DiskFull, InvalidField, NotFound, StudioError
from mlstudio.entities.experiments import ArtifactRef, CodeRecord, ComponentCreate, ComponentUpdate, TrialCreate
from mlstudio.entities.jobs import JobRecord, JobSpec, JobUpdate
from mlstudio.entities.names import MAX_NAME, new_uid, timestamped_name
from mlstudio.entities.status import JobKind
from mlstudio.entities.wire import MAX_INT, ParamValue
from mlstudio.jobs.checks import as_studio_error, check_spec
from mlstudio.jobs.contract import JobNames, command, decode_value, user_values
from mlstudio.jobs.runner.stage import Refused
from mlstudio.jobs.staging import stage_code
from mlstudio.jobs.transfer import fetch_own
from mlstudio.jobs.tree import write_tree
from mlstudio.store.home import Home, default_url
from mlstudio.store.laws import Store

_SOURCE_LIMIT: Final = 256 << 10
"""Bytes of the entry script that are kept with the component."""


def component_name(job: str, kind: JobKind = "training", *, unique: bool = False) -> str:
    """Return the name of a new job's trial component: ``<job>-aws-training-job``, or ``-processing-job``.

    A job name too long for it is cut and told apart by a hash.

    Args:
        job: its name.
        kind: of the job.
        unique: add a random part; for a name that an earlier, deleted job's component holds.
    """
    suffix = f"-aws-{kind}-job"
    room = MAX_NAME - len(suffix) - 9
    if unique:
        return f"{job[:room].rstrip('-')}-{new_uid()[-8:].lower()}{suffix}"
    if len(job) + len(suffix) > MAX_NAME:
        job = f"{job[:room].rstrip('-')}-{hashlib.sha256(job.encode()).hexdigest()[:8]}"
    return job + suffix


def trials_of(store: Store, spec: JobSpec) -> list[str]:
    """Return the trials that the job's component joins; as SageMaker, an experiment alone gets a new trial.

    Raises:
        NotFound: the experiment or trial does not exist.
        InvalidField: the trial belongs to another experiment.
    """
    config = spec.experiment_config
    if config.trial_name is not None:
        trial = store.get_trial(config.trial_name)
        if config.experiment_name not in (None, trial.experiment_name):
            raise InvalidField(
                f"Trial {trial.name} belongs to experiment {trial.experiment_name}, not to {config.experiment_name}.",
                field="experiment_config",
            )
        return [trial.name]
    if config.experiment_name is None:
        return []
    try:
        store.get_experiment(config.experiment_name)
    except NotFound as error:
        raise NotFound(
            error.message,
            field="experiment_config",
            hint=f"Create it first: Experiment.create(experiment_name={config.experiment_name!r}).",
        ) from None
    name = spec.name if len(spec.name) < MAX_NAME - 6 else timestamped_name(spec.name)
    try:
        return [store.create_trial(TrialCreate(f"{name}-trial", config.experiment_name)).name]
    except AlreadyExists:
        return [store.create_trial(TrialCreate(timestamped_name(name), config.experiment_name)).name]


def component_params(spec: JobSpec) -> dict[str, ParamValue]:
    """Return what the component shows as parameters: hyperparameters as values, and SageMaker's own."""
    import json

    def shown(value: object) -> ParamValue:
        if isinstance(value, (bool, str)):
            return value
        if isinstance(value, int):
            return value if abs(value) <= MAX_INT else str(value)
        if isinstance(value, float):
            return value if abs(value) < float("inf") else str(value)
        return json.dumps(value)

    own: dict[str, ParamValue] = {
        "SageMaker.InstanceType": spec.instance_type,
        "SageMaker.InstanceCount": spec.instance_count,
    }
    if spec.volume_size is not None:
        own["SageMaker.VolumeSizeInGB"] = spec.volume_size
    values = user_values(spec) if spec.kind == "training" else argument_values(spec.arguments)
    return {**{key: shown(value) for key, value in values.items()}, **own}


def argument_values(arguments: Sequence[str]) -> dict[str, Any]:
    """Return the values of arguments that are given by name; numbers as numbers.

    >>> argument_values(["data.csv", "--downsample", "0.5", "--mode=fast", "--dry-run"])
    {'downsample': 0.5, 'mode': 'fast'}
    """
    found: dict[str, Any] = {}
    for place, text in enumerate(arguments):
        if not text.startswith("--") or len(text) < 3:
            continue
        name, equals, value = text[2:].partition("=")
        following = arguments[place + 1] if place + 1 < len(arguments) else "--"
        if not equals and not following.startswith("--"):
            equals, value = "=", following
        if equals and name:
            number = decode_value(value)
            found[name[:256]] = number if isinstance(number, (int, float)) else value
    return found


def _component(spec: JobSpec, job: JobRecord, trials: list[str], code: Path) -> ComponentCreate:
    config = spec.experiment_config
    source = ""
    if spec.entry_point:
        source = (code / spec.entry_point).read_bytes()[:_SOURCE_LIMIT].decode("utf-8", "replace")
    inputs = {one.name: ArtifactRef(value=one.source, media_type=one.content_type) for one in spec.channels}
    inputs |= {one.name: ArtifactRef(value=one.source) for one in spec.inputs}
    image = spec.image_uri or spec.recorded.get("image_uri")
    if image:
        inputs["SageMaker.ImageUri"] = ArtifactRef(value=image)
    return ComponentCreate(
        name=job.trial_component,
        display_name=config.trial_component_display_name or config.run_name,
        kind=spec.kind,
        source_arn=job.arn,
        status="InProgress",
        params=component_params(spec),
        tags=dict(spec.tags),
        inputs=inputs,
        trials=trials,
        code=CodeRecord(entrypoint=spec.entry_point, argv=command(spec, code), source=source),
    )


def prepare(spec: JobSpec, store: Store, home: Home) -> JobRecord:
    """Check, stage, record: everything but handing the job to the agent.

    Args:
        spec: what to run.
        store: where it is recorded.
        home: where its folder is made.

    Returns:
        The record; the first one when the same submission (`client_token`) was made before.

    Raises:
        InvalidField, InvalidName, UnsafePath, BadRegex, TooLarge: the specification, by field.
        NotFound: experiment or trial.
        ResourceInUse: a job of that name exists.
        DiskFull: no space for the copy of the code.
    """
    check_spec(spec)
    staged = home.ensure(home.jobs) / f".staged-{new_uid()}"
    try:
        _stage(spec, staged / "ml" / "code")
        try:
            return _record(spec, component_name(spec.name, spec.kind), store, home, staged)
        except AlreadyExists:  # the component of a job of that name which was deleted
            return _record(spec, component_name(spec.name, spec.kind, unique=True), store, home, staged)
    except OSError as error:
        raise _disk_error(error, home) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _record(spec: JobSpec, component: str, store: Store, home: Home, staged: Path) -> JobRecord:
    job = store.create_job(spec, trial_component=component)
    if job.spec != spec or (home.jobs / job.uid).exists():
        return job  # the same submission once more
    try:
        trials = trials_of(store, spec)
        store.create_component(_component(spec, job, trials, staged / "ml" / "code"))
        folder = str(home.jobs / job.uid)
        names = JobNames(job.arn, job.trial_component, home.root, default_url(home), job.attempt, folder)
        write_tree(staged, spec, names, os.environ)
        fetch_own(spec, staged / "ml")
        staged.rename(home.jobs / job.uid)
    except AlreadyExists:
        if spec.client_token is not None:  # the same submission, made elsewhere at this moment
            return store.get_job(job.name)
        store.update_job(job.name, JobUpdate(status="Failed", secondary="Failed"))
        store.delete_job(job.name)
        raise
    except BaseException:
        with contextlib.suppress(StudioError):  # nothing of a refused submission stays
            _withdraw(store, job)
        raise
    return job


def _withdraw(store: Store, job: JobRecord) -> None:
    reason = "LaunchFailed: the submission broke off."
    with contextlib.suppress(NotFound):
        store.update_component(job.trial_component, ComponentUpdate(status="Failed", status_message=reason))
    store.update_job(job.name, JobUpdate(status="Failed", secondary="Failed", failure_reason=reason))
    store.delete_job(job.name)


def _stage(spec: JobSpec, code: Path) -> None:
    for folder in (code.parent.parent, code.parent):
        folder.mkdir(mode=0o700)
    if not spec.entry_point:
        code.mkdir(mode=0o700)
        return
    try:
        stage_code(spec, code)
    except Refused as refused:
        raise as_studio_error(refused) from None
    if not spec.entry_point.endswith(".py"):
        entry = code / spec.entry_point
        entry.chmod(entry.stat().st_mode | 0o100)


def _disk_error(error: OSError, home: Home) -> StudioError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        free = shutil.disk_usage(home.root).free >> 20
        return DiskFull(f"No space left for the job's folder: {free} MiB are free at {home.root}.")
    return InvalidField(
        f"The source cannot be copied: {error.strerror or error} ({error.filename or home.jobs}).", field="source_dir"
    )
