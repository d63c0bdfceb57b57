"""How many steps of a quick loop are recorded, so that recording stays below a hundredth of it.

To record a step costs ten to twenty microseconds where the caches are cold, as they are after a pass
through a model. Each of the first thousand steps is recorded, and each that is slow enough; of quicker
ones one in so many, chosen by chance, so that no rhythm of the program (a critic's five steps, then a
generator's one) hides behind ours.

Knows nothing of: torch.
"""

from __future__ import annotations

import random
from typing import Final

EVERY: Final = 1000
"""So many steps are all recorded."""
QUICK: Final = 0.01
"""Seconds a step: slower ones are all recorded; of quicker ones about one in this time."""
MOST: Final = 100


class Pace:
    """Counts steps. `left`: so many of the next ones are not recorded."""

    __slots__ = ("_at", "_chance", "_seen", "_since", "left")

    def __init__(self) -> None:
        self._chance = random.Random(0)  # noqa: S311, RUF100 - no secret; the program's own generator stays untouched
        self.reset()

    def reset(self) -> None:
        """Begin again: another run."""
        self.left = 0
        self._seen = 0
        self._at = 0.0
        self._since = 0

    def recorded(self, now: float) -> None:
        """A step was recorded at `now`, in seconds: decide about the next ones."""
        self._seen += 1
        steps, seconds = self._since, now - self._at
        self._at, self._since = now, 1
        if self._seen <= EVERY or seconds >= QUICK * steps:
            return
        stride = min(MOST, int(QUICK * steps / max(seconds, 1e-9)) + 1)
        self.left = self._chance.randint(0, 2 * (stride - 1))
        self._since = 1 + self.left
