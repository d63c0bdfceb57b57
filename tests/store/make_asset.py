"""Make the kept database file of the present schema: ``python tests/store/make_asset.py 0001``.

Run once for each released schema, never again for an old one: the file is what that version wrote.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from mlstudio.entities.experiments import (
    ArtifactRef,
    CodeRecord,
    ComponentCreate,
    ComponentUpdate,
    EnvironmentRecord,
    ExperimentCreate,
    TrialCreate,
)
from mlstudio.entities.instances import LeaseWish
from mlstudio.entities.jobs import JobSpec, JobUpdate
from mlstudio.entities.schedules import ScheduleCreate
from mlstudio.store.laws import Store
from mlstudio.store.opening import open_sqlite
from mlstudio.testing.contract_metrics import points_of

ASSETS = Path(__file__).parent / "assets"


def fill(store: Store) -> None:
    """Write a little of everything."""
    store.create_experiment(ExperimentCreate("mnist", "MNIST ✨", "five channels", {"team": "vision"}))
    store.create_experiment(ExperimentCreate("gone"))
    store.delete("experiment", "gone")
    code = CodeRecord(git_commit="0" * 40, argv=["train.py"], source="print(1)", diff_sha256="cd" * 32, diff_size=9)
    env = EnvironmentRecord(python="3.11.7", packages={"numpy": "2.0"}, variables={"OMP_NUM_THREADS": "2"})
    for number, channels in enumerate((2, 5, 10)):
        trial, name = f"cnn-{channels}", f"cnn-{channels}-training"
        store.create_trial(TrialCreate(trial, "mnist", f"{channels} channels"))
        store.create_component(
            ComponentCreate(
                name=name,
                kind="training",
                status="InProgress",
                params={"channels": channels, "lr": 0.05, "optimizer": "sgd", "amp": False},
                inputs={"data": ArtifactRef("file:///data/mnist.npz")},
                outputs={"model": ArtifactRef("model.tar.gz", sha256="ab" * 32, size=1024)},
                trials=[trial],
                code=code,
                env=env,
            )
        )
        points_of(store, name, "loss", [1.0 / (step + 1 + number) for step in range(1500)])
        points_of(store, name, "loss", [0.5, 0.25], context='{"subset":"val"}')
        store.update_component(name, ComponentUpdate(status="Completed", tags={"best": "no"}))
    store.create_component(ComponentCreate(name="shelved", trials=["cnn-2"]))
    store.update_component("shelved", ComponentUpdate(archived=True))
    spec = JobSpec(name="job", entry_point="train.py", source_dir="/code", interpreter="/usr/bin/python3")
    store.create_job(spec, trial_component="cnn-2-training")
    store.update_job("job", JobUpdate(status="Failed", secondary="Failed", failure_reason="told", exit_code=7))
    store.create_schedule(ScheduleCreate(name="nightly", cron="0 3 * * *", spec=spec), next_at=1_800_000_000_000_000)
    store.take_leases("job", "job", [LeaseWish("host/gpu/GPU-1")], ttl=60)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mlstudio.db"
        store = open_sqlite(path)
        fill(store)
        store.close()
        shutil.copy(path, ASSETS / f"{sys.argv[1]}.db")
