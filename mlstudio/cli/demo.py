"""``mlstudio demo``: five small networks on scikit-learn's digits, as real training jobs."""

from __future__ import annotations

import argparse
import runpy
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from mlstudio.cli.output import Subparsers
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import ListRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlstudio.training import PyTorch, SKLearn

    Launch = Callable[..., tuple[str, list[SKLearn | PyTorch]]]

FOLDER: Final = Path(__file__).parent / "digits_sweep"
"""The programs of the sweep and the welcome notebook; `examples/digits_sweep` points here."""


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("demo", help="fill the store: five small networks, as real training jobs")
    parser.add_argument("--torch", action="store_true", help="the same networks in torch, where it is installed")
    parser.add_argument("--epochs", type=int, default=40, help="how long each trains (default 40)")
    parser.add_argument("--name", help="name of the experiment (default digits-TIME)")
    parser.add_argument("--no-wait", action="store_true", help="return when the jobs are submitted")
    parser.set_defaults(handler=_demo)


def _demo(args: argparse.Namespace) -> int:
    name, estimators = launch(use_torch=args.torch, epochs=max(1, args.epochs), name=args.name)
    print(f"Five training jobs run in the experiment {name}. Watch them: mlstudio lab")
    if args.no_wait:
        return 0
    for estimator in estimators:
        if estimator.latest_training_job is not None:
            estimator.latest_training_job.wait(logs=None)
    print(f"Done. Look: mlstudio experiments show {name}")
    return 0


def launch(
    *, use_torch: bool = False, epochs: int = 40, name: str | None = None
) -> tuple[str, list[SKLearn | PyTorch]]:
    """Start the sweep's jobs and return the experiment's name and the estimators.

    Raises:
        InvalidField: the library that the networks need is not installed; says how to get it.
    """
    for module, package in (("sklearn", "scikit-learn"), *((("torch", "torch"),) if use_torch else ())):
        if find_spec(module) is None:
            raise InvalidField(
                f"The demo needs {package}, which this Python does not have.",
                hint=f"{sys.executable} -m pip install {package}",
            )
    program = cast("Launch", runpy.run_path(str(FOLDER / "sweep.py"))["launch"])
    return program(use_torch=use_torch, epochs=epochs, name=name)


def store_is_empty() -> bool:
    """Tell whether no experiment was ever recorded, the deleted ones included."""
    from mlstudio.store import open_store

    store = open_store()
    return not any(store.list_experiments(ListRequest(deleted=gone, limit=1)).items for gone in (False, True))
