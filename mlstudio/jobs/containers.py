"""Jobs with an image of their own: which engine runs them, and what they are told.

podman and docker are looked for, or MLSTUDIO_CONTAINER_ENGINE names one; it is asked whether it
works before a job is taken.

Reads: PATH, a `JobSpec`. Knows nothing of: processes of jobs, run folders.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs import processing_contract

ENGINES: Final = ("podman", "docker")
_ANSWER: Final = 20.0
"""Seconds an engine gets to say that it works."""
_HOST_ONLY: Final = frozenset({"MLSTUDIO_HOME", "MLSTUDIO_STORE_URL", "CUDA_VISIBLE_DEVICES"})
"""Variables that mean something on this host only; a container's GPUs have numbers of their own."""
_OF_ENGINE: Final = ("DOCKER_", "CONTAINER_", "CONTAINERS_")


def engine(environment: Mapping[str, str]) -> str | None:
    """Return the path of the engine that runs images here, None when there is none."""
    wanted = environment.get("MLSTUDIO_CONTAINER_ENGINE")
    names = [wanted] if wanted else ENGINES
    return next((found for name in names if (found := shutil.which(name))), None)


def check_image(spec: JobSpec) -> None:
    """Refuse an image that nothing here runs.

    Raises:
        InvalidField: no engine is found, or it says why it does not work.
    """
    image = spec.image_uri
    if image is None:
        if spec.network_isolation:
            raise InvalidField(
                "Network isolation needs a container.", field="network_isolation", hint="Give an image_uri."
            )
        return
    hint = "Install podman or docker, or leave image_uri out: then this host's interpreter runs the script."
    if image.startswith("-") or not image.isprintable() or " " in image:
        raise InvalidField(f"{image!r:.200} is no name of an image.", field="image_uri")
    found = engine(os.environ)
    if found is None:
        wanted = os.environ.get("MLSTUDIO_CONTAINER_ENGINE")
        looked = f"{wanted} (MLSTUDIO_CONTAINER_ENGINE)" if wanted else "podman and docker"
        raise InvalidField(
            f"The image {image:.200} cannot be run: {looked} were looked for, none is on PATH.",
            field="image_uri",
            hint=hint,
        )
    why = _why_not(found)
    if why:
        raise InvalidField(f"The image {image:.200} cannot be run: {found} says {why}.", field="image_uri", hint=hint)


def _why_not(path: str) -> str:
    try:
        done = subprocess.run(
            [path, "version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWER, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return "" if done.returncode == 0 else (said[-1][:300].rstrip(".") if said else f"exit code {done.returncode}")


def plan(spec: JobSpec, argv: list[str], environment: Mapping[str, str], start: Mapping[str, str]) -> dict[str, Any]:
    """Return what spec.json says of a container; nothing for a job without an image.

    Args:
        spec: the job.
        argv: what would run without a container.
        environment: the job's variables.
        start: those of them that come from this host.
    """
    found = None if spec.image_uri is None else engine(os.environ)
    if spec.image_uri is None or found is None:
        return {}
    own = {key: value for key, value in os.environ.items() if key.startswith(_OF_ENGINE)}
    names = sorted(
        key for key in environment if (key not in start or key in spec.environment) and key not in _HOST_ONLY
    )
    entrypoint, arguments, workdir = _program(spec, argv)
    return {
        "container": {
            "engine": found,
            "image": spec.image_uri,
            "variables": names,
            "network": "none" if spec.network_isolation else "",
            "workdir": workdir,
            "entrypoint": entrypoint,
            "arguments": arguments,
        },
        "env": {**own, **environment},
        "install": None,  # what this host's pip installs is not for the image's Python
    }


def _program(spec: JobSpec, argv: list[str]) -> tuple[list[str], list[str], str]:
    """Return entrypoint, arguments and working directory inside the container; "" and [] leave them to the image."""
    if spec.entry_point:
        # this host's interpreter is not in the image: its own Python runs the script
        inside = ["python3" if one == spec.interpreter else one for one in argv]
        folder = processing_contract.CODE if spec.kind == "processing" else f"{processing_contract.BASE}/code"
        return inside, [], folder
    arguments = [*spec.container_arguments, *spec.arguments]
    if spec.kind == "training" and not spec.container_entrypoint and not arguments:
        arguments = ["train"]  # as SageMaker starts an image of one's own
    return list(spec.container_entrypoint), arguments, ""
