"""Importances, answered once per version of the store: a forest is too much work to grow twice.

Reads: the store, in threads. Knows nothing of: HTTP.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from mlstudio.entities.comparison import ImportanceQuery, ImportanceReply

if TYPE_CHECKING:
    from mlstudio.server.studio import Studio

KEPT: Final = 64
AT_ONCE: Final = 1
"""Forests that grow at a time: a page asks for several, and they would take all cores."""


class Importances:
    """Answers that are kept, by question and version of the store.

    Args:
        studio: gives the store and the threads.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._kept: OrderedDict[ImportanceQuery, tuple[int, ImportanceReply]] = OrderedDict()

    async def ask(self, query: ImportanceQuery) -> ImportanceReply:
        """Return which parameters matter, from memory where nothing has changed since.

        Raises:
            NotFound: the experiment.
            BadQuery: the condition.
        """
        from mlstudio.experiments.importance import importances

        key = query
        async with self._turn:
            version = await self._studio.ask(lambda store: store.last_change())
            kept = self._kept.get(key)
            if kept is not None and kept[0] == version:
                self._kept.move_to_end(key)
                return kept[1]
            made = await self._studio.ask(lambda store: importances(store, query))
        self._kept[key] = (version, made)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return made
