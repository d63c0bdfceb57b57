"""mlstudio: experiments, jobs and more, beside the notebook. Lazy: names are imported when first used (PEP 562)."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

try:
    from mlstudio._version import __version__
except ImportError:  # a source tree that was never built
    __version__ = "0.dev"

_HOMES: dict[str, str] = {
    **dict.fromkeys(
        (
            "Experiment",
            "Trial",
            "TrialComponent",
            "TrialComponentArtifact",
            "TrialComponentMetricSummary",
            "Tracker",
            "Run",
            "run",
            "log",
            "current_run",
            "load_run",
            "list_runs",
            "compare",
            "lineage",
            "import_runs",
            "export_runs",
            "configure",
            "ExperimentAnalytics",
            "Operator",
            "BooleanOperator",
            "Filter",
            "NestedFilter",
            "SearchExpression",
            "SortByType",
            "SortOrderType",
        ),
        "mlstudio.experiments",
    ),
    **dict.fromkeys(
        (
            "Estimator",
            "EstimatorBase",
            "Framework",
            "PyTorch",
            "SKLearn",
            "XGBoost",
            "TrainingInput",
            "TrainingJobAnalytics",
            "UnexpectedStatusException",
            "s3_input",
        ),
        "mlstudio.training",
    ),
    **dict.fromkeys(
        (
            "Processor",
            "ScriptProcessor",
            "SKLearnProcessor",
            "FrameworkProcessor",
            "ProcessingInput",
            "ProcessingOutput",
            "ProcessingJob",
        ),
        "mlstudio.processing",
    ),
    "show": "mlstudio.widgets",
    "autolog": "mlstudio.experiments.autolog",
    "open_store": "mlstudio.store",
    "StudioError": "mlstudio.entities.errors",
}
_ROOMS = (
    "entities",
    "store",
    "experiments",
    "jobs",
    "training",
    "processing",
    "kernels",
    "server",
    "magics",
    "widgets",
    "cli",
    "testing",
)

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 - keys of a literal dict, all text


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        _install_displays()
        return value
    if name in _ROOMS:
        return import_module(f"mlstudio.{name}")
    raise AttributeError(f"module 'mlstudio' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_ROOMS})


def _install_displays() -> None:
    """Inside a kernel: let runs, trials and experiments display as widgets. Once; cheap."""
    if "ipykernel" in sys.modules and "mlstudio.widgets.showing" not in sys.modules:
        from mlstudio.widgets.showing import install

        install()


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext mlstudio``: register the magics."""
    from mlstudio.magics import load_ipython_extension as load

    load(ipython)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "mlstudio"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from mlstudio.server import StudioApp

    return [{"module": "mlstudio.server", "app": StudioApp}]
