"""Execute a notebook inside a job's own process: ``python -m mlstudio.jobs.notebook_run ENTRY``.

Cells run in order in a kernel of its own; what they print goes to the job's log as it comes. The
executed copy is written after every cell, and every few seconds within one, to
``output/data/<entry>``, so that it is there however the job ends; at the end it becomes an output of
the trial component too. The first cell that fails ends the run, as in "Run All Cells".

SIGTERM interrupts the cell that runs (KeyboardInterrupt); the copy is complete all the same.

Reads: the notebook, ``input/config/notebook.json``. Knows nothing of: the agent, specifications.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from mlstudio.jobs.notebook_parameters import is_tagged

INJECTED: Final = "injected-parameters"
"""Tag of the cell that holds the values; papermill's word."""
KEEP_SECONDS: Final = 2.0
"""Between two copies while a cell runs."""
STOPPED: Final = 128 + signal.SIGTERM


class Failed(Exception):
    """The notebook cannot be executed, or a cell failed; the message is the reason of the job's failure."""


def with_parameters(notebook: Any, parameters: dict[str, Any]) -> None:
    """Put values into a cell after the one tagged ``parameters``; before all others when there is none.

    Args:
        notebook: changed in place.
        parameters: JSON values by variable.
    """
    cells = [cell for cell in notebook.cells if INJECTED not in cell.metadata.get("tags", [])]
    notebook.cells = cells
    if not parameters:
        return
    lines = ["# Parameters of the job", *(f"{name} = {value!r}" for name, value in parameters.items())]
    made = nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": [INJECTED]})  # type: ignore[no-untyped-call]
    if notebook.nbformat_minor < 5:
        made.pop("id", None)
    tagged = next((at for at, cell in enumerate(cells) if is_tagged(cell)), -1)
    cells.insert(tagged + 1, made)


def kernel_spec(name: str | None) -> KernelSpec:
    """Return how the kernel is started; what this process was granted is what it has, so no provisioner of its own.

    Args:
        name: of a kernelspec; None: this very Python.

    Raises:
        Failed: there is none of that name.
    """
    if name is None:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, language="python", display_name="Python", metadata={})
    try:
        spec: KernelSpec = KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError):
        raise Failed(f"There is no kernel {name!r:.100} here; jupyter kernelspec list shows those there are.") from None
    spec.metadata = {key: value for key, value in spec.metadata.items() if key != "kernel_provisioner"}
    return spec


class Run(NotebookClient):
    """Executes a notebook, prints what its cells say, and keeps the copy.

    Args:
        notebook: filled with outputs in place.
        copy: where it is written.
        spec: of the kernel.
        sockets: a short-lived folder for the kernel's sockets.
    """

    def __init__(self, notebook: Any, copy: Path, spec: KernelSpec, sockets: Path) -> None:
        super().__init__(notebook, timeout=None, resources={"metadata": {"path": str(Path.cwd())}})
        self.stopped = False
        self._spec, self._sockets = spec, sockets
        self._stopping: asyncio.Future[Any] | None = None
        """Held, so that it is carried out."""
        self._copy = copy
        self._kept = time.monotonic()
        self._total = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in notebook.cells)
        self._number = 0
        self.on_cell_execute = self._begins
        self.on_cell_executed = lambda **_: self.keep()

    def create_kernel_manager(self) -> AsyncKernelManager:
        """Return what starts the kernel: within what the job was granted, heard by this user alone."""
        place = self._sockets
        self.km = AsyncKernelManager(transport="ipc", ip=str(place / "k"), connection_file=str(place / "c.json"))
        self.km._kernel_spec = self._spec
        KernelProvisionerFactory.instance().default_provisioner_name = "local-provisioner"
        return self.km

    def keep(self) -> None:
        """Write the copy; a disk that is full leaves the one before."""
        self._kept = time.monotonic()
        beside = self._copy.with_name(f".{self._copy.name}.part")
        try:
            self._copy.parent.mkdir(parents=True, exist_ok=True)
            text: str = nbformat.writes(self.nb)  # type: ignore[no-untyped-call]
            beside.write_text(text, encoding="utf-8")
            beside.replace(self._copy)
        except OSError as error:
            _say(f"mlstudio: the executed copy cannot be written: {error.strerror or error}\n", sys.stderr)

    def _begins(self, cell: Any, cell_index: int) -> None:
        del cell, cell_index
        self._number += 1
        _say(f"── cell {self._number} of {self._total} ──\n", sys.stdout)
        self.keep()

    async def async_start_new_kernel_client(self, **arguments: Any) -> Any:
        """Start the kernel, and from now on pass a stop on to it as an interrupt."""
        client = await super().async_start_new_kernel_client(**arguments)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._stop)
        return client

    def _stop(self) -> None:
        self.stopped = True
        if isinstance(self.km, AsyncKernelManager):
            self._stopping = asyncio.ensure_future(self.km.interrupt_kernel())

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Put a message of the kernel into the cell, and say it in the log."""
        done = super().process_message(msg, cell, cell_index)
        content = msg.get("content", {})
        kind = msg.get("msg_type")
        if kind == "stream":
            _say(str(content.get("text", "")), sys.stderr if content.get("name") == "stderr" else sys.stdout)
        elif kind in ("execute_result", "display_data"):
            text = content.get("data", {}).get("text/plain")
            if text:
                _say(f"{text if isinstance(text, str) else ''.join(text)}\n", sys.stdout)
        elif kind == "error":
            _say("\n".join(map(str, content.get("traceback", []))) + "\n", sys.stderr)
        if time.monotonic() - self._kept > KEEP_SECONDS:
            self.keep()
        return done

    def run(self) -> int:
        """Execute all cells; return 0, or that it was stopped. Raises: Failed."""
        try:
            self.execute()
        except CellExecutionError as error:
            if self.stopped:
                return STOPPED
            raise Failed(f"Cell {self._number} of {self._total}: {error.ename}: {error.evalue}") from None
        except (DeadKernelError, CellTimeoutError) as error:
            raise Failed(f"Cell {self._number} of {self._total}: the kernel died ({error}).") from None
        except RuntimeError as error:  # it did not start
            raise Failed(f"The kernel did not start: {error}. Is ipykernel installed for it?") from None
        finally:
            self.keep()
        return 0


def _say(text: str, stream: Any) -> None:
    stream.write(text)
    stream.flush()


def execute(entry: str, base: Path) -> int:
    """Execute the notebook `entry` of the working directory; return the exit code.

    Args:
        entry: relative path.
        base: the folder that the job knows as ``/opt/ml``.
    """
    told = json.loads((base / "input/config/notebook.json").read_text(encoding="utf-8"))
    copy = base / "output/data" / Path(entry).name
    code = 0
    with tempfile.TemporaryDirectory(prefix="nb-", dir="/tmp") as sockets:
        try:
            run = Run(_read(entry, told["parameters"]), copy, kernel_spec(told["kernel"]), Path(sockets))
            code = run.run()
        except Failed as failure:
            code = _failed(base, str(failure))
    _record(copy)
    return code


def _read(entry: str, parameters: dict[str, Any]) -> Any:
    try:
        notebook = nbformat.read(entry, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:  # whatever nbformat finds wrong with it
        raise Failed(f"{entry} is no notebook that can be read: {type(error).__name__}.") from None
    with_parameters(notebook, parameters)
    return notebook


def _failed(base: Path, reason: str) -> int:
    _say(f"{reason}\n", sys.stderr)
    failure = base / "output/failure"
    if not failure.exists():  # the notebook may have written its own
        failure.write_text(reason[:1024], encoding="utf-8")
    return 1


def _record(copy: Path) -> None:
    """Make the executed copy an output of the trial component; what hinders it is said and changes nothing."""
    if not copy.exists() or not os.environ.get("MLSTUDIO_TRIAL_COMPONENT"):
        return
    from mlstudio.entities.errors import StudioError
    from mlstudio.experiments.tracker import Tracker

    try:
        with Tracker.load() as tracker:
            tracker.log_artifact(copy, name=copy.name, media_type="application/x-ipynb+json")
    except (StudioError, OSError) as error:
        _say(f"mlstudio: the executed copy is no output of the trial component: {error}\n", sys.stderr)


if __name__ == "__main__":
    sys.exit(execute(sys.argv[1], Path(os.environ["SAGEMAKER_BASE_DIR"])))
