"""How many steps of a quick loop are recorded, so that recording stays below a hundredth of it.

To record a step costs 15 to 25 microseconds where the caches are cold, as they are after a pass
through a model. Each of the first hundred steps is recorded, and each that is slow enough; of quicker
ones one in so many, chosen by chance, so that no rhythm of the program (a critic's five steps, then a
generator's one) hides behind ours.

Knows nothing of: torch.
"""

from __future__ import annotations

import random
import sys
from typing import Any, Final

EVERY: Final = 100
"""So many steps are all recorded."""
QUICK: Final = 0.005
"""Seconds a step: slower ones are all recorded; of quicker ones about one in this time."""
MOST: Final = 100


class Pace:
    """Counts steps, and holds what is known of the one that is under way: one object, that caches hold in one line.

    Attributes:
        left: so many of the next steps are not recorded.
        loss: of the step that is under way, a number or a detached tensor; None before its `backward`.
        more: further losses of that step, None when there are none.
        key: `id` of the optimizer that stepped last, 0 when it must be looked up; `follower` is its.
        unscaled: (weak reference to a scaled loss, the loss) of a `GradScaler`, None when there is none.
    """

    __slots__ = ("_at", "_chance", "_seen", "_since", "follower", "key", "left", "loss", "more", "unscaled")

    def __init__(self) -> None:
        self._chance = random.Random(0)  # noqa: S311, RUF100 - no secret; the program's own generator stays untouched
        self.unscaled: tuple[Any, Any] | None = None
        self.left = self.key = 0
        self.follower: Any = None
        self.reset()

    def reset(self) -> None:
        """Begin again: another run. What was switched off stays off."""
        if self.left <= 2 * MOST:
            self.left = 0
        self._seen = 0
        self._at = 0.0
        self._since = 0
        self.forget()

    def forget(self) -> None:
        """Forget the losses of the step that is under way."""
        self.loss: Any = None
        self.more: list[Any] | None = None

    def off(self) -> None:
        """Record no step any more."""
        self.left = sys.maxsize

    def recorded(self, now: float, count: int = 1) -> None:
        """Steps were recorded, the last of `count` at `now`, in seconds: decide about the next ones."""
        self._seen += count
        steps, seconds = self._since, now - self._at
        self._at, self._since = now, 1
        if self._seen <= EVERY or count > 1 or seconds >= QUICK * steps:
            return
        stride = min(MOST, int(QUICK * steps / max(seconds, 1e-9)) + 1)
        self.left = self._chance.randint(0, 2 * (stride - 1))
        self._since = 1 + self.left
