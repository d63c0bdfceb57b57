"""Estimators: ``PyTorch(entry_point="train.py").fit({"training": "data/"})`` runs a script as a job.

SageMaker's classes and arguments. What only AWS needs is accepted and recorded; what cannot be
done here is refused with a sentence that says what to do instead.

Lazy (PEP 562): `import mlstudio.training` imports nothing until a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstudio.training.analytics import TrainingJobAnalytics
    from mlstudio.training.estimator import EstimatorBase
    from mlstudio.training.framework import Framework
    from mlstudio.training.generic import Estimator
    from mlstudio.training.inputs import TrainingInput, s3_input
    from mlstudio.training.pytorch import PyTorch
    from mlstudio.training.sklearn import SKLearn
    from mlstudio.training.training_job import TrainingJob, UnexpectedStatusException
    from mlstudio.training.xgboost import XGBoost

_HOMES = {
    "Estimator": "generic",
    "EstimatorBase": "estimator",
    "Framework": "framework",
    "PyTorch": "pytorch",
    "SKLearn": "sklearn",
    "TrainingInput": "inputs",
    "TrainingJob": "training_job",
    "TrainingJobAnalytics": "analytics",
    "UnexpectedStatusException": "training_job",
    "XGBoost": "xgboost",
    "s3_input": "inputs",
}

__all__ = [
    "Estimator",
    "EstimatorBase",
    "Framework",
    "PyTorch",
    "SKLearn",
    "TrainingInput",
    "TrainingJob",
    "TrainingJobAnalytics",
    "UnexpectedStatusException",
    "XGBoost",
    "s3_input",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mlstudio.training' has no attribute {name!r}")
    value = getattr(import_module(f"mlstudio.training.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
