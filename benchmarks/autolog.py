"""What autolog costs a training loop: steps of one millisecond, with and without it.

    python benchmarks/autolog.py

One process, one model, an open run. The two loops take turns of 20 steps each, so that both meet the
same machine; autolog is put in and taken out between the turns. `time.thread_time` of the training
thread gives the ratio, as the median over pairs of turns. What our threads spend beside it (journal to
store, system metrics) is measured in longer turns, as CPU per second of wall clock, with and without.
As after the first thousand steps of any loop, quick steps are sampled; `--every` measures a loop of
which each step is recorded.
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
    options.add_argument("--every", action="store_true", help="record each step")
    given = options.parse_args()
    os.environ["MLSTUDIO_HOME"] = tempfile.mkdtemp(prefix="autolog-")
    os.environ["MLSTUDIO_AUTOLOG"] = ""
    import torch

    import mlstudio
    from mlstudio.experiments.autolog import torch_pace

    torch_pace.EVERY = 10**9 if given.every else 0
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
    threads: dict[str, list[float]] = {"plain": [], "autolog": []}
    with mlstudio.run("overhead", capture=False) as run:
        mlstudio.log(warm=1)
        run.flush()
        for number in range(given.pairs):
            for kind in ("plain", "autolog") if number % 2 else ("autolog", "plain"):
                mlstudio.autolog(disable=kind == "plain")
                turn(inputs)  # the first step after the switch asks for the run
                spent[kind].append(turn(inputs))
        for kind in ("plain", "autolog") * 3:
            mlstudio.autolog(disable=kind == "plain")
            began, elsewhere = time.monotonic(), time.process_time() - time.thread_time()
            while time.monotonic() - began < 3:
                turn(inputs)
            elsewhere = time.process_time() - time.thread_time() - elsewhere
            threads[kind].append(elsewhere / (time.monotonic() - began) * 100)
        mlstudio.autolog.disable()
    plain = statistics.median(spent["plain"])
    ratio = statistics.median(b / a for a, b in zip(spent["plain"], spent["autolog"], strict=True))
    print(f"a step of torch of {plain:.0f} us, {given.pairs} pairs of {STEPS} steps, CPU of the training thread")
    print(f"autolog / plain {ratio:.4f}")
    beside = {kind: statistics.median(found) for kind, found in threads.items()}
    print(f"our threads: {beside['plain']:.2f} % of a core with an open run, {beside['autolog']:.2f} % with autolog")


if __name__ == "__main__":
    main()
