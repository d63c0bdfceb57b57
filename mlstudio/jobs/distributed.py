"""Several processes for one script on this host: torchrun or mpirun before the job's own argv.

torchrun is run as ``python -m torch.distributed.run --standalone`` of the job's interpreter: it
picks a free port itself, at the moment it needs it, so two jobs never meet on one.

Reads: a `JobSpec`; for MPI, where mpirun is.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobSpec

INTERFACE: Final = "lo"
"""The interface over which processes of one host find each other."""
_ADDRESS: Final = "127.0.0.1"


def processes(spec: JobSpec, gpus: int) -> int:
    """Return how many processes of the script run: as many as asked, else one for each GPU, at least one.

    Args:
        spec: names the distribution, if any.
        gpus: what the job's size has on this host.
    """
    if spec.distribution is None:
        return 1
    return spec.distribution.processes_per_host or max(1, gpus)


def find_mpirun(interpreter: str) -> str | None:
    """Return the path of mpirun: beside the interpreter, else on PATH; None when there is none."""
    places = os.pathsep.join([str(Path(interpreter).parent), os.environ.get("PATH", os.defpath)])
    return shutil.which("mpirun", path=places)


def launched(spec: JobSpec, gpus: int, arguments: list[str]) -> list[str]:
    """Return the argv that starts all processes of a job with a distribution.

    Args:
        spec: with a distribution.
        gpus: what the job's size has on this host.
        arguments: of the script.
    """
    assert spec.distribution is not None
    count = str(processes(spec, gpus))
    if spec.distribution.kind == "mpi":
        mpirun = find_mpirun(spec.interpreter) or "mpirun"
        return [mpirun, "-n", count, *spec.distribution.options, spec.interpreter, spec.entry_point, *arguments]
    torchrun = [spec.interpreter, "-m", "torch.distributed.run", "--standalone", "--local-addr", _ADDRESS]
    return [*torchrun, "--nproc-per-node", count, *spec.distribution.options, spec.entry_point, *arguments]


def variables(spec: JobSpec) -> dict[str, str]:
    """Return the variables by which the processes find each other; the user's win over them."""
    if spec.distribution is None:
        return {}
    found = {"GLOO_SOCKET_IFNAME": INTERFACE, "NCCL_SOCKET_IFNAME": INTERFACE}
    if spec.distribution.kind == "mpi":  # Open MPI 4 and 5: a host with fewer cores than processes, root in a container
        found |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        found |= {"PRTE_ALLOW_RUN_AS_ROOT": "1", "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        found |= {"OMPI_MCA_rmaps_base_oversubscribe": "1", "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}
    return found


def hyperparameters(spec: JobSpec, gpus: int) -> dict[str, object]:
    """Return the hyperparameters by which SageMaker's estimators ask for the distribution."""
    if spec.distribution is None:
        return {}
    told: dict[str, object] = {"sagemaker_instance_type": spec.instance_type}
    if spec.distribution.kind == "torch":
        return {**told, "sagemaker_torch_distributed_enabled": True}
    return {
        **told,
        "sagemaker_mpi_enabled": True,
        "sagemaker_mpi_num_of_processes_per_host": processes(spec, gpus),
        "sagemaker_mpi_custom_mpi_options": " ".join(spec.distribution.options),
    }


def check_distribution(spec: JobSpec) -> None:
    """Refuse a distribution that cannot be started.

    Raises:
        InvalidField: the entry point is no Python script; mpirun is wanted and absent.
    """
    if spec.distribution is None:
        return
    if not spec.entry_point.endswith(".py") or spec.notebook is not None:
        raise InvalidField(
            f"The entry point {spec.entry_point!r:.200} cannot be started in several processes.",
            field="distribution",
            hint="A distribution needs a Python script, such as train.py.",
        )
    if spec.distribution.kind == "mpi" and find_mpirun(spec.interpreter) is None:
        raise InvalidField(
            "mpirun was looked for beside the interpreter and on PATH and is not there.",
            field="distribution",
            hint='Install Open MPI or MPICH, or use {"torch_distributed": {"enabled": True}}.',
        )
