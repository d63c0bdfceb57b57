"""Media of trial components over HTTP: the series, and pages of them with their small previews."""

from __future__ import annotations

from mlstudio.entities.media import MediaList
from mlstudio.entities.names import check_name
from mlstudio.entities.wire import MAX_INT
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.queries import MediaQuery
from mlstudio.server.routes import EXPERIMENTS

FIELD = "trial_component_name"


class Media(StudioHandler):
    """GET /trial-components/{name}/media"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: MediaList(store.media_series(name)))


class Items(StudioHandler):
    """GET /trial-components/{name}/media/items"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        query = self.query(MediaQuery)
        await self.answer(
            lambda store: store.media(name, query.name, steps=_stretch(query), limit=query.limit, cursor=query.cursor)
        )


def _stretch(query: MediaQuery) -> tuple[int, int] | None:
    if query.step_from is None and query.step_to is None:
        return None
    first = -MAX_INT if query.step_from is None else query.step_from
    return first, MAX_INT if query.step_to is None else query.step_to
