"""What autolog costs a training loop: steps of one millisecond, with and without it.

    python benchmarks/autolog.py

One process, one model, an open run. The two loops take turns of 20 steps each, so that both meet the
same machine; autolog is put in and taken out between the turns. `time.thread_time` of the training
thread gives the ratio, as the median over pairs of turns; what our threads spend (journal to store)
is measured over the whole and added a step of the followed loop.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time

STEPS = 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pairs", type=int, default=400)
    options.add_argument("--ms", type=float, default=1.0, help="CPU milliseconds of a step, about")
    given = options.parse_args()
    os.environ["MLSTUDIO_HOME"] = tempfile.mkdtemp(prefix="autolog-")
    os.environ["MLSTUDIO_AUTOLOG"] = ""
    import torch

    import mlstudio

    torch.set_num_threads(1)
    model = torch.nn.Linear(64, 64)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)

    def turn(inputs: torch.Tensor) -> float:
        began = time.thread_time()
        for _ in range(STEPS):
            optimizer.zero_grad()
            model(inputs).square().mean().backward()
            optimizer.step()
        return (time.thread_time() - began) / STEPS * 1e6

    rows = 64
    while statistics.median(turn(torch.randn(rows, 64)) for _ in range(5)) < given.ms * 1e3:
        rows = int(rows * 1.2)
    inputs = torch.randn(rows, 64)
    spent: dict[str, list[float]] = {"plain": [], "autolog": []}
    mlstudio.configure(capture=False)
    with mlstudio.run("overhead", capture=False) as run:
        mlstudio.log(warm=1)
        run.flush()
        elsewhere = time.process_time() - time.thread_time()
        for number in range(given.pairs):
            for kind in ("plain", "autolog") if number % 2 else ("autolog", "plain"):
                mlstudio.autolog(disable=kind == "plain")
                turn(inputs)  # the first step after the switch asks for the run
                spent[kind].append(turn(inputs))
        mlstudio.autolog.disable()
        run.flush()
        elsewhere = time.process_time() - time.thread_time() - elsewhere
    plain = statistics.median(spent["plain"])
    ratio = statistics.median(b / a for a, b in zip(spent["plain"], spent["autolog"], strict=True))
    count = next(one.count for one in run.trial_component.metrics if one.metric_name == "torch/loss")
    assert count == 2 * given.pairs * STEPS, count
    threads = elsewhere / count * 1e6
    print(f"a step of torch, {given.pairs} pairs of {STEPS} steps, CPU")
    print(f"plain {plain:.0f} us   followed / plain {ratio:.4f}   our threads {threads:.1f} us a step", end="   ")
    print(f"together {ratio + threads / plain:.4f}")


if __name__ == "__main__":
    main()
