"""Pages of the parts of a record of the store in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from mlstudio.entities.parts import ArtifactPage, Pair, PairPage, PartRequest, SeriesPage
from mlstudio.entities.wire import ParamValue
from mlstudio.store.laws_around import PartOwner
from mlstudio.store.memory_components import MemoryComponents
from mlstudio.store.part_rules import Place, artifact_place, holds, paged, pair_place, series_place, start_of

T = TypeVar("T")


class MemoryPages(MemoryComponents):
    """The part of the store in memory that pages through the parts of a record."""

    def series_page(self, component: str, request: PartRequest) -> SeriesPage:
        """Return a page of metrics by name and context. Raises: NotFound, InvalidField (the cursor)."""
        fits = holds(request)
        found = [one for one in self.series(component) if fits(one.name)]
        items, following = _page(found, series_place, request)
        return SeriesPage(items, len(found), following)

    def params_page(self, component: str, request: PartRequest) -> PairPage:
        """Return a page of parameters by name. Raises: NotFound, InvalidField (the cursor)."""
        return _pairs(self.get_component(component).params, request)

    def tags_page(self, kind: PartOwner, name: str, request: PartRequest) -> PairPage:
        """Return a page of tags by key. Raises: NotFound, InvalidField (the cursor)."""
        with self._lock:
            return _pairs(self._required(kind, name).tags, request)

    def artifacts_page(self, component: str, request: PartRequest) -> ArtifactPage:
        """Return a page of inputs, then outputs, by name. Raises: NotFound, InvalidField (the cursor)."""
        fits = holds(request)
        found = [item for item in self.artifacts(component) if fits(item.name)]
        items, following = _page(found, artifact_place, request)
        return ArtifactPage(items, len(found), following)


def _pairs(parts: Mapping[str, ParamValue], request: PartRequest) -> PairPage:
    fits = holds(request)
    found = [Pair(name, parts[name]) for name in sorted(parts) if fits(name)]
    items, following = _page(found, pair_place, request)
    return PairPage(items, len(found), following)


def _page(parts: list[T], place: Callable[[T], Place], request: PartRequest) -> tuple[list[T], str | None]:
    behind = start_of(request)
    return paged((part for part in parts if place(part) > behind), place, request.limit)
