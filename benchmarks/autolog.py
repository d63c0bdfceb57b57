"""What autolog costs a training loop: steps of one millisecond, with and without it.

    python benchmarks/autolog.py

One process, one model, an open run. The two loops take turns of 100 steps each, so that both meet the
same machine; the hooks are put in and taken out between the turns. `time.thread_time` of the training
thread gives the ratio, as the median over pairs of turns. What our threads spend beside it (journal to
store, system metrics) is measured in longer turns, as CPU per second of wall clock, with and without.
As after the first hundred steps of any loop, quick steps are sampled; `--every` measures a loop of
which each step is recorded.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

STEPS = 100


Turn = Callable[[], float]
KINDS = ("plain", "autolog")


def work(milliseconds: float) -> Turn:
    """Return a turn of steps of about so many milliseconds; it answers with CPU microseconds a step."""
    import torch

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
    while statistics.median(turn(torch.randn(rows, 64)) for _ in range(5)) < milliseconds * 1e3:
        rows = int(rows * 1.2)
    inputs = torch.randn(rows, 64)
    return lambda: turn(inputs)


def pairs(turn: Turn, count: int) -> dict[str, list[float]]:
    """Return microseconds a step of both kinds, in pairs."""
    import torch

    import mlstudio

    plain = torch.Tensor.backward
    mlstudio.autolog()
    turn()  # the first step asks for the run and describes the optimizer; that is over before it is measured
    time.sleep(1.0)
    hooks = sys.modules["torch.optim.optimizer"]._global_optimizer_post_hooks  # noqa: SLF001, RUF100
    followed, held = torch.Tensor.backward, dict(hooks)
    spent: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(count):
        for kind in KINDS if number % 2 else KINDS[::-1]:
            torch.Tensor.backward = plain if kind == "plain" else followed
            hooks.clear()
            hooks.update({} if kind == "plain" else held)
            turn()  # Python's own caches settle after a method was exchanged
            spent[kind].append(turn())
    torch.Tensor.backward = followed
    hooks.update(held)
    return spent


def beside(turn: Turn) -> dict[str, float]:
    """Return what our threads spend, in percent of a core, of both kinds."""
    import mlstudio

    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind in KINDS * 3:
        mlstudio.autolog(disable=kind == "plain")
        began, elsewhere = time.monotonic(), time.process_time() - time.thread_time()
        while time.monotonic() - began < 3:
            turn()
        elsewhere = time.process_time() - time.thread_time() - elsewhere
        found[kind].append(elsewhere / (time.monotonic() - began) * 100)
    return {kind: statistics.median(values) for kind, values in found.items()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pairs", type=int, default=100)
    options.add_argument("--ms", type=float, default=1.0, help="CPU milliseconds of a step, about")
    options.add_argument("--every", action="store_true", help="record each step")
    given = options.parse_args()
    os.environ["MLSTUDIO_HOME"] = tempfile.mkdtemp(prefix="autolog-")
    os.environ["MLSTUDIO_AUTOLOG"] = ""

    import mlstudio
    from mlstudio.experiments.autolog import torch_pace

    torch_pace.EVERY = 10**9 if given.every else 0
    turn = work(given.ms)
    with mlstudio.run("overhead", capture=False) as run:
        run.log(warm=1)
        run.flush()
        spent = pairs(turn, given.pairs)
        threads = beside(turn)
        mlstudio.autolog.disable()
    plain = statistics.median(spent["plain"])
    ratio = statistics.median(b / a for a, b in zip(spent["plain"], spent["autolog"], strict=True))
    print(f"a step of torch of {plain:.0f} us, {given.pairs} pairs of {STEPS} steps, CPU of the training thread")
    print(f"autolog / plain {ratio:.4f}")
    print(f"our threads: {threads['plain']:.2f} % of a core with an open run, {threads['autolog']:.2f} % with autolog")


if __name__ == "__main__":
    main()
