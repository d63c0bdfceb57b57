"""Five training jobs, five trials, one experiment: how many hidden units do the digits need?

python sweep.py            with scikit-learn
python sweep.py --torch    the same networks in torch, where torch is installed
"""

import argparse
import time
from pathlib import Path

from mlstudio import Experiment, ExperimentAnalytics, PyTorch, SKLearn, Trial

HERE = Path(__file__).resolve().parent
METRICS = [
    {"Name": "train:loss", "Regex": "Train Loss: ([0-9.]+);"},
    {"Name": "test:loss", "Regex": "Test Loss: ([0-9.]+);"},
    {"Name": "test:accuracy", "Regex": "Test Accuracy: ([0-9.]+)%;"},
]


def launch(
    *, use_torch: bool = False, epochs: int = 30, name: str | None = None
) -> tuple[str, list[SKLearn | PyTorch]]:
    """Create the experiment, start its five jobs, and return its name and the estimators at once."""
    stamp = int(time.time())
    experiment = Experiment.create(
        experiment_name=name or f"digits-{stamp}",
        description="How many hidden units do scikit-learn's digits need?",
    )
    estimators: list[SKLearn | PyTorch] = []
    for hidden in (2, 4, 8, 16, 32):
        trial = Trial.create(
            trial_name=f"digits-{hidden}-hidden-units-{stamp}",
            experiment_name=experiment.experiment_name,
        )
        estimator = (PyTorch if use_torch else SKLearn)(
            entry_point="train_torch.py" if use_torch else "train.py",
            source_dir=str(HERE),
            instance_count=1,
            instance_type="ml.m5.large",
            hyperparameters={"hidden": hidden, "lr": 0.003, "epochs": epochs},
            metric_definitions=METRICS,
        )
        estimator.fit(
            job_name=f"digits-{hidden}-{stamp}",
            experiment_config={
                "ExperimentName": experiment.experiment_name,
                "TrialName": trial.trial_name,
                "TrialComponentDisplayName": f"{hidden} hidden units",
            },
            wait=False,
        )
        estimators.append(estimator)
    return experiment.experiment_name, estimators


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", action="store_true")
    parser.add_argument("--epochs", type=int, default=30)
    args = parser.parse_args()

    name, estimators = launch(use_torch=args.torch, epochs=args.epochs)
    print(f"Five jobs are running in the experiment {name}. Open the Studio panel to watch them.", flush=True)
    for estimator in estimators:
        estimator.latest_training_job.wait(logs=None)

    frame = ExperimentAnalytics(
        experiment_name=name,
        sort_by="metrics.test:accuracy.max",
        sort_order="Descending",
        metric_names=["test:accuracy"],
        parameter_names=["hidden"],
    ).dataframe()
    print(frame[["DisplayName", "hidden", "test:accuracy - Max", "test:accuracy - Last"]].to_string(index=False))


if __name__ == "__main__":
    main()
