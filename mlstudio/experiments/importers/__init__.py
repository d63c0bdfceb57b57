"""Runs from elsewhere: MLflow, TensorBoard, W&B offline, smexperiments.

Each source is read by ourselves, from its own files, without its library; nothing is unpickled or
evaluated, and nothing at the source is changed. `run_import` is the one way in.
"""

from __future__ import annotations

from mlstudio.experiments.importers.running import run_import as run_import

__all__ = ["run_import"]
