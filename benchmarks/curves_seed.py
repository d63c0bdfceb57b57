"""Fill the store at MLSTUDIO_HOME with long curves for `curves_panel.mjs`.

    MLSTUDIO_HOME=/somewhere python benchmarks/curves_seed.py --curves 50 --points 1000000

One experiment of `curves` trial components, each with one metric `loss` of `points` points: a noisy
decay with rare spikes. Names are `curves-<curves>-<points>`; what is there already stays.
"""

from __future__ import annotations

import argparse

import numpy as np

from mlstudio import Experiment, Trial
from mlstudio.entities.errors import AlreadyExists
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.names import new_uid
from mlstudio.store import open_store
from mlstudio.store.batch import Batch, SeriesPoints


def points_of(dice: np.random.Generator, count: int) -> SeriesPoints:
    """Return a noisy decay; one of 100,000 values is a spike."""
    steps = np.arange(count)
    values = 2 * np.exp(-3 * steps / count) + 0.1 * dice.standard_normal(count)
    values[dice.integers(0, count, count // 100_000 + 1)] += 3
    return SeriesPoints("loss", "{}", steps, 1.7e9 + steps / 10, values)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--curves", type=int, default=50)
    options.add_argument("--points", type=int, default=1_000_000, help="of each curve")
    given = options.parse_args()
    name = f"curves-{given.curves}-{given.points}"
    store = open_store()
    try:
        Experiment.create(name)
        Trial.create(name, f"{name}-trial")
    except AlreadyExists:
        print(f"{name} is there")
        return
    dice = np.random.default_rng(7)
    for i in range(given.curves):
        create = ComponentCreate(name=f"{name}-{i}", uid=new_uid(), trials=[f"{name}-trial"], status="Completed")
        points = [points_of(dice, given.points)]
        store.apply(Batch(create.name, str(create.uid), 0, 100, open=create, points=points))
    print(f"{name}: {given.curves} curves of {given.points} points")


if __name__ == "__main__":
    main()
