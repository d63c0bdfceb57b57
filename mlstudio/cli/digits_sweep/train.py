"""Train a small network on scikit-learn's digits, and say how it goes.

Written for SageMaker's training contract: hyperparameters arrive as arguments, folders through SM_*
variables, metrics leave through the log. Nothing here knows of mlstudio.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--lr", type=float, default=0.003)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "."))
    args = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(images / 16.0, labels, test_size=0.25, random_state=args.seed)
    network = MLPClassifier(
        hidden_layer_sizes=(args.hidden,),
        learning_rate_init=args.lr,
        batch_size=args.batch_size,
        random_state=args.seed,
    )
    classes = np.unique(y_train)
    for epoch in range(1, args.epochs + 1):
        network.partial_fit(x_train, y_train, classes=classes)
        train_loss = log_loss(y_train, network.predict_proba(x_train), labels=classes)
        test_loss = log_loss(y_test, network.predict_proba(x_test), labels=classes)
        accuracy = 100 * network.score(x_test, y_test)
        print(f"Epoch: {epoch}; Train Loss: {train_loss:.6f}; Test Loss: {test_loss:.6f};", flush=True)
        print(f"Test Accuracy: {accuracy:.2f}%;", flush=True)

    # Plain arrays: a model file that anybody may open without running code from it.
    weights = {f"layer{n}": layer for n, layer in enumerate(network.coefs_)}
    biases = {f"bias{n}": layer for n, layer in enumerate(network.intercepts_)}
    np.savez(Path(args.model_dir) / "network.npz", **weights, **biases)


if __name__ == "__main__":
    main()
