"""What a test of this room leaves open is closed, so that the next one begins with nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlstudio.experiments import configure
from mlstudio.experiments.context import current_run
from mlstudio.experiments.settings import settings


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    yield
    configure(strict=False, capture=True)
    settings.system_metrics = None
    while (run := current_run()) is not None:
        run.finish()
