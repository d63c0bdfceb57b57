"""`SKLearn`: an estimator of a script that uses scikit-learn."""

from __future__ import annotations

from typing import ClassVar

from mlstudio.training.framework import Framework


class SKLearn(Framework):
    """Runs a script with the submitter's interpreter.

    Args and errors: as `Framework`. `framework_version` and `py_version` are recorded.
    """

    framework: ClassVar[str] = "sklearn"
