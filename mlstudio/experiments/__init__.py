"""Experiments: what a training script or a notebook imports to record what it does.

    with mlstudio.run("mnist", lr=0.1) as run:
        run.log(loss=0.3, step=1)

SageMaker's names (`Experiment`, `Trial`, `TrialComponent`, `Tracker`, `Run`) and the short way
(`run`, `log`, `current_run`) write the same records. Lazy: a name is imported when first used, and the
store, numpy and pandas only when something is recorded or read.

Imports: `entities` and `store`. Knows nothing of: jobs, the server, notebooks' magics.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstudio.experiments import autolog as autolog
    from mlstudio.experiments.analytics import ExperimentAnalytics as ExperimentAnalytics
    from mlstudio.experiments.comparison import compare as compare
    from mlstudio.experiments.experiment import Experiment as Experiment
    from mlstudio.experiments.lineage_query import lineage as lineage
    from mlstudio.experiments.opening import list_runs as list_runs
    from mlstudio.experiments.opening import load_run as load_run
    from mlstudio.experiments.opening import log as log
    from mlstudio.experiments.opening import run as run
    from mlstudio.experiments.runs import Run as Run
    from mlstudio.experiments.search import BooleanOperator as BooleanOperator
    from mlstudio.experiments.search import Filter as Filter
    from mlstudio.experiments.search import NestedFilter as NestedFilter
    from mlstudio.experiments.search import Operator as Operator
    from mlstudio.experiments.search import SearchExpression as SearchExpression
    from mlstudio.experiments.settings import configure as configure
    from mlstudio.experiments.tracker import Tracker as Tracker
    from mlstudio.experiments.transfers import export_runs as export_runs
    from mlstudio.experiments.transfers import import_runs as import_runs
    from mlstudio.experiments.trial import Trial as Trial
    from mlstudio.experiments.trial_component import TrialComponent as TrialComponent

_HOMES: dict[str, str] = {
    "BooleanOperator": "search",
    "Experiment": "experiment",
    "ExperimentAnalytics": "analytics",
    "ExperimentSearchResult": "summaries",
    "ExperimentSummary": "summaries",
    "Filter": "search",
    "NestedFilter": "search",
    "Operator": "search",
    "Run": "runs",
    "SearchExpression": "search",
    "SortByType": "opening",
    "SortOrderType": "opening",
    "Tracker": "tracker",
    "Trial": "trial",
    "TrialComponent": "trial_component",
    "TrialComponentArtifact": "summaries",
    "TrialComponentMetricSummary": "summaries",
    "TrialComponentSearchResult": "summaries",
    "TrialComponentSource": "summaries",
    "TrialComponentStatus": "summaries",
    "TrialComponentSummary": "summaries",
    "TrialSearchResult": "summaries",
    "TrialSummary": "summaries",
    "compare": "comparison",
    "configure": "settings",
    "current_run": "context",
    "export_runs": "transfers",
    "import_runs": "transfers",
    "lineage": "lineage_query",
    "list_runs": "opening",
    "load_run": "opening",
    "log": "opening",
    "run": "opening",
}

__all__ = [*_HOMES, "autolog"]  # noqa: PLE0604 - keys of a literal dict, all text


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"mlstudio.experiments.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    if name == "autolog":  # a package that can be called
        return import_module("mlstudio.experiments.autolog")
    raise AttributeError(f"module 'mlstudio.experiments' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, "autolog"})
