"""`XGBoost`: an estimator of a script that uses xgboost."""

from __future__ import annotations

from typing import ClassVar

from mlstudio.training.framework import Framework


class XGBoost(Framework):
    """Runs a script with the submitter's interpreter, which needs xgboost only if the script does.

    Args and errors: as `Framework`. `framework_version` and `py_version` are recorded.
    """

    framework: ClassVar[str] = "xgboost"
