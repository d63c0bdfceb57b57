"""Media of the store in memory: the same answers as SQL, in one dictionary."""

from __future__ import annotations

import threading
from abc import abstractmethod

import msgspec

from mlstudio.entities.experiments import ArtifactItem
from mlstudio.entities.media import MediaItem, MediaPage, MediaRef, MediaSeries
from mlstudio.entities.names import new_uid
from mlstudio.store.media_rules import (
    Place,
    clean_medium,
    item_of,
    next_cursor,
    page_size,
    place_of,
    step_of,
    thinned,
)
from mlstudio.store.rules import now


class MemoryMedia:
    """The part of the store in memory that holds media."""

    _lock: threading.RLock

    def __init__(self) -> None:
        super().__init__()
        self._media: dict[str, dict[Place, tuple[MediaItem, ArtifactItem]]] = {}

    @abstractmethod
    def _uid_of(self, component: str) -> str:
        """Return the uid of a component by its name. Raises: NotFound."""

    def _add_media(self, uid: str, refs: list[MediaRef]) -> None:
        mine = self._media.setdefault(uid, {})
        last: dict[str, int] = {}
        for name, step, _ in mine:
            last[name] = max(step, last.get(name, step))
        for ref in [clean_medium(one) for one in refs]:
            step = step_of(ref, last.get(ref.name))
            last[ref.name] = max(step, last.get(ref.name, step))
            stored = ref.ref
            artifact = ArtifactItem(
                name=ref.name,
                direction="output",
                value=stored.value,
                media_type=stored.media_type,
                uid=stored.uid or new_uid(),
                size=stored.size,
                sha256=stored.sha256,
                created_at=now(),
            )
            values = {key: getattr(ref, key) for key in ("name", "kind", "seq", "ts", "caption", "preview")}
            values |= {"artifact_uid": artifact.uid, "media_type": artifact.media_type, "size": artifact.size}
            item = item_of({**values, "step": step, "preview_type": ref.preview_type})
            mine[ref.name, step, ref.seq] = item, artifact

    def _forget_media(self, uid: str) -> None:
        """Remove the media of a purged component."""
        self._media.pop(uid, None)

    def _media_artifact(self, uid: str) -> ArtifactItem | None:
        """Return the artifact of a medium by its uid, None when there is none."""
        every = (artifact for mine in self._media.values() for _, artifact in mine.values())
        return next((artifact for artifact in every if artifact.uid == uid), None)

    def media_series(self, component: str) -> list[MediaSeries]:
        """Return the media of a component (its name), folded by name. Raises: NotFound."""
        with self._lock:
            mine = sorted(self._media.get(self._uid_of(component), {}).items())
        found: dict[str, list[MediaItem]] = {}
        for (name, _, _), (item, _) in mine:
            found.setdefault(name, []).append(item)
        return [
            MediaSeries(
                name=name,
                kind=items[-1].kind,
                count=len(items),
                steps=thinned(list(dict.fromkeys(item.step for item in items))),
            )
            for name, items in found.items()
        ]

    def media(
        self,
        component: str,
        name: str | None = None,
        *,
        steps: tuple[int, int] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> MediaPage:
        """Return a page by name, step and seq; both ends of `steps` included. Raises: NotFound."""
        behind, size = place_of(cursor), page_size(limit)
        with self._lock:
            mine = sorted(self._media.get(self._uid_of(component), {}).items())
        found = [
            msgspec.structs.replace(item)
            for place, (item, _) in mine
            if name in (None, place[0])
            and (steps is None or steps[0] <= place[1] <= steps[1])
            and (behind is None or place > behind)
        ]
        more = next_cursor(found[size - 1]) if len(found) > size else None
        return MediaPage(found[:size], more)
