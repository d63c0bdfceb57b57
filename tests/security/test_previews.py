"""What users made is shown without being trusted: no script, no pickle, no bomb, no hang."""

from __future__ import annotations

import io
import json
import pickle
import struct
import time
import zipfile
import zlib
from typing import Any

import numpy as np
import pytest

from mlstudio.entities.experiments import ArtifactRef
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.laws import Store
from mlstudio.testing.server import Reply, Server

SCRIPT = "<script>alert(1)</script>"
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>{SCRIPT}</svg>".encode()


class Evil:
    """Whoever unpickles it is gone."""

    def __reduce__(self) -> tuple[object, ...]:
        import os

        return (os._exit, (86,))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb() -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 10**6)) + chunk(b"IEND", b"")


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def object_array() -> bytes:
    out = io.BytesIO()
    np.save(out, np.array([Evil()], dtype=object), allow_pickle=True)
    return out.getvalue()


def notebook() -> bytes:
    data = {"text/html": SCRIPT, "application/javascript": "alert(1)", "image/svg+xml": SVG.decode()}
    cell = {"cell_type": "code", "source": "1", "outputs": [{"output_type": "display_data", "data": data}]}
    return json.dumps({"cells": [cell]}).encode()


def put(server: Server, store: Store, name: str, data: bytes, media: str | None = None) -> str:
    if server.request("GET", "/trial-components/hostile").status == 404:
        server.request("POST", "/trial-components", {"name": "hostile"})
    blob = BlobStore(server.home / "artifacts").put_bytes(data)
    ref = ArtifactRef(value="x", media_type=media, sha256=blob.sha256, size=blob.size)
    uid = store.add_artifact("hostile", "output", name, ref).uid
    assert uid
    return uid


def preview(server: Server, store: Store, name: str, data: bytes, media: str | None = None) -> tuple[Reply, Any]:
    begun = time.monotonic()
    reply = server.request("GET", f"/artifacts/{put(server, store, name, data, media)}/preview")
    assert time.monotonic() - begun < 12
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    return reply, reply.json()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("model.pkl", pickle.dumps(Evil())),
        ("model.txt", pickle.dumps(Evil())),
        ("image.png", pickle.dumps(Evil(), protocol=2)),
        ("model.pt", zipped("archive/data.pkl", pickle.dumps(Evil()))),
        ("model.joblib", zlib.compress(pickle.dumps(Evil()))),
    ],
    ids=["pkl", "txt", "png", "pt", "joblib"],
)
def test_t18_a_pickle_is_not_shown_and_not_read(server: Server, store: Store, name: str, data: bytes) -> None:
    _, shown = preview(server, store, name, data)

    assert shown["kind"] == "none"
    assert shown["reason"] == "not shown: unsafe format (pickle)"


@pytest.mark.parametrize(
    ("name", "data"),
    [("o.npy", object_array()), ("o.npz", zipped("o.npy", object_array()))],
    ids=["npy", "npz"],
)
def test_t18_an_object_array_is_named_and_not_read(server: Server, store: Store, name: str, data: bytes) -> None:
    _, shown = preview(server, store, name, data)

    assert shown["reason"] == "not shown: unsafe format (pickled objects)"
    assert shown["rows"][0][1] == "object"


@pytest.mark.parametrize(
    ("name", "media"), [("a.svg", "image/svg+xml"), ("a.png", "image/png"), ("a", None), ("a.html", "text/html")]
)
def test_svg_and_html_are_only_ever_text(server: Server, store: Store, name: str, media: str | None) -> None:
    _, shown = preview(server, store, name, SVG, media)
    picture = server.request("GET", f"/artifacts/{put(server, store, name, SVG, media)}/image")

    assert (shown["kind"], shown["text"], shown["image"]) == ("text", SVG.decode(), None)
    assert picture.status == 404
    assert picture.headers["Content-Type"] == "application/json"


def test_a_notebooks_markup_is_not_shown(server: Server, store: Store) -> None:
    reply, shown = preview(server, store, "n.ipynb", notebook())

    assert shown["kind"] == "notebook"
    assert b"alert" not in reply.body


def test_a_picture_has_its_own_bytes_and_runs_nothing(server: Server, store: Store) -> None:
    from PIL import Image, PngImagePlugin

    out, about = io.BytesIO(), PngImagePlugin.PngInfo()
    about.add_text("Comment", SCRIPT)
    Image.new("RGB", (30, 30), "red").save(out, "PNG", pnginfo=about)
    data = out.getvalue() + SCRIPT.encode()
    reply = server.request("GET", f"/artifacts/{put(server, store, 'polyglot.png', data, 'text/html')}/image")

    assert reply.headers["Content-Type"] == "image/webp"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert reply.body[:4] == b"RIFF"
    assert b"script" not in reply.body


def test_bombs_are_refused_and_the_server_goes_on(server: Server, store: Store) -> None:
    bombs = {
        "bomb.png": png_bomb(),
        "bomb.zip": zipped("zeros", b"\0" * 50_000_000),
        "bomb.npz": zipped("zeros.npy", b"\x93NUMPY\x01\0" + b"\0" * 10_000_000),
        "bomb.tar.gz": zlib.compress(b"\0" * 50_000_000, wbits=31),
        "deep.json": b"[" * 5_000_000,
        "deep.ipynb": b'{"cells":' + b"[" * 1_000_000,
        "wide.csv": b"," * 5_000_000,
        "long.csv": b'"' + b"a" * 5_000_000,
        "cut.parquet": b"PAR1" + b"\xff" * 500 + b"\xff\xff\xff\x7fPAR1",
    }
    for name, data in bombs.items():
        _, shown = preview(server, store, name, data)
        assert shown["kind"] in {"none", "folder", "table", "text"}, name
        assert len(json.dumps(shown)) < 2_000_000, name
        assert server.request("GET", "/version").status == 200
    reply = server.request("GET", f"/artifacts/{put(server, store, 'bomb.png', png_bomb())}/image")
    assert (reply.status, reply.error["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "a\r\nX: y.csv", "<img src=x>.csv", "\u202efdp.csv", "x" * 500]
)
def test_a_hostile_name_is_no_path(server: Server, store: Store, name: str) -> None:
    _, shown = preview(server, store, name, b"a,b\n1,2\n")

    assert shown["kind"] in {"table", "text"}


@pytest.mark.parametrize("media", ["audio/wav", "video/mp4", "audio/mpeg", "video/webm"])
def test_sound_and_film_are_played_from_a_sandboxed_download(server: Server, store: Store, media: str) -> None:
    uid = put(server, store, f"clip-{media.replace('/', '-')}", SVG, media)
    reply = server.request("GET", f"/artifacts/{uid}/content", headers={"Range": "bytes=0-3"})

    assert (reply.status, reply.headers["Content-Type"]) == (206, media)
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert reply.headers["Content-Disposition"].startswith("attachment;")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
