"""`PyTorch`: an estimator of a script that uses torch."""

from __future__ import annotations

from typing import ClassVar

from mlstudio.training.framework import Framework


class PyTorch(Framework):
    """Runs a script with the submitter's interpreter, which needs torch only if the script does.

    Args and errors: as `Framework`. `framework_version` and `py_version` are recorded.
    """

    framework: ClassVar[str] = "pytorch"
