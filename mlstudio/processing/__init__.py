"""Processing jobs: ``SKLearnProcessor(…).run("prepare.py", inputs=[…], outputs=[…])`` runs a script as a job.

SageMaker's classes and arguments. The script finds its inputs and leaves its outputs below
``/opt/ml/processing``; what only AWS needs is accepted and recorded.

Lazy (PEP 562): `import mlstudio.processing` imports nothing until a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstudio.processing.framework import FrameworkProcessor
    from mlstudio.processing.io import ProcessingInput, ProcessingOutput
    from mlstudio.processing.processing_job import ProcessingJob
    from mlstudio.processing.processors import Processor, ScriptProcessor, SKLearnProcessor

_HOMES = {
    "FrameworkProcessor": "framework",
    "ProcessingInput": "io",
    "ProcessingJob": "processing_job",
    "ProcessingOutput": "io",
    "Processor": "processors",
    "SKLearnProcessor": "processors",
    "ScriptProcessor": "processors",
}

__all__ = [
    "FrameworkProcessor",
    "ProcessingInput",
    "ProcessingJob",
    "ProcessingOutput",
    "Processor",
    "SKLearnProcessor",
    "ScriptProcessor",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mlstudio.processing' has no attribute {name!r}")
    value = getattr(import_module(f"mlstudio.processing.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
