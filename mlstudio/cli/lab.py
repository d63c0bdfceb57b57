"""``mlstudio lab``: JupyterLab with the Studio panel open, and on a first start something to look at.

The layout is a workspace of JupyterLab, ``mlstudio`` (or ``mlstudio-welcome``, whose notebook lies in
another folder): written once, then it is the user's, and JupyterLab itself keeps what they change.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from mlstudio.cli import demo
from mlstudio.cli.output import Subparsers
from mlstudio.entities.errors import InvalidField

WORKSPACE: Final = "mlstudio"
WELCOME: Final = "mlstudio-welcome"
SIDEBAR: Final = "mlstudio-sidebar"
"""Id of the sidebar widget, as src/features/shell gives it to Lab's layout restorer."""
NOTEBOOK: Final = "welcome.ipynb"


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "lab",
        help="open JupyterLab with the Studio panel",
        description="Open JupyterLab with the Studio panel. Other arguments go to JupyterLab, such as --no-browser",
    )
    parser.add_argument(
        "--demo", action="store_true", help="with the welcome notebook, and the demo sweep if the store is empty"
    )
    parser.add_argument("--folder", type=Path, help="folder of the welcome notebook (default ~/mlstudio-welcome)")
    parser.set_defaults(handler=_lab, passes_on=True)


def _lab(args: argparse.Namespace) -> int:
    if find_spec("jupyterlab") is None:
        raise InvalidField("JupyterLab is not installed here.", hint=f"{sys.executable} -m pip install jupyterlab")
    command = [sys.executable, "-m", "jupyterlab"]
    notebook = None
    if args.demo:
        folder = (args.folder or Path.home() / "mlstudio-welcome").absolute()
        notebook = welcome(folder)
        command.append(f"--ServerApp.root_dir={folder}")
        if demo.store_is_empty():
            name, _ = demo.launch(name="digits")
            print(f"The store was empty: five training jobs now run in the experiment {name}.")
    workspace = WELCOME if notebook else WORKSPACE
    save_workspace(workspace, notebook)
    command.append(f"--LabApp.default_url={start_url(workspace, notebook)}")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in args.rest:
        print("You are root: JupyterLab is started with --allow-root.")
        command.append("--allow-root")
    sys.stdout.flush()
    os.execv(sys.executable, [*command, *args.rest])  # noqa: S606 -- the server is this process from here on


def welcome(folder: Path) -> str:
    """Copy the welcome notebook into `folder`, unless one is there, and return its name."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / NOTEBOOK).exists():
            shutil.copyfile(demo.FOLDER / NOTEBOOK, folder / NOTEBOOK)
    except OSError as error:
        raise InvalidField(
            f"The welcome notebook cannot be written to {folder}: {error.strerror or error}.",
            field="--folder",
            hint="Name another folder with --folder.",
        ) from error
    return NOTEBOOK


def start_url(workspace: str, notebook: str | None) -> str:
    """Return the path that the browser opens: our workspace, and the notebook in it."""
    return f"/lab/workspaces/{workspace}" + (f"/tree/{notebook}" if notebook else "")


def layout(workspace: str, notebook: str | None) -> dict[str, Any]:
    """Return a workspace of JupyterLab: our panel on the left, the notebook (or the launcher) beside it."""
    data: dict[str, Any] = {
        "layout-restorer:data": {
            "main": {"dock": None, "current": None},
            "down": {"size": 0, "widgets": []},
            "left": {"collapsed": False, "visible": True, "current": SIDEBAR, "widgets": [SIDEBAR]},
            "right": {"collapsed": True, "visible": True, "widgets": []},
            "relativeSizes": [0.24, 0.76, 0],
        }
    }
    if notebook:
        key = f"notebook:{notebook}"
        dock = {"type": "tab-area", "currentIndex": 0, "widgets": [key]}
        data["layout-restorer:data"]["main"] = {"dock": dock, "current": key}
        data[key] = {"data": {"path": notebook, "factory": "Notebook"}}
    return {"data": data, "metadata": {"id": workspace}}


def save_workspace(workspace: str, notebook: str | None) -> None:
    """Write the workspace, unless the user has one by that name already."""
    from jupyterlab.commands import get_workspaces_dir
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    manager = WorkspacesManager(get_workspaces_dir())
    if not any(item["metadata"]["id"] == workspace for item in manager.list_workspaces()):
        manager.save(workspace, json.dumps(layout(workspace, notebook)))
