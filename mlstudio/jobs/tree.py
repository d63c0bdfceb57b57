"""Write a run folder: the tree that a job sees, its configuration files, and spec.json for its supervisor.

Everything is written before the job is handed over; what it says is in `mlstudio.jobs.contract`
and `mlstudio.jobs.processing_contract`.

Reads: a `JobSpec`, the paths that its patterns match. Writes: the run folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs import checkpoints, containers, processing_contract, transfer
from mlstudio.jobs.contract import (
    HOST,
    JobNames,
    all_hyperparameters,
    command,
    environment,
    inherited,
    input_config,
    resource_config,
)
from mlstudio.jobs.locations import Placed, is_pattern, is_url, matches, spread
from mlstudio.jobs.requirements import requirements_plan
from mlstudio.jobs.runner.files import write_json

FOLDERS: Final = (
    "input/config",
    "input/data",
    "code",
    "checkpoints",
    "model",
    "output/data",
    "output/intermediate",
    "output/metrics/sagemaker",
)


def write_tree(run_dir: Path, spec: JobSpec, names: JobNames, submitter: Mapping[str, str]) -> None:
    """Write the folders, the configuration files and spec.json; the code is staged already.

    Args:
        run_dir: holds ``ml/code``.
        spec: what runs.
        names: what exists since the record does.
        submitter: the environment of the process that submits.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    base = run_dir / "ml"
    _write_configuration(base, spec, names, names.run_dir or str(run_dir))
    plan: dict[str, Any] = {
        "v": 1,
        "job": spec.name,
        "attempt": names.attempt,
        "host": HOST,
        "entry": spec.entry_point,
        "argv": command(spec, base / "code"),
        "env": environment(spec, names, submitter),
        "channels": [{"name": one.name, "source": one.source} for one in spec.channels if _is_mounted(one.source)],
        "binds": [{"source": str(one.source), "target": one.target} for one in _patterns(spec)],
        "max_run": spec.max_run,
        "grace": spec.grace,
        **output_plan(spec),
        **transfer.plan(spec, submitter, inherited(submitter)),
        "mode": submitter.get("MLSTUDIO_SANDBOX", "namespace"),
        "install": requirements_plan(spec.interpreter, base / "code", names.home, submitter),
    }
    if spec.kind == "processing":
        plan |= processing_contract.plan(spec)
    plan |= containers.plan(spec, plan["argv"], plan["env"], inherited(submitter))
    write_json(run_dir / "spec.json", plan)


def output_plan(spec: JobSpec) -> dict[str, Any]:
    """Return where the archives of a job are brought: a local folder, a URL, or nowhere else."""
    if spec.output_path is None:
        return {}
    place = f"{spec.output_path.rstrip('/')}/{spec.name}/output"
    return {"output_url": place} if is_url(place) else {"output_path": place}


def _is_mounted(source: str) -> bool:
    return not is_url(source) and not is_pattern(source)


def _patterns(spec: JobSpec) -> list[Placed]:
    """Return where the matches go of channels that are patterns."""
    wanted = [one for one in spec.channels if not is_url(one.source) and is_pattern(one.source)]
    return [placed for one in wanted for placed in spread(matches(one.source), f"input/data/{one.name}")]


def _write_configuration(base: Path, spec: JobSpec, names: JobNames, run_dir: str) -> None:
    if spec.kind == "processing":
        processing_contract.write_folders(base, spec)
        told = processing_contract.processing_config(spec, names.job_arn, run_dir)
        write_json(base / "config" / "processingjobconfig.json", told, sync=False)
        write_json(base / "config" / "resourceconfig.json", resource_config(spec), sync=False)
        return
    checkpoints.place(base, spec)
    channels = [f"input/data/{one.name}" for one in spec.channels] + [one.target for one in _patterns(spec)]
    for folder in (*FOLDERS, *channels):
        (base / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    config = base / "input" / "config"
    write_json(config / "hyperparameters.json", all_hyperparameters(spec), sync=False)
    write_json(config / "inputdataconfig.json", input_config(spec), sync=False)
    write_json(config / "resourceconfig.json", resource_config(spec), sync=False)
    if spec.notebook is not None:
        told = {"parameters": spec.notebook.parameters, "kernel": spec.notebook.kernel}
        write_json(config / "notebook.json", told, sync=False)
