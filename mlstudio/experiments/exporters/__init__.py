"""Runs for elsewhere: CSV, Parquet, an MLflow store, TensorBoard event files.

Everything is written by ourselves, without the other side's library. `run_export` is the way to
files and to MLflow; `exporters.tensorboard` writes event files and follows living runs.
"""

from __future__ import annotations

from mlstudio.experiments.exporters.running import run_export as run_export

__all__ = ["run_export"]
