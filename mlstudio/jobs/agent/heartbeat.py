"""What the agent does with every heartbeat besides following jobs.

Each entry of `WORK` is called in the agent's one thread, every ten seconds and when the agent
starts. One that fails is told in the agent's log and called again at the next heartbeat; it keeps
neither the others nor the jobs from going on. It must not wait for anything but the store.

Reads and writes: what its entries do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from mlstudio.entities.errors import StudioError
from mlstudio.jobs.firing import fire_schedules
from mlstudio.store.home import Home
from mlstudio.store.laws import Store
from mlstudio.store.recover import recover_journals

Work = Callable[[Store, Home], object]
"""Returns True when the agent must not leave for idleness: something is still to come."""

WORK: Final[list[Work]] = [
    recover_journals,  # of notebooks and scripts that were killed
    fire_schedules,
]
_log = logging.getLogger("mlstudio.agent")


def beat(store: Store, home: Home) -> bool:
    """Call everything in `WORK`; True when one of them says that the agent is still needed."""
    needed = False
    for work in WORK:
        try:
            needed = work(store, home) is True or needed
        except StudioError as error:
            _log.warning("%s: %s", work.__name__, error)
        except Exception:
            _log.exception("%s", work.__name__)
    return needed
