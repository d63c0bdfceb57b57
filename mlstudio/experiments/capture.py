"""Where a run came from: commit and uncommitted changes, script or notebook cell, packages, machine.

Runs in a thread of its own, never in the caller's. What cannot be found is left out; nothing here
raises. Credentials are cut out of remotes, secrets masked in the source, the changes and the arguments.
Of the environment only variables of an allow-list are recorded, never a secret.

Knows nothing of: runs.
"""

from __future__ import annotations

import functools
import importlib.metadata
import logging
import os
import platform
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import CodeRecord, ComponentUpdate, EnvironmentRecord
from mlstudio.entities.secrets import is_secret, masked, masked_arguments, redact
from mlstudio.experiments.git import State, diff, without_credentials
from mlstudio.experiments.git import state as git
from mlstudio.experiments.gpus import gpus
from mlstudio.experiments.notebook import Cell, cell, present_cell
from mlstudio.experiments.values import clean_text
from mlstudio.store.home import Home, default_home, default_url

if TYPE_CHECKING:
    from mlstudio.store.artifacts import Blob

MAX_SOURCE: Final = 64 * 1024
MAX_ARGUMENT: Final = 4096
MAX_VARIABLE: Final = 1000
VARIABLES: Final = frozenset({
    "CONDA_DEFAULT_ENV", "DYLD_LIBRARY_PATH", "HF_HOME", "HF_HUB_OFFLINE", "HIP_VISIBLE_DEVICES", "KERAS_BACKEND",
    "LANG", "LC_ALL", "LD_LIBRARY_PATH", "LD_PRELOAD", "NUMEXPR_NUM_THREADS", "NVIDIA_VISIBLE_DEVICES",
    "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED", "PYTHONOPTIMIZE", "PYTHONPATH", "ROCR_VISIBLE_DEVICES",
    "TOKENIZERS_PARALLELISM", "TZ", "VECLIB_MAXIMUM_THREADS", "VIRTUAL_ENV", "WORLD_SIZE",
})  # fmt: skip
PREFIXES: Final = (
    "CUBLAS_",
    "CUDA_",
    "CUDNN_",
    "JAX_",
    "KMP_",
    "MKL_",
    "NCCL_",
    "OMP_",
    "PYTORCH_",
    "TF_",
    "TORCH_",
    "XLA_",
)
"""What changes how a training computes; nothing that names a person or a job."""
PAUSES: Final = (0.0, 1.0, 5.0, 20.0, 60.0, 600.0)
"""Seconds before each attempt to write it: a store that is away may come back."""
RECENT: Final = 10.0
"""Seconds for which git is not asked again: a sweep begins a hundred runs in a moment."""
_log = logging.getLogger("mlstudio.experiments")
_recent: Final[dict[tuple[Path, Path], tuple[float, tuple[State, Blob | None]]]] = {}

__all__ = ["Capture", "Cell", "arguments", "cell", "code", "environment", "git", "start", "without_credentials"]


class Capture:
    """A capture that is under way."""

    def __init__(self, component: str, cell_now: Cell | None, argv: Sequence[str]) -> None:
        self._component = component
        self._cell = cell_now
        self._argv = list(argv)
        self._folder = _folder()
        self._home = default_home()  # where the run began, whatever the environment says by the time it is written
        self._url = default_url(self._home)
        self._thread = threading.Thread(target=self._work, name="mlstudio-capture", daemon=True)
        self._pid = os.getpid()
        self._last = threading.Event()
        self._thread.start()

    def wait(self, timeout: float = 5.0) -> None:
        """Wait for the end of it; a short script would else end before. The next attempt is the last."""
        if self._pid == os.getpid():
            self._last.set()
            self._thread.join(timeout)

    def _work(self) -> None:
        try:
            change = ComponentUpdate(code=code(self._cell, self._argv, self._folder, self._home), env=environment())
            for pause in PAUSES:
                last = self._last.wait(pause)
                if self._stored(change) or last:
                    return
        except Exception as error:  # noqa: BLE001, RUF100 - provenance never disturbs the run
            _log.debug("Code and environment of %s were not recorded: %s", self._component, error)

    def _stored(self, change: ComponentUpdate) -> bool:
        """Write it; False when the store is away, or has not heard of the component yet."""
        from mlstudio.store import open_store

        try:
            open_store(self._url, home=self._home).update_component(self._component, change)
        except StudioError as error:
            _log.debug("Code and environment of %s wait: %s", self._component, error)
            return False
        return True


def start(component: str) -> Capture:
    """Begin to record code and environment of a component; returns at once."""
    return Capture(component, present_cell(), sys.argv)


def code(cell_now: Cell | None, argv: Sequence[str], folder: Path, home: Home | None = None) -> CodeRecord:
    """Return where the code comes from.

    Args:
        cell_now: the notebook cell, None for a script.
        argv: arguments of the process.
        folder: where git is asked.
        home: keeps uncommitted changes; default the environment's.
    """
    (commit, remote, dirty), changes = _repository(folder, home or default_home())
    script = None if cell_now is not None else _script(argv)
    source = cell_now.source if cell_now is not None else _source(script)
    return CodeRecord(
        git_commit=commit,
        git_remote=remote,
        git_dirty=dirty,
        entrypoint=str(script) if script else None,
        argv=[] if cell_now is not None else arguments(argv),
        notebook_path=cell_now.notebook_path if cell_now else None,
        cell_id=cell_now.cell_id if cell_now else None,
        source=_cut(source),
        diff_sha256=changes.sha256 if changes is not None else None,
        diff_size=changes.size if changes is not None else None,
    )


def _repository(folder: Path, home: Home) -> tuple[State, Blob | None]:
    """Return what git says of a folder, with the blob of the uncommitted changes; asked at most every 10 s."""
    place = folder, home.artifacts
    asked, known = _recent.get(place, (0.0, None))
    if known is not None and time.monotonic() - asked < RECENT:
        return known
    found = git(folder)
    changes = _kept(diff(folder), home) if found[2] else None
    _recent.clear()
    _recent[place] = time.monotonic(), (found, changes)
    return found, changes


def _kept(changes: str | None, home: Home) -> Blob | None:
    """Return the blob of the changes; None when there are none, or no room for them."""
    if changes is None:
        return None
    from mlstudio.store.artifacts import BlobStore

    try:
        return BlobStore(home.artifacts).put_bytes(changes.encode())
    except (OSError, StudioError) as error:
        _log.debug("The uncommitted changes were not kept: %s", error)
        return None


def arguments(argv: Sequence[str], program: str = "") -> list[str]:
    """Return a command line as it may be kept: without secrets and credentials, each word cut at 4,096 characters."""
    words = masked_arguments([clean_text(without_credentials(word)) for word in argv], program)
    return [word[:MAX_ARGUMENT] for word in words]


def _folder() -> Path:
    """Return the folder of the script, else the working folder."""
    script = _script(sys.argv)
    try:
        return script.parent if script is not None else Path.cwd()
    except OSError:  # the working folder was removed
        return Path("/")


def _script(argv: Sequence[str]) -> Path | None:
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    chosen = main or (argv[0] if argv else "")
    if not chosen:
        return None
    try:
        path = Path(chosen).absolute()
        return path if path.is_file() else None
    except OSError:
        return None


def _source(script: Path | None) -> str | None:
    if script is None or script.suffix not in {".py", ".ipynb", ".sh", ""}:
        return None
    try:
        with script.open("rb") as file:
            body = file.read(MAX_SOURCE + 1)
    except OSError:
        return None
    return None if b"\0" in body else body.decode("utf-8", "replace")


def _cut(source: str | None) -> str | None:
    if source is None:
        return None
    body = masked(clean_text(source)).encode()
    return body[:MAX_SOURCE].decode("utf-8", "ignore")


def environment() -> EnvironmentRecord:
    """Return interpreter, packages and hardware, read once a process, and the variables as they are now."""
    return msgspec.structs.replace(_machine(), variables=variables(os.environ))


@functools.cache
def _machine() -> EnvironmentRecord:
    return EnvironmentRecord(
        python=platform.python_version(), platform=platform.platform(), packages=packages(), hardware=hardware()
    )


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that may be recorded: of the allow-list, and no secret by their name.

    >>> variables({"OMP_NUM_THREADS": "4", "HOME": "/root", "TORCH_TOKEN": "x"})
    {'OMP_NUM_THREADS': '4'}
    """
    kept = {
        name: clean_text(value)
        for name, value in sorted(environ.items())
        if (name in VARIABLES or name.startswith(PREFIXES)) and not is_secret(name)
    }
    return {name: value[:MAX_VARIABLE] for name, value in redact(kept).items()}


def packages() -> dict[str, str]:
    """Return the installed distributions and their versions, by name."""
    found: dict[str, str] = {}
    for one in importlib.metadata.distributions():
        try:
            name = one.metadata["Name"]
            if name:
                found.setdefault(str(name), str(one.version))
        except (OSError, KeyError, TypeError, ValueError):  # a broken installation of a stranger's package
            continue
    return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))


def hardware() -> dict[str, str]:
    """Return processor, cores, memory and NVIDIA GPUs, as text."""
    found = {"machine": platform.machine(), "cpus": str(os.cpu_count() or 0), "host": platform.node()}
    processor = _proc("/proc/cpuinfo", "model name")
    if processor:
        found["cpu"] = processor
    with suppress(AttributeError, OSError, ValueError):  # no such question on this system
        found["memory"] = str(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for number, card in enumerate(sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))):
        model = _proc(str(card), "Model")
        if model:
            found[f"gpu{number}"] = model
    driver = _first_line(Path("/sys/module/nvidia/version"))
    if driver:
        found["gpu_driver"] = driver
    cards = gpus()
    return found if cards is None else found | cards.hardware()


def _proc(path: str, key: str) -> str | None:
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return None


def _first_line(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or None
    except OSError:
        return None
