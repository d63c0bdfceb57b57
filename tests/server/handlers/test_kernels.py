"""Kernels of a real server: started on what was chosen, measured, and refused in words."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_server.auth.authorizer import Authorizer

from mlstudio.entities.instances import LeaseWish
from mlstudio.jobs.hosts.capacity import host_name, memory_mib
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.testing.server import Server, running_server

SPEC = {"argv": ["sleep", "600"], "display_name": "Sleeper", "language": "none"}
LOCAL = {**SPEC, "metadata": {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}}
GPU = "ml.local.gpu1"


class Reader(Authorizer):
    """Lets everybody read and nobody do anything."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action == "read"


@pytest.fixture(autouse=True)
def own_factory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The factory is one of a process; each server here gets its own."""
    KernelProvisionerFactory.clear_instance()
    monkeypatch.setenv("MLSTUDIO_FAKE_GPUS", "2")
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two kernels that answer nobody, and start at once."""
    for name, spec in (("sleeper", SPEC), ("other", LOCAL)):
        folder = tmp_path / "share" / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))


@pytest.fixture
def server(home: Home, specs: None) -> Iterator[Server]:
    with running_server(home.root) as one:
        yield one
        for kernel_id in one.app.kernel_manager.list_kernel_ids():
            one.call(one.app.kernel_manager.shutdown_kernel(kernel_id, now=True))


def jupyter(server: Server, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Ask Jupyter's own API."""
    url = f"http://{server.host}{path}"
    data = None if body is None else json.dumps(body).encode()
    headers = {**server.auth, "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def notebook(server: Server, name: str, kernel: str = "sleeper") -> str:
    """Open a notebook's session and return its kernel's id."""
    wanted = {"path": name, "name": name, "type": "notebook", "kernel": {"name": kernel}}
    status, made = jupyter(server, "POST", "/api/sessions", wanted)
    assert status == 201, made
    return str(made["kernel"]["id"])


def test_a_kernel_of_an_unchanged_kernelspec_is_ours(server: Server) -> None:
    kernel_id = notebook(server, "a.ipynb")
    reply = server.request("GET", f"/kernels/{kernel_id}/instance")
    assert reply.json() == {
        "instance_type": "local",
        "wanted": "local",
        "vcpu": len(os.sched_getaffinity(0)),
        "memory_mib": None,
        "host_memory_mib": memory_mib(),
        "gpus": [],
        "notices": [],
    }


def test_choosing_and_restarting_switches(server: Server) -> None:
    kernel_id = notebook(server, "a.ipynb")
    told = server.request("PUT", f"/kernels/{kernel_id}/instance", {"instance_type": GPU})
    assert (told.status, told.json()["wanted"], told.json()["instance_type"]) == (200, GPU, "local")
    assert jupyter(server, "POST", f"/api/kernels/{kernel_id}/restart", {})[0] == 200
    assert server.request("GET", f"/kernels/{kernel_id}/instance").json()["gpus"] == ["GPU-fake-0"]
    assert [(one.holder, one.kind) for one in open_store().leases()] == [(kernel_id, "kernel")]
    assert jupyter(server, "DELETE", f"/api/kernels/{kernel_id}")[0] == 204
    assert open_store().leases() == []
    again = notebook(server, "a.ipynb")
    assert server.request("GET", f"/kernels/{again}/instance").json()["instance_type"] == GPU


def test_a_notebook_that_came_with_a_size_starts_on_it(server: Server, tmp_path: Path) -> None:
    cells = {"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {"mlstudio": {"instance_type": GPU}}}
    (tmp_path / "jupyter" / "root" / "b.ipynb").write_text(json.dumps(cells))
    kernel_id = notebook(server, "b.ipynb")
    assert server.request("GET", f"/kernels/{kernel_id}/instance").json()["instance_type"] == GPU


def test_no_room_is_said_in_words_by_jupyter_and_by_us(server: Server) -> None:
    first = notebook(server, "a.ipynb")
    assert server.request("PUT", f"/kernels/{first}/instance", {"instance_type": GPU}).status == 200
    wish = [LeaseWish(f"{host_name()}/gpu/GPU-fake-{number}") for number in (0, 1)]
    open_store().take_leases("resnet", "job", wish, ttl=60)
    told = server.request("PUT", f"/kernels/{first}/instance", {"instance_type": "local_gpu"})
    assert told.status == 409
    assert (told.error["code"], told.error["field"]) == ("resource_in_use", "instance_type")
    assert "2 GPUs asked for, 0 of 2 free. Held by: job resnet." in told.error["message"]
    assert jupyter(server, "DELETE", f"/api/kernels/{first}")[0] == 204
    wanted = {"path": "a.ipynb", "name": "a.ipynb", "type": "notebook", "kernel": {"name": "sleeper"}}
    status, answer = jupyter(server, "POST", "/api/sessions", wanted)
    assert status == 500, "Jupyter's own status for a kernel that does not start"
    assert answer["message"].startswith("There is no room for ml.local.gpu1 now: 1 GPU asked for, 0 of 2 free.")


@pytest.mark.parametrize(
    ("body", "code", "field", "words"),
    [
        ({"instance_type": "ml.m5.larg"}, "invalid_field", "instance_type", "'ml.m5.larg' is no instance type."),
        ({"instance_type": ""}, "invalid_json", "instance_type", "length >= 1"),
        ({"instance_type": "x" * 65}, "invalid_json", "instance_type", "length <= 64"),
        ({"instance_type": 3}, "invalid_json", "instance_type", "Expected `str`"),
        ({}, "invalid_json", "instance_type", "missing required field `instance_type`"),
        ({"instance_type": "local", "more": 1}, "invalid_json", "more", "unknown field `more`"),
    ],
)
def test_bad_choices(server: Server, body: Any, code: str, field: str, words: str) -> None:
    kernel_id = notebook(server, "a.ipynb")
    told = server.request("PUT", f"/kernels/{kernel_id}/instance", body)
    assert (told.status, told.error["code"], told.error["field"]) == (400, code, field)
    assert words in told.error["message"]
    assert server.request("GET", f"/kernels/{kernel_id}/instance").json()["wanted"] == "local"


def test_kernels_that_are_not_there_or_not_ours(server: Server) -> None:
    for method, body in (("GET", None), ("PUT", {"instance_type": "local"})):
        assert server.request(method, "/kernels/nobody/instance", body).error["code"] == "not_found"
        assert server.request(method, "/kernels/..%2F..%2Fetc/instance", body).error["code"] == "not_found"
    kernel_id = notebook(server, "a.ipynb", "other")
    told = server.request("PUT", f"/kernels/{kernel_id}/instance", {"instance_type": GPU})
    assert told.error["message"] == "This kernel was not started by mlstudio's provisioner."
    assert server.request("GET", "/kernels/usage").json()["kernels"][0]["instance"] is None


def test_usage_of_two_kernels(server: Server) -> None:
    assert server.request("GET", "/kernels/usage").json()["kernels"] == []
    ids = {notebook(server, "a.ipynb"): "a.ipynb", notebook(server, "b.ipynb"): "b.ipynb"}
    told = server.request("GET", "/kernels/usage").json()
    assert told["host_memory"] > 1 << 28
    assert {one["kernel_id"]: one["path"] for one in told["kernels"]} == ids
    for one in told["kernels"]:
        assert (one["name"], one["instance"]["instance_type"], one["cpu_percent"]) == ("sleeper", "local", None)
        assert 1 << 16 < one["rss"] < 1 << 26
        assert one["gpu_memory"] is None


def test_whoever_may_only_read_cannot_choose(home: Home, specs: None) -> None:
    with running_server(home.root, config={"ServerApp": {"authorizer_class": Reader}}) as server:
        kernel_id = server.call(server.app.kernel_manager.start_kernel(kernel_name="sleeper"))
        assert server.request("GET", f"/kernels/{kernel_id}/instance").status == 200
        told = server.request("PUT", f"/kernels/{kernel_id}/instance", {"instance_type": GPU})
        assert (told.status, told.error["code"]) == (403, "forbidden")
        server.call(server.app.kernel_manager.shutdown_all(now=True), timeout=60)


@pytest.mark.parametrize("how", ["setting", "configuration", "environment"])
def test_kernels_may_be_left_to_another_provisioner(home: Home, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config: dict[str, dict[str, Any]] = {
        "setting": {"StudioApp": {"kernels": False}},
        "configuration": {"KernelProvisionerFactory": {"default_provisioner_name": "local-provisioner"}},
        "environment": {},
    }[how]
    if how == "environment":
        monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "local-provisioner")
    with running_server(home.root, config=config):
        assert KernelProvisionerFactory.instance().default_provisioner_name == "local-provisioner"
