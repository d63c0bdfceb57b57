"""An offline run, made by W&B itself: ``python make_wandb_run.py DEST``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DISABLE_GIT": "true"}


def main(dest: Path) -> None:
    import numpy as np
    import wandb

    config = {"lr": 0.1, "net": {"depth": 3, "act": "relu"}, "sizes": [1, 2]}
    run = wandb.init(
        project="words", name="first try", notes="a **note**", tags=["good", "old"], config=config, dir=dest, group="g"
    )
    for step in range(20):
        run.log({"loss": 1 / (step + 1), "nested": {"a": step}, "whole": step})
    picture = wandb.Image(np.zeros((8, 8, 3), dtype=np.uint8), caption="dark")
    run.log({"picture": picture, "spread": wandb.Histogram([1, 2, 3, 3]), "odd": float("nan"), "said": "hello"})
    run.summary["best"] = 0.9
    run.finish()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
