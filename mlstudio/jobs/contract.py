"""What a job sees: the tree below ``/opt/ml``, its configuration files, variables, arguments.

This is SageMaker's training contract as its open toolkit implements it; a script written for it
runs here unchanged. What a processing job sees instead is in `mlstudio.jobs.processing_contract`.
Everything is written before the job is handed over, so that a supervisor needs nothing but the
run folder.

Reads: a `JobSpec`. Knows nothing of: the store, the agent, processes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs import distributed, processing_contract
from mlstudio.jobs.hosts.capacity import capacity
from mlstudio.jobs.hosts.demand import Demand, demand
from mlstudio.jobs.runner.limits import thread_variables

BASE: Final = "/opt/ml"
HOST: Final = "algo-1"
_INHERITED: Final = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
        "PYTHONPATH", "VIRTUAL_ENV", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "http_proxy", "https_proxy", "HF_HOME", "TORCH_HOME",
        "CUDA_HOME", "MLSTUDIO_HOME", "MLSTUDIO_STORE_URL", "MLSTUDIO_SYSTEM_METRICS", "MLSTUDIO_TOKEN",
        "JUPYTER_PATH", "JUPYTER_DATA_DIR",
    }
)  # fmt: skip
"""A job starts from these variables of its submitter and no others: not by chance from a secret."""
_INHERITED_PREFIXES: Final = ("LC_", "CONDA_", "XDG_", "NVIDIA_", "CUDA_")
_OURS: Final = ("MLSTUDIO_",)
_SETTINGS: Final = frozenset({"MLSTUDIO_SYSTEM_METRICS"})
"""Variables of ours that bind a job to nothing: they may be set in the environment of an estimator too."""


@dataclass(frozen=True, slots=True)
class JobNames:
    """Names of a job that only exist once its record does."""

    job_arn: str
    trial_component: str
    home: Path
    store_url: str
    attempt: int = 1
    run_dir: str = ""
    """Where its folder will be."""


def all_hyperparameters(spec: JobSpec) -> dict[str, str]:
    """Return the user's hyperparameters and those that estimators add, each as JSON text."""
    ours = {
        "sagemaker_program": spec.entry_point,
        "sagemaker_submit_directory": f"{BASE}/code",
        "sagemaker_job_name": spec.name,
        "sagemaker_region": "local",
        "sagemaker_container_log_level": 20,
        **distributed.hyperparameters(spec, size_of(spec).gpus),
    }
    return {**spec.hyperparameters, **{key: json.dumps(value) for key, value in ours.items()}}


def decode_value(text: str) -> Any:
    """Return the value of a hyperparameter's text: JSON if it is, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def user_values(spec: JobSpec) -> dict[str, Any]:
    """Return the decoded hyperparameters that belong to the script, by name in order."""
    kept = (key for key in spec.hyperparameters if not key.startswith("sagemaker_"))
    return {key: decode_value(spec.hyperparameters[key]) for key in sorted(kept) if key != "_tuning_objective_metric"}


def _argument(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ",".join(f"{key}={_argument(value[key])}" for key in sorted(value))
    return str(value)


def user_arguments(values: Mapping[str, Any]) -> list[str]:
    """Return ``--name value`` for each hyperparameter, ``-n value`` for one letter.

    >>> user_arguments({"lr": 0.1, "n": 3, "nesterov": True})
    ['--lr', '0.1', '-n', '3', '--nesterov', 'True']
    """
    arguments: list[str] = []
    for name in values:
        arguments += [f"--{name}" if len(name) > 1 else f"-{name}", _argument(values[name])]
    return arguments


def command(spec: JobSpec, code: Path) -> list[str]:
    """Return the argv of a job.

    Args:
        spec: names the entry point and the interpreter.
        code: the staged source folder; a ``setup.py`` in it makes an entry without ``.py`` a module.
    """
    if spec.kind == "processing" or not spec.entry_point:
        return processing_contract.command(spec)
    if spec.notebook is not None:  # -P: no module of the user's stands in for one that executes it
        return [spec.interpreter, "-P", "-m", "mlstudio.jobs.notebook_run", spec.entry_point]
    arguments = [*user_arguments(user_values(spec)), *spec.arguments]
    entry = spec.entry_point
    if spec.distribution is not None:
        return distributed.launched(spec, size_of(spec).gpus, arguments)
    if entry.endswith(".py"):
        return [spec.interpreter, entry, *arguments]
    if (code / "setup.py").is_file():
        return [spec.interpreter, "-m", entry, *arguments]
    return ["/bin/sh", "-c", f'./{entry} "$@"', "sh", *arguments]  # the entry's alphabet is checked: no quoting


def resource_config(spec: JobSpec) -> dict[str, Any]:
    """Return resourceconfig.json: one host, and the interface that is really used."""
    group = {"instance_group_name": "homogeneousCluster", "instance_type": spec.instance_type, "hosts": [HOST]}
    return {
        "current_host": HOST,
        "current_instance_type": spec.instance_type,
        "current_group_name": "homogeneousCluster",
        "hosts": [HOST],
        "instance_groups": [group],
        "network_interface_name": "lo",
    }


def input_config(spec: JobSpec) -> dict[str, Any]:
    """Return inputdataconfig.json."""
    return {
        one.name: {
            **({"ContentType": one.content_type} if one.content_type else {}),
            "TrainingInputMode": one.input_mode,
            "S3DistributionType": one.distribution,
            "RecordWrapperType": "None",
        }
        for one in spec.channels
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def size_of(spec: JobSpec) -> Demand:
    """Return what the job's size means on this host; what it really got is told when it starts (grant.json)."""
    return demand(spec.instance_type, capacity(), allow_cpu_fallback=True)


def contract_values(spec: JobSpec) -> dict[str, Any]:
    """Return the SM_* values, decoded, by their names without prefix."""
    if spec.kind == "processing":
        return _host_values(spec)
    size = size_of(spec)
    resources, inputs, values = resource_config(spec), input_config(spec), user_values(spec)
    entry = spec.entry_point
    framework = f"sagemaker_{spec.framework}_container.training:main" if spec.framework else ""
    groups = {one["instance_group_name"]: one for one in resources["instance_groups"]}
    folders = {
        "input_dir": f"{BASE}/input",
        "input_config_dir": f"{BASE}/input/config",
        "output_dir": f"{BASE}/output",
        "output_data_dir": f"{BASE}/output/data",
        "output_intermediate_dir": f"{BASE}/output/intermediate",
        "model_dir": f"{BASE}/model",
        "module_dir": f"{BASE}/code",
    }
    found: dict[str, Any] = {
        **folders,
        "hosts": resources["hosts"],
        "current_host": HOST,
        "network_interface_name": "lo",
        "hps": values,
        "user_entry_point": entry,
        "framework_params": {},
        "framework_module": framework,
        "resource_config": resources,
        "input_data_config": inputs,
        "module_name": entry.removesuffix(".py"),
        "channels": sorted(inputs),
        "current_instance_type": spec.instance_type,
        "current_instance_group": "homogeneousCluster",
        "current_instance_group_hosts": [HOST],
        "instance_groups": sorted(groups),
        "instance_groups_dict": groups,
        "distribution_instance_groups": [],
        "is_hetero": False,
        "log_level": 20,
        "num_cpus": size.cpus,
        "num_gpus": size.gpus,
        "num_neurons": 0,
        "user_args": [*user_arguments(values), *spec.arguments],
    }
    return {**found, "training_env": _training_env(spec, found, values)}


def _host_values(spec: JobSpec) -> dict[str, Any]:
    """Return those values that say where a job runs: a processing job has no others."""
    size, resources = size_of(spec), resource_config(spec)
    return {
        "hosts": resources["hosts"],
        "current_host": HOST,
        "current_instance_type": spec.instance_type,
        "network_interface_name": "lo",
        "resource_config": resources,
        "log_level": 20,
        "num_cpus": size.cpus,
        "num_gpus": size.gpus,
    }


def _names(spec: JobSpec, arn: str) -> dict[str, str]:
    """Return the variables that name a training job and its script."""
    return {
        "TRAINING_JOB_NAME": spec.name,
        "TRAINING_JOB_ARN": arn,
        "SAGEMAKER_PROGRAM": spec.entry_point,
        "SAGEMAKER_SUBMIT_DIRECTORY": f"{BASE}/code",
        "SAGEMAKER_JOB_NAME": spec.name,
    }


def _training_env(spec: JobSpec, found: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    copied = (
        "current_host", "hosts", "input_config_dir", "input_data_config", "input_dir", "log_level", "model_dir",
        "module_dir", "module_name", "network_interface_name", "num_cpus", "num_gpus", "output_data_dir",
        "output_dir", "output_intermediate_dir", "resource_config", "user_entry_point", "framework_module",
        "current_instance_type", "current_instance_group", "current_instance_group_hosts", "instance_groups",
        "instance_groups_dict", "distribution_instance_groups", "is_hetero", "num_neurons",
    )  # fmt: skip
    return {
        **{key: found[key] for key in copied},
        "additional_framework_parameters": {},
        "channel_input_dirs": {one.name: f"{BASE}/input/data/{one.name}" for one in spec.channels},
        "hyperparameters": dict(values),
        "is_master": True,
        "master_hostname": HOST,
        "distribution_hosts": [],
        "topology": [],
        "is_modelparallel_enabled": None,
        "is_smddprun_installed": False,
        "is_smddpmprun_installed": False,
        "job_name": spec.name,
    }


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the part of the submitter's environment that a job starts from."""
    return {
        key: value for key, value in environment.items() if key in _INHERITED or key.startswith(_INHERITED_PREFIXES)
    }


def environment(spec: JobSpec, names: JobNames, submitter: Mapping[str, str]) -> dict[str, str]:
    """Return all variables of the job; the user's win over ours, except those that bind it to its run.

    Args:
        spec: what runs.
        names: what exists since the record does.
        submitter: the environment of the process that submits.
    """
    contract = {f"SM_{key.upper()}": _text(value) for key, value in contract_values(spec).items()}
    contract |= {f"SM_CHANNEL_{one.name.upper()}": f"{BASE}/input/data/{one.name}" for one in spec.channels}
    contract |= {f"SM_HP_{key.upper()}": _text(value) for key, value in user_values(spec).items()}
    fixed = {
        "SAGEMAKER_BASE_DIR": BASE,
        "MLSTUDIO_HOME": str(names.home),
        "MLSTUDIO_STORE_URL": names.store_url,
        "MLSTUDIO_JOB_NAME": spec.name,
        "MLSTUDIO_ATTEMPT": str(names.attempt),
        "MLSTUDIO_TRIAL_COMPONENT": names.trial_component,
    }
    named = processing_contract.variables if spec.kind == "processing" else _names
    if contract["SM_NUM_GPUS"] == "0":
        fixed["CUDA_VISIBLE_DEVICES"] = ""
    start = inherited(submitter)
    beside = str(Path(spec.interpreter).parent)
    start["PATH"] = os.pathsep.join([beside, start.get("PATH", os.defpath)])
    user = {
        key: value
        for key, value in spec.environment.items()
        if (key in _SETTINGS or not key.startswith(_OURS))
        and key != "CUDA_VISIBLE_DEVICES"  # that comes with the lease
    }
    return {
        **start,
        **contract,
        **named(spec, names.job_arn),
        "CURRENT_HOST": HOST,
        "SAGEMAKER_REGION": "local",
        "SAGEMAKER_METRICS_DIRECTORY": f"{BASE}/output/metrics/sagemaker",
        "PYTHONUNBUFFERED": "1",
        **thread_variables(int(contract["SM_NUM_CPUS"]) // distributed.processes(spec, int(contract["SM_NUM_GPUS"]))),
        **distributed.variables(spec),
        **user,
        **fixed,
    }
