"""Blobs go when nobody names them any more, and never a moment earlier."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from mlstudio.entities.experiments import ArtifactRef, CodeRecord, ComponentCreate
from mlstudio.entities.media import MediaRef
from mlstudio.store.artifacts import Blob, BlobStore
from mlstudio.store.collect import DAY, collect
from mlstudio.store.home import Home
from mlstudio.store.journal_format import MAGIC, SUFFIX
from mlstudio.store.laws import Store
from mlstudio.store.opening import open_sqlite
from mlstudio.testing.contract_media import apply_media


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    opened = open_sqlite(home.ensure() / "mlstudio.db")
    yield opened
    opened.close()


@pytest.fixture
def blobs(home: Home) -> BlobStore:
    return BlobStore(home.artifacts)


def aged(blobs: BlobStore, blob: Blob, days: float = 2) -> Blob:
    """Let a blob look as if it was stored days ago."""
    then = time.time() - days * DAY
    os.utime(blobs.path(blob.sha256), (then, then))
    return blob


def ref(blob: Blob) -> ArtifactRef:
    return ArtifactRef("x", sha256=blob.sha256, size=blob.size)


def test_an_old_blob_that_nobody_names_goes_and_a_young_one_stays(store: Store, blobs: BlobStore) -> None:
    old, young = aged(blobs, blobs.put_bytes(b"old")), blobs.put_bytes(b"young")
    trial = collect(store, blobs, dry_run=True)
    assert (trial.blobs, trial.bytes) == (1, 3)
    assert blobs.exists(old.sha256)
    done = collect(store, blobs)
    assert (done, blobs.exists(old.sha256), blobs.exists(young.sha256)) == (trial, False, True)
    assert collect(store, blobs, older_than_s=0).blobs == 1


def test_what_a_record_names_stays_until_the_record_is_purged(store: Store, blobs: BlobStore, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    (data / "sub/inner.bin").write_bytes(b"inner")
    (data / "link").symlink_to("sub/inner.bin")
    folder = aged(blobs, blobs.put_folder(data))
    inner = next(entry for entry in blobs.read_manifest(folder.sha256).entries if entry.kind == "file")
    named = [aged(blobs, blobs.put_bytes(text)) for text in (b"in", b"out", b"diff", b"picture")]
    aged(blobs, Blob(str(inner.sha256), 5))
    code = CodeRecord(diff_sha256=named[2].sha256)
    store.create_component(
        ComponentCreate(
            name="c", code=code, inputs={"i": ref(named[0])}, outputs={"o": ref(named[1]), "f": ref(folder)}
        )
    )
    apply_media(store, "c", MediaRef(name="m", kind="image", ref=ref(named[3]), ts=1.0))
    assert collect(store, blobs).blobs == 0
    store.delete("trial-component", "c")
    assert collect(store, blobs).blobs == 0, "a deleted component can be restored"
    store.purge("trial-component", "c")
    assert collect(store, blobs).blobs == 6
    assert list(blobs.each()) == []


def test_a_blob_that_two_name_stays_for_the_other(store: Store, blobs: BlobStore) -> None:
    shared = aged(blobs, blobs.put_bytes(b"shared"))
    for name in ("a", "b"):
        store.create_component(ComponentCreate(name=name, outputs={"o": ref(shared)}))
    store.delete("trial-component", "a")
    store.purge("trial-component", "a")
    assert collect(store, blobs).blobs == 0
    assert blobs.exists(shared.sha256)


def test_what_only_a_journal_names_stays(home: Home, store: Store, blobs: BlobStore) -> None:
    import mlstudio

    with mlstudio.run("e", "r") as run:
        run.flush(5.0)
        source = home.ensure() / "model.bin"
        source.write_bytes(b"weights")
        run.log_file(source, "model")
        for blob in blobs.each():
            aged(blobs, Blob(blob.sha256, blob.size))
        assert collect(store, blobs).blobs == 0
    assert collect(store, blobs).blobs == 0


def test_a_content_that_is_stored_anew_is_young_again(store: Store, blobs: BlobStore) -> None:
    blob = aged(blobs, blobs.put_bytes(b"again"))
    assert blobs.put_bytes(b"again") == blob
    assert collect(store, blobs).blobs == 0


def test_one_who_stores_while_another_collects_keeps_the_blob(store: Store, blobs: BlobStore) -> None:
    failures: list[str] = []
    stop = threading.Event()

    def collecting() -> None:
        while not stop.is_set():
            collect(store, blobs, older_than_s=60)

    thread = threading.Thread(target=collecting)
    thread.start()
    try:
        for _ in range(60):
            blob = blobs.put_bytes(b"wanted")
            if not blobs.exists(blob.sha256):
                failures.append("gone at once")
            aged(blobs, blob)  # from here on it may be collected
    finally:
        stop.set()
        thread.join()
    assert failures == []


def test_half_written_files_of_yesterday_go(store: Store, blobs: BlobStore) -> None:
    blobs.put_bytes(b"x")
    stale, fresh = blobs.root / ".part-00", blobs.root / ".part-11"
    for path in (stale, fresh):
        path.write_bytes(b"half")
    os.utime(stale, (1, 1))
    collect(store, blobs)
    assert (stale.exists(), fresh.exists()) == (False, True)


def test_strange_files_in_the_root_are_left_alone(store: Store, blobs: BlobStore) -> None:
    blobs.put_bytes(b"x")
    odd = [blobs.root / "ab" / ("zz" * 32), blobs.root / "ab" / ("cd" * 32), blobs.root / "note.txt"]
    odd[0].parent.mkdir(exist_ok=True)
    for path in odd:
        path.write_bytes(b"mine")
        os.utime(path, (1, 1))
    (blobs.root / "ab" / ("ab" * 32)).symlink_to("/etc/passwd")
    assert collect(store, blobs).blobs == 0
    assert all(path.exists() for path in odd)


def test_a_root_that_was_never_made_holds_nothing(store: Store, tmp_path: Path) -> None:
    assert collect(store, BlobStore(tmp_path / "nothing")).blobs == 0


def test_a_folder_in_use_that_cannot_be_read_stops_the_collection(
    store: Store, blobs: BlobStore, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/inner.bin").write_bytes(b"inner")
    folder = blobs.put_folder(tmp_path / "data")
    inner = aged(blobs, Blob(str(blobs.read_manifest(folder.sha256).entries[0].sha256), 5))
    store.create_component(ComponentCreate(name="c", outputs={"f": ref(folder)}))
    place = blobs.path(folder.sha256)
    away = place.rename(tmp_path / "away")
    place.symlink_to(place)  # opening it fails, and not because it is gone

    found = collect(store, blobs)

    assert (found.blobs, blobs.exists(inner.sha256)) == (0, True)
    assert "cannot be read" in str(found.held)
    place.unlink()
    away.rename(place)
    assert collect(store, blobs).held is None


def test_a_journal_of_a_newer_version_stops_the_collection(home: Home, store: Store, blobs: BlobStore) -> None:
    blob = aged(blobs, blobs.put_bytes(b"of a newer program"))
    home.journals.mkdir(exist_ok=True)
    journal = home.journals / f"new{SUFFIX}"
    journal.write_bytes(MAGIC + b"\xff" * 8192)
    os.utime(journal, (1, 1))

    found = collect(store, blobs)

    assert (found.blobs, blobs.exists(blob.sha256)) == (0, True)
    assert "journal" in str(found.held)


def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by each blob that is opened."""
    real, found = BlobStore.open, list[str]()

    def noted(self: BlobStore, sha256: str) -> BinaryIO:
        found.append(sha256)
        return real(self, sha256)

    monkeypatch.setattr(BlobStore, "open", noted)
    return found


def test_a_collection_opens_no_blob_that_was_looked_at_before(
    store: Store, blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/inner.bin").write_bytes(b"inner")
    folder = blobs.put_folder(tmp_path / "data")
    inner = aged(blobs, Blob(str(blobs.read_manifest(folder.sha256).entries[0].sha256), 5))
    plain = [blobs.put_bytes(b"%0100d" % number) for number in range(20)]
    tiny = blobs.put_bytes(b"too short to name a file")
    outputs = {f"o{at}": ref(blob) for at, blob in enumerate([folder, tiny, *plain])}
    store.create_component(ComponentCreate(name="c", outputs=outputs))
    seen = opened(monkeypatch)

    assert collect(store, blobs).blobs == 0
    assert (len(seen), tiny.sha256 in seen) == (22, False), "each once, and the manifest to read it"
    seen.clear()
    aged(blobs, blobs.put_bytes(b"garbage"))
    assert collect(store, blobs).blobs == 1
    assert seen == [folder.sha256]
    assert blobs.exists(inner.sha256)


def test_nothing_is_opened_while_there_is_no_garbage(
    store: Store, blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [aged(blobs, blobs.put_bytes(b"%0100d" % number)) for number in range(5)]
    outputs = {f"o{at}": ref(blob) for at, blob in enumerate(old)}
    store.create_component(ComponentCreate(name="c", outputs=outputs))
    seen = opened(monkeypatch)
    assert collect(store, blobs).blobs == 0
    assert seen == []


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "another"])
def test_a_note_of_what_was_looked_at_that_is_damaged_costs_no_file_of_a_folder(
    store: Store, blobs: BlobStore, tmp_path: Path, damage: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/inner.bin").write_bytes(b"inner")
    folder = blobs.put_folder(tmp_path / "data")
    inner = aged(blobs, Blob(str(blobs.read_manifest(folder.sha256).entries[0].sha256), 5))
    store.create_component(ComponentCreate(name="c", outputs={"f": ref(folder)}))
    assert collect(store, blobs).blobs == 0
    note = blobs.root / ".looked"
    data = bytearray(note.read_bytes())
    data[36] = 0  # "it is no folder", says a bit that flipped
    damaged: dict[str, bytes] = {"flipped": bytes(data), "cut": bytes(data[:50]), "empty": b"", "another": b"x" * 100}
    note.write_bytes(damaged[damage])
    assert collect(store, blobs).blobs == 0
    assert blobs.exists(inner.sha256)
