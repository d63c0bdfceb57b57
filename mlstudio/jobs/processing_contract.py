"""What a processing job sees: ``/opt/ml/processing``, its two configuration files, its argv.

SageMaker's processing contract. A file lands at ``destination/<its name>``, a folder with its
contents at its destination; the script is the input ``code``. Local inputs are mounted read-only,
nothing is copied.

Reads: a `JobSpec` and the paths that it names. Knows nothing of: the store, the agent, processes.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any, Final

from mlstudio.entities.job_parts import ProcessingInput, ProcessingOutput
from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs.locations import Placed, is_pattern, is_url, matches, spread

BASE: Final = "/opt/ml"
ROOT: Final = f"{BASE}/processing"
CODE: Final = f"{ROOT}/input/code"
CODE_INPUT: Final = "code"
"""Name of the input that the script is."""
FOLDERS: Final = ("code", "config", "output/metrics/sagemaker", "processing/output")


def relative(path: str) -> str:
    """Return a path below ``/opt/ml`` relative to it."""
    return str(PurePosixPath(path).relative_to(BASE))


def inside(path: str, folder: str) -> bool:
    """Tell whether a path is a folder, or below it."""
    return PurePosixPath(path).is_relative_to(folder)


def placements(spec: JobSpec) -> list[Placed]:
    """Return where each local input goes, those of URLs left out."""
    return [placed for one in spec.inputs if not is_url(one.source) for placed in _placed(spec, one)]


def _placed(spec: JobSpec, one: ProcessingInput) -> list[Placed]:
    target, source = relative(one.destination), Path(one.source)
    if is_pattern(one.source):
        return spread(matches(one.source), target)
    if source.is_dir() and _shared(spec, one):  # a mount of the whole would hide what else belongs there
        return spread((child for child in sorted(source.iterdir()) if child.exists()), target)
    return [Placed(source, target)]


def _shared(spec: JobSpec, one: ProcessingInput) -> bool:
    """Tell whether something else has its place in an input's folder."""
    others = [other.destination for other in spec.inputs if other is not one]
    others += [other.source for other in spec.outputs]
    if spec.entry_point:
        others.append(CODE)
    return any(inside(other, one.destination) for other in others)


def command(spec: JobSpec) -> list[str]:
    """Return the argv of a processing job: its command, the script, its arguments."""
    if not spec.entry_point:
        return [*spec.container_entrypoint, *spec.container_arguments, *spec.arguments]
    return [*(spec.command or [spec.interpreter]), f"{CODE}/{spec.entry_point}", *spec.arguments]


def write_folders(base: Path, spec: JobSpec) -> None:
    """Make the tree of a processing job; ``processing/input/code`` is a link to the staged code.

    Args:
        base: what becomes ``/opt/ml``.
        spec: what runs.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    (base / "processing" / "input").mkdir(mode=0o700, parents=True, exist_ok=True)
    if spec.entry_point:
        (base / relative(CODE)).symlink_to("../../code")
    wanted = [*(relative(one.destination) for one in spec.inputs), *(relative(one.source) for one in spec.outputs)]
    for folder in (*FOLDERS, *wanted):
        (base / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    for placed in placements(spec):
        (base / placed.target).mkdir(mode=0o700, parents=True, exist_ok=True)


def inputs_told(spec: JobSpec) -> list[dict[str, Any]]:
    """Return ProcessingInputs; the script is the last one."""
    told = [_input(one.name, one.source, one.destination, one.distribution) for one in spec.inputs]
    if spec.entry_point:
        source = Path(spec.source_dir)
        place = source if source.name == spec.entry_point else source / spec.entry_point
        told.append(_input(CODE_INPUT, str(place), CODE, "FullyReplicated"))
    return told


def _input(name: str, source: str, destination: str, distribution: str) -> dict[str, Any]:
    where = {
        "S3Uri": source,
        "LocalPath": destination,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": distribution,
        "S3CompressionType": "None",
    }
    return {"InputName": name, "AppManaged": False, "S3Input": where}


def outputs_told(spec: JobSpec, run_dir: str) -> list[dict[str, Any]]:
    """Return the Outputs of ProcessingOutputConfig, each with the place where it is found."""
    return [
        {
            "OutputName": one.name,
            "AppManaged": False,
            "S3Output": {
                "S3Uri": destination(one, run_dir),
                "LocalPath": one.source,
                "S3UploadMode": one.upload_mode,
            },
        }
        for one in spec.outputs
    ]


def destination(output: ProcessingOutput, run_dir: str) -> str:
    """Return where an output is found after the job: as was asked, else among the job's own artifacts."""
    return output.destination or f"{run_dir}/artifacts/{output.name}"


def request(spec: JobSpec, run_dir: str) -> dict[str, Any]:
    """Return what CreateProcessingJob would have been told; configuration file and describe() share it."""
    script = f"{CODE}/{spec.entry_point}"
    entrypoint = [*(spec.command or [spec.interpreter]), script] if spec.entry_point else spec.container_entrypoint
    arguments = [*([] if spec.entry_point else spec.container_arguments), *spec.arguments]
    application: dict[str, Any] = {"ImageUri": spec.image_uri or spec.recorded.get("image_uri") or "local"}
    if entrypoint:
        application["ContainerEntrypoint"] = list(entrypoint)
    if arguments:
        application["ContainerArguments"] = arguments
    cluster = {
        "InstanceCount": spec.instance_count,
        "InstanceType": spec.instance_type,
        "VolumeSizeInGB": spec.volume_size or int(spec.recorded.get("volume_size", "30")),
    }
    return {
        "ProcessingJobName": spec.name,
        "AppSpecification": application,
        "Environment": dict(spec.environment),
        "ProcessingInputs": inputs_told(spec),
        "ProcessingOutputConfig": {"Outputs": outputs_told(spec, run_dir)},
        "ProcessingResources": {"ClusterConfig": cluster},
        "StoppingCondition": {"MaxRuntimeInSeconds": spec.max_run},
        **({"RoleArn": spec.recorded["role"]} if "role" in spec.recorded else {}),
    }


def processing_config(spec: JobSpec, arn: str, run_dir: str) -> dict[str, Any]:
    """Return processingjobconfig.json."""
    return {"ProcessingJobArn": arn, "RoleArn": "", **request(spec, run_dir)}


def variables(spec: JobSpec, arn: str) -> dict[str, str]:
    """Return the variables that name a processing job."""
    return {"PROCESSING_JOB_NAME": spec.name, "PROCESSING_JOB_ARN": arn, "SAGEMAKER_JOB_NAME": spec.name}


def plan(spec: JobSpec) -> dict[str, Any]:
    """Return what spec.json says of a processing job beyond what it says of any: what goes in, what comes out."""
    return {
        "cwd": relative(CODE) if spec.entry_point else "processing",
        "binds": [{"source": str(one.source), "target": one.target} for one in placements(spec)],
        "outputs": [
            {
                "name": one.name,
                "source": relative(one.source),
                "destination": one.destination,
                "continuous": one.upload_mode == "Continuous",
            }
            for one in spec.outputs
        ],
    }
