"""Writers whose clocks disagree: an hour behind, an hour ahead, before 1970, set back during a run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mlstudio.entities.search import Query
from mlstudio.store import open_store
from mlstudio.store.home import Home

# The clock of the child is the true one plus an offset; it is set further back while the run goes on.
PROGRAM = """
import sys, time
seconds, nanoseconds, offset = time.time, time.time_ns, [float(sys.argv[1])]
time.time = lambda: seconds() + offset[0]
time.time_ns = lambda: nanoseconds() + int(offset[0] * 1e9)
import mlstudio
with mlstudio.run("skewed", sys.argv[1], capture=False) as run:
    for step in range(3):
        run.log(loss=float(step), step=step)
    offset[0] += float(sys.argv[2])
    for step in range(3, 6):
        run.log(loss=float(step), step=step)
"""


def trained(offset: float, later: float) -> str:
    """Train with a wrong clock and return what the process said on stderr."""
    command = [sys.executable, "-c", PROGRAM, str(offset), str(later)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("offset", "later"),
    [(-3600.0, 0.0), (3600.0, 0.0), (0.0, -7200.0), (-2_500_000_000.0, 0.0)],
    ids=["behind", "ahead", "set back", "before 1970"],
)
def test_a_wrong_clock_costs_a_run_no_point_and_gives_it_no_negative_duration(
    home: Home, offset: float, later: float
) -> None:
    assert trained(offset, later) == ""

    store = open_store(home=home)
    (run,) = store.search_components(Query())
    points = store.points(run.name, "loss")
    assert run.status == "Completed"
    assert points.values.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], "in the order of steps, not of clocks"
    assert run.metrics[0].last == 5.0
    assert run.start_time is not None
    assert run.end_time is not None
    assert run.end_time >= run.start_time
