"""Contract: media are recorded as points are, listed by name, step and seq, and gone with their component."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate
from mlstudio.entities.media import MAX_PREVIEW, MediaItem, MediaRef
from mlstudio.entities.names import new_uid
from mlstudio.store.batch import Batch
from mlstudio.store.laws import Store
from mlstudio.store.laws_around import MediaStore
from mlstudio.store.media_rules import MAX_STEPS


def medium(name: str = "sample", step: int | None = None, seq: int = 0, **values: Any) -> MediaRef:
    """Return an image whose bytes are named by a hash of their own."""
    sha256 = new_uid().lower().encode().hex()[:64].ljust(64, "0")
    ref = ArtifactRef("file:///a.png", "image/png", size=3, sha256=sha256)
    return MediaRef(**{"name": name, "kind": "image", "ref": ref, "ts": 1.5, "step": step, "seq": seq, **values})


def media_of(store: Store) -> MediaStore:
    """Return the part of a store that lists media."""
    assert isinstance(store, MediaStore)
    return store


def apply_media(store: Store, component: str, *refs: MediaRef, journal: str | None = None) -> int:
    """Give a component media, as a drain does; made when it is missing."""
    try:
        uid = store.get_component(component).uid
    except NotFound:
        uid = store.create_component(ComponentCreate(name=component)).uid
    return store.apply(Batch(journal=journal or new_uid(), component=uid, start=0, end=1, media=list(refs)))


def places(items: list[MediaItem]) -> list[tuple[str, int, int]]:
    """Return what items are ordered by."""
    return [(item.name, item.step, item.seq) for item in items]


class MediaContract:
    """Law 1 of `store.laws_around`."""

    def test_a_medium_comes_back_as_it_was_logged(self, store: Store) -> None:
        apply_media(store, "c", medium("x", 3, caption="a <b>", preview=b"\x00web", preview_type="image/webp"))
        (item,) = media_of(store).media("c").items
        assert (item.name, item.kind, item.step, item.seq, item.ts) == ("x", "image", 3, 0, 1.5)
        assert (item.caption, item.preview_type, item.media_type, item.size) == ("a <b>", "image/webp", "image/png", 3)
        assert base64.b64decode(item.preview or "") == b"\x00web"

    def test_the_bytes_of_a_medium_are_found_by_its_artifact(self, store: Store) -> None:
        ref = medium("x", 0)
        apply_media(store, "c", ref)
        (item,) = media_of(store).media("c").items
        found = store.artifact(item.artifact_uid)
        assert (found.name, found.sha256, found.media_type) == ("x", ref.ref.sha256, "image/png")
        assert store.artifacts("c") == [], "a medium is no output"

    def test_media_without_a_step_follow_the_last_of_their_name(self, store: Store) -> None:
        apply_media(store, "c", medium("x"), medium("x"), medium("x", 10), medium("x"), medium("y"))
        apply_media(store, "c", medium("x"))
        found = places(media_of(store).media("c").items)
        assert found == [("x", 0, 0), ("x", 1, 0), ("x", 10, 0), ("x", 11, 0), ("x", 12, 0), ("y", 0, 0)]

    def test_a_batch_without_a_step_stays_together(self, store: Store) -> None:
        batch = [medium("x", seq=seq) for seq in range(3)]
        apply_media(store, "c", *batch, *batch)
        assert places(media_of(store).media("c").items) == [("x", step, seq) for step in (0, 1) for seq in range(3)]

    def test_the_last_write_of_a_place_wins(self, store: Store) -> None:
        apply_media(store, "c", medium("x", 1, caption="old"))
        (old,) = media_of(store).media("c").items
        apply_media(store, "c", medium("x", 1, kind="text", caption=None))
        (new,) = media_of(store).media("c").items
        assert (new.kind, new.caption, new.artifact_uid != old.artifact_uid) == ("text", None, True)
        with pytest.raises(NotFound):
            store.artifact(old.artifact_uid)

    def test_media_of_a_stretch_are_stored_once(self, store: Store) -> None:
        apply_media(store, "c", medium("x"), journal="j")
        assert apply_media(store, "c", medium("x"), medium("x"), journal="j") == 1
        assert len(media_of(store).media("c").items) == 1

    def test_pages_of_media_neither_skip_nor_repeat(self, store: Store) -> None:
        apply_media(store, "c", *(medium(name, step, seq) for name in "ba" for step in (7, 2) for seq in (1, 0)))
        found, cursor = [], None
        while True:
            page = media_of(store).media("c", limit=3, cursor=cursor)
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        assert places(found) == [(name, step, seq) for name in "ab" for step in (2, 7) for seq in (0, 1)]

    def test_a_page_of_media_can_be_of_one_name_and_some_steps(self, store: Store) -> None:
        apply_media(store, "c", *(medium(name, step) for name in ("a", "b") for step in range(5)))
        page = media_of(store).media("c", "b", steps=(1, 3), limit=2)
        assert places(page.items) == [("b", 1, 0), ("b", 2, 0)]
        rest = media_of(store).media("c", "b", steps=(1, 3), cursor=page.next)
        assert (places(rest.items), rest.next) == ([("b", 3, 0)], None)
        assert media_of(store).media("c", "nothing").items == []

    @pytest.mark.parametrize("cursor", ["x", "", "WzEsImEiXQ", "WyJhIiwiYiBjIl0"])
    def test_a_foreign_cursor_of_media_is_refused(self, store: Store, cursor: str) -> None:
        apply_media(store, "c", medium("x"))
        with pytest.raises(InvalidField, match="cursor"):
            media_of(store).media("c", cursor=cursor)

    def test_the_series_of_media_say_what_a_slider_needs(self, store: Store) -> None:
        apply_media(store, "c", medium("b", 4, kind="audio"), medium("a", 9), medium("a", 2), medium("a", 9, 1))
        found = [(one.name, one.kind, one.count, one.steps) for one in media_of(store).media_series("c")]
        assert found == [("a", "image", 3, [2, 9]), ("b", "audio", 1, [4])]

    def test_very_many_steps_are_thinned_evenly_with_both_ends(self, store: Store) -> None:
        count = MAX_STEPS + 500
        apply_media(store, "c", *(medium("x", step) for step in range(count)))
        (found,) = media_of(store).media_series("c")
        assert (found.count, len(found.steps), found.steps[0], found.steps[-1]) == (count, MAX_STEPS, 0, count - 1)
        gaps = [after - before for before, after in zip(found.steps, found.steps[1:], strict=False)]
        assert set(gaps) == {1, 2}

    def test_too_large_a_preview_is_left_out(self, store: Store) -> None:
        apply_media(store, "c", medium("x", preview=b"a" * (MAX_PREVIEW + 1), preview_type="image/webp"))
        (item,) = media_of(store).media("c").items
        assert (item.preview, item.preview_type) == (None, None)

    def test_media_go_with_their_component_when_it_is_purged(self, store: Store) -> None:
        apply_media(store, "c", medium("x"))
        uid = media_of(store).media("c").items[0].artifact_uid
        store.delete("trial-component", "c")
        assert len(media_of(store).media("c").items) == 1, "deleted is not gone"
        store.purge("trial-component", "c")
        with pytest.raises(NotFound):
            store.artifact(uid)
        store.create_component(ComponentCreate(name="c"))
        assert media_of(store).media_series("c") == []
        assert media_of(store).media("c").next is None

    def test_media_of_an_unknown_component_are_not_found(self, store: Store) -> None:
        for ask in (media_of(store).media, media_of(store).media_series):
            with pytest.raises(NotFound, match="nobody"):
                ask("nobody")

    def test_media_are_told_in_the_change_feed(self, store: Store) -> None:
        apply_media(store, "c", medium("x"))
        before = store.last_change()
        apply_media(store, "c", medium("x"))
        assert [change.op for change in store.changes(before)] == ["media"]
