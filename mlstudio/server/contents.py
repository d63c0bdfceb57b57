"""Files and kernels as the Jupyter server knows them: a path of the file browser, a kernelspec by name.

Reads: the server's contents manager and kernelspec manager. Knows nothing of: jobs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import ensure_async
from tornado import web

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.jobs.from_file import KernelProgram, Kernels


async def file_at(settings: dict[str, Any], path: str) -> Path:
    """Return where a file of the file browser lies on this machine.

    The contents manager decides whether it exists and may be seen: hidden files and what stands outside
    its root do not exist.

    Args:
        settings: of the web application.
        path: as the contents manager names it.

    Raises:
        NotFound: there is no such file.
        InvalidField: it is a folder, or the contents manager keeps its files somewhere else than on a disk.
    """
    manager = settings["contents_manager"]
    try:
        found = await ensure_async(manager.get(path, content=False))
    except (web.HTTPError, OSError, ValueError):  # ValueError: a NUL
        raise NotFound(f"There is no file {path!r:.200} in the file browser.", field="path") from None
    if found["type"] == "directory":
        raise InvalidField(f"{path!r:.200} is a folder.", field="path", hint="Give a file.")
    place = getattr(manager, "_get_os_path", None)
    if place is None:
        raise InvalidField(
            f"{path!r:.200} does not lie on this machine's disk.", field="path", hint="Copy it to a local folder first."
        )
    return Path(place(path)).absolute()


def kernels_of(settings: dict[str, Any]) -> Kernels:
    """Return what finds a kernelspec of the server by its name."""

    def found(name: str) -> KernelProgram | None:
        try:
            spec = settings["kernel_spec_manager"].get_kernel_spec(name)
        except (NoSuchKernel, ValueError, OSError):
            return None
        return KernelProgram(str(spec.language), list(spec.argv))

    return found
