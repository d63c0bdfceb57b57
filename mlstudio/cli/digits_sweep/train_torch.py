"""The same sweep's network in torch: same arguments, same log lines as train.py."""

import argparse
import os
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn import functional


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--lr", type=float, default=0.003)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "."))
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    images, labels = load_digits(return_X_y=True)
    parts = train_test_split(images / 16.0, labels, test_size=0.25, random_state=args.seed)
    x_train, x_test = (torch.from_numpy(part).float() for part in parts[:2])
    y_train, y_test = (torch.from_numpy(part).long() for part in parts[2:])
    network = nn.Sequential(nn.Linear(64, args.hidden), nn.ReLU(), nn.Linear(args.hidden, 10))
    optimizer = torch.optim.Adam(network.parameters(), lr=args.lr)

    for epoch in range(1, args.epochs + 1):
        for rows in torch.randperm(len(x_train)).split(args.batch_size):
            loss = functional.cross_entropy(network(x_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            train_loss = functional.cross_entropy(network(x_train), y_train).item()
            output = network(x_test)
        test_loss = functional.cross_entropy(output, y_test).item()
        accuracy = 100 * (output.argmax(1) == y_test).float().mean().item()
        print(f"Epoch: {epoch}; Train Loss: {train_loss:.6f}; Test Loss: {test_loss:.6f};", flush=True)
        print(f"Test Accuracy: {accuracy:.2f}%;", flush=True)

    np.savez(
        Path(args.model_dir) / "network.npz",
        **{name.replace(".", "_"): value.numpy() for name, value in network.state_dict().items()},
    )


if __name__ == "__main__":
    main()
