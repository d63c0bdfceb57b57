"""Fill the store at MLSTUDIO_HOME with an experiment for `panel.mjs`.

    MLSTUDIO_HOME=/somewhere python benchmarks/panel_seed.py --trials 10000 --width 20

Trial components have `width` parameters (half of them texts) and `width` metrics of one point, two
tags, some a note and a star. Names are `panel-<trials>-<width>`; what is there already stays.
"""

from __future__ import annotations

import argparse
import random

import numpy as np

from mlstudio import Experiment, Trial
from mlstudio.entities.errors import AlreadyExists
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.names import new_uid
from mlstudio.store import open_store
from mlstudio.store.batch import Batch, SeriesPoints


def wanted(name: str, i: int, width: int, dice: random.Random) -> tuple[ComponentCreate, list[SeriesPoints]]:
    """One component and its points."""
    params = {f"param-{p:02d}": round(dice.random() * (p + 1), 5) if p % 2 else f"v{i % (p + 2)}" for p in range(width)}
    create = ComponentCreate(
        name=f"{name}-{i}",
        uid=new_uid(),
        trials=[f"{name}-trial"],
        params=params,
        status="Completed",
        tags={"team": f"team-{i % 5}", "stage": "best" if i % 50 == 0 else "draft"},
        description=f"A note about {i}" if i % 20 == 0 else None,
    )
    points = [
        SeriesPoints(
            f"metric-{m:02d}", "{}", np.array([0]), np.array([1.7e9]), np.array([dice.gauss(m, 1 + i % (m + 2))])
        )
        for m in range(width)
    ]
    return create, points


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--trials", type=int, default=10_000)
    options.add_argument("--width", type=int, default=20, help="parameters, and metrics, of a trial")
    given = options.parse_args()
    name = f"panel-{given.trials}-{given.width}"
    store = open_store()
    try:
        Experiment.create(name)
        Trial.create(name, f"{name}-trial")
    except AlreadyExists:
        print(f"{name} is there")
        return
    dice = random.Random(7)
    for i in range(given.trials):
        create, points = wanted(name, i, given.width, dice)
        store.apply(Batch(create.name, str(create.uid), 0, 100, open=create, points=points))
    print(f"{name}: {given.trials} components")


if __name__ == "__main__":
    main()
