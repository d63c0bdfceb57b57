"""What the bytes that a user made may do in our origin: nothing."""

from __future__ import annotations

import pytest

from mlstudio.entities.experiments import ArtifactRef
from mlstudio.server.routes import ROUTES
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
PASSED_ON = {"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv", "application/json"}
MADE_UP = (
    "text/html",
    "text/html; charset=utf-7",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "application/javascript",
    "text/javascript",
    "application/pdf",
    "application/x-python-pickle",
    "application/vnd.mlstudio.v1+json",
    "text/plain\r\nX-Evil: 1",
    "IMAGE/SVG+XML",
    "",
    None,
)


def content(server: Server, store: Store, media: str | None, name: str = "thing") -> dict[str, str]:
    if server.request("GET", "/trial-components/headers").status == 404:
        server.request("POST", "/trial-components", {"name": "headers"})
    blob = BlobStore(server.home / "artifacts").put_bytes(SCRIPT)
    made = store.add_artifact(
        "headers", "output", name, ArtifactRef(value="x", media_type=media, sha256=blob.sha256, size=blob.size)
    )
    reply = server.request("GET", f"/artifacts/{made.uid}/content")
    assert reply.body == SCRIPT
    return {key.lower(): value for key, value in reply.headers.items()}


@pytest.mark.parametrize("media", [*sorted(PASSED_ON), *MADE_UP])
def test_every_media_type_is_a_sandboxed_download(server: Server, store: Store, media: str | None) -> None:
    headers = content(server, store, media, f"thing-{hash(media) % 10**6}")

    assert headers["content-disposition"].startswith("attachment;")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    expected = media if media in PASSED_ON else "application/octet-stream"
    assert headers["content-type"] == expected
    assert "x-evil" not in headers
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "name", ['a"; filename="b.html', "a\r\nX-Evil: 1", "../../x.html", "\u00fc\u202egpj.exe", "x" * 500]
)
def test_a_hostile_name_stays_inside_the_disposition(server: Server, store: Store, name: str) -> None:
    headers = content(server, store, "text/plain", name)

    disposition = headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=utf-8''")
    assert not set('"\r\n/ ;') & set(disposition.removeprefix("attachment; filename*=utf-8''"))
    assert "x-evil" not in headers


def test_every_json_answer_runs_nothing_and_is_not_sniffed(server: Server) -> None:
    for route in ROUTES:
        if route.method == "GET" and "{" not in route.path and route.returns != "socket":
            headers = server.request("GET", route.path).headers
            assert headers["X-Content-Type-Options"] == "nosniff", route.path
            assert "default-src 'none'" in headers["Content-Security-Policy"], route.path
            assert headers["Content-Type"] == "application/json", route.path


def test_an_error_answer_has_the_same_headers(server: Server) -> None:
    for path, headers in (("/nothing", {}), ("/version", {"Authorization": None}), ("/experiments/a%20b", {})):
        found = server.request("GET", path, headers=headers).headers
        assert found["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in found["Content-Security-Policy"]
        assert found["Content-Type"] == "application/json"


def test_html_in_a_name_of_an_error_stays_json_text(server: Server) -> None:
    reply = server.request("POST", "/experiments", {"name": "<img src=x onerror=alert(1)>"})

    assert reply.status == 400
    assert reply.headers["Content-Type"] == "application/json"
    assert "<img" in reply.error["message"]
