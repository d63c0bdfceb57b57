"""Artifacts over HTTP: the record, the bytes, a stretch of the bytes."""

from __future__ import annotations

import pytest

from mlstudio.entities.experiments import ArtifactRef
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server

BYTES = bytes(range(256)) * 2000


@pytest.fixture
def uid(server: Server, store: Store) -> str:
    """An artifact of 512,000 bytes."""
    if server.request("GET", "/trial-components/holder").status == 404:
        server.request("POST", "/trial-components", {"name": "holder"})
    blob = BlobStore(server.home / "artifacts").put_bytes(BYTES)
    ref = ArtifactRef(value="model.bin", media_type="application/x-thing", sha256=blob.sha256, size=blob.size)
    made = store.add_artifact("holder", "output", 'mo"del.bin', ref)
    assert made.uid
    return made.uid


def test_the_record_names_size_and_hash(server: Server, uid: str) -> None:
    record = server.request("GET", f"/artifacts/{uid}").json()

    assert (record["name"], record["size"]) == ('mo"del.bin', len(BYTES))


def test_the_content_is_a_download_of_the_very_bytes(server: Server, uid: str) -> None:
    reply = server.request("GET", f"/artifacts/{uid}/content")

    assert reply.body == BYTES
    assert reply.headers["Content-Length"] == str(len(BYTES))
    assert reply.headers["Content-Disposition"] == "attachment; filename*=utf-8''mo%22del.bin"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 10), ("bytes=511990-", 511990, 512000), ("bytes=-5", 511995, 512000), ("bytes=9-9", 9, 10)],
)
def test_a_range_is_honoured(server: Server, uid: str, asked: str, first: int, last: int) -> None:
    reply = server.request("GET", f"/artifacts/{uid}/content", headers={"Range": asked})

    assert reply.status == 206
    assert reply.body == BYTES[first:last]
    assert reply.headers["Content-Range"] == f"bytes {first}-{last - 1}/512000"


@pytest.mark.parametrize("asked", ["bytes=512000-", "bytes=9-3", "bytes=-0"])
def test_a_range_behind_the_end_is_416(server: Server, uid: str, asked: str) -> None:
    reply = server.request("GET", f"/artifacts/{uid}/content", headers={"Range": asked})

    assert (reply.status, reply.error["code"]) == (416, "invalid_range")


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=x-y", "bytes=-", "bytes=" + "9" * 5000 + "-"])
def test_a_range_that_cannot_be_read_gives_the_whole(server: Server, uid: str, asked: str) -> None:
    assert server.request("GET", f"/artifacts/{uid}/content", headers={"Range": asked}).body == BYTES


def test_a_pointer_has_no_content_here(server: Server, store: Store) -> None:
    server.request("POST", "/trial-components", {"name": "pointer"})
    item = store.add_artifact("pointer", "input", "data", ArtifactRef(value="/etc/passwd"))

    assert item.uid is None, "what has no uid has no address"
    assert server.request("GET", f"/artifacts/{'0' * 26}/content").status == 404


def test_bytes_that_are_gone_are_404(server: Server, store: Store, uid: str) -> None:
    ref = ArtifactRef(value="lost", sha256="0" * 64, size=1)
    lost = store.add_artifact("holder", "output", "lost", ref)

    reply = server.request("GET", f"/artifacts/{lost.uid}/content")

    assert (reply.status, reply.error["code"]) == (404, "not_found")
