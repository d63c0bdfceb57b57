"""Previews and pictures over HTTP."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from mlstudio.entities.experiments import ArtifactRef
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server


def put(server: Server, store: Store, name: str, data: bytes, media: str | None = None) -> str:
    if server.request("GET", "/trial-components/shown").status == 404:
        server.request("POST", "/trial-components", {"name": "shown"})
    blob = BlobStore(server.home / "artifacts").put_bytes(data)
    ref = ArtifactRef(value=name, media_type=media, sha256=blob.sha256, size=blob.size)
    made = store.add_artifact("shown", "output", name, ref).uid
    assert made
    return made


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "blue").save(out, "PNG")
    return out.getvalue()


def test_a_preview_says_what_can_be_shown(server: Server, store: Store) -> None:
    uid = put(server, store, "m.csv", b"a,b\n1,2\n")
    table = server.request("GET", f"/artifacts/{uid}/preview")

    assert (table.status, table.json()["kind"], table.json()["rows"]) == (200, "table", [["1", "2"]])
    assert table.headers["Content-Type"] == "application/json"


def test_a_picture_is_drawn_anew_at_the_size_asked_for_and_kept_by_the_browser(server: Server, store: Store) -> None:
    uid = put(server, store, "p.png", png(800, 400), "image/png")
    reply = server.request("GET", f"/artifacts/{uid}/image?size=200")
    again = server.request("GET", f"/artifacts/{uid}/image?size=200", headers={"If-None-Match": reply.headers["Etag"]})
    other = server.request("GET", f"/artifacts/{uid}/image")

    assert reply.headers["Content-Type"] == "image/webp"
    assert "immutable" in reply.headers["Cache-Control"]
    assert "private" in reply.headers["Cache-Control"]
    assert Image.open(io.BytesIO(reply.body)).size == (200, 100)
    assert (again.status, again.body) == (304, b"")
    assert Image.open(io.BytesIO(other.body)).size == (800, 400)


@pytest.mark.parametrize("size", ["63", "2049", "-1", "x", "1e9"])
def test_a_size_out_of_range_is_400(server: Server, store: Store, size: str) -> None:
    uid = put(server, store, "q.png", png(9, 9))
    reply = server.request("GET", f"/artifacts/{uid}/image?size={size}")

    assert (reply.status, reply.error["field"]) == (400, "size")


def test_what_is_no_image_has_no_picture(server: Server, store: Store) -> None:
    for name, data in (("t.txt", b"text"), ("s.svg", b"<svg/>")):
        assert server.request("GET", f"/artifacts/{put(server, store, name, data)}/image").status == 404
    assert server.request("GET", "/artifacts/nobody/preview").status == 404
    assert server.request("GET", "/artifacts/a%2Fb/preview").status == 400
