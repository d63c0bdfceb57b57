"""Secrets are shown nowhere: not in answers, not in events, not in logs, and no pickle is loaded on the way."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from mlstudio.entities.jobs import Channel, JobSpec, JobUpdate
from mlstudio.entities.secrets_jobs import masked_job
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server

SECRET = "s3cr3t-9f8e7d"
HIDDEN = {
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "my_token": SECRET,
    "DB_PASSWORD": SECRET,
    "API_KEY": SECRET,
    "SM_HMAC": SECRET,
    "SESSION_COOKIE": SECRET,
    "PROXY": f"http://user:{SECRET}@proxy:3128/x",
}


@pytest.fixture
def job(store: Store) -> str:
    spec = JobSpec(
        name="secretive",
        entry_point="t.py",
        source_dir="/src",
        interpreter=sys.executable,
        environment={**HIDDEN, "EPOCHS": "3"},
        hyperparameters={"api_key": f'"{SECRET}"', "lr": "0.1"},
        channels=[Channel("train", f"https://u:{SECRET}@host/data")],
        recorded={"role": "x", "git_token": SECRET},
        client_token=SECRET,
    )
    try:
        store.get_job("secretive")
    except LookupError:
        store.create_job(spec, trial_component="secretive-aws-training-job")
    return "secretive"


def test_t32_no_answer_of_a_job_holds_a_secret(server: Server, job: str) -> None:
    whole = server.request("GET", f"/jobs/{job}")
    listed = server.request("GET", "/jobs")

    for reply in (whole, listed):
        assert reply.status == 200
        assert SECRET.encode() not in reply.body
    environment = whole.json()["spec"]["environment"]
    assert set(environment) == {*HIDDEN, "EPOCHS"}
    assert environment["EPOCHS"] == "3"
    assert environment["PROXY"] == "http://••••@proxy:3128/x"
    assert whole.json()["spec"]["hyperparameters"]["lr"] == "0.1"


def test_t32_no_event_of_a_job_holds_a_secret(server: Server, store: Store, job: str) -> None:
    with server.socket("jobs", f"job:{job}") as socket:
        socket.wait_for("hello", "hello")
        store.update_job(job, JobUpdate(status_message="moved"))
        socket.wait_for(f"job:{job}", "updated")

        assert SECRET not in repr(socket.frames)


def test_t32_redaction_leaves_the_record_itself_alone(store: Store, job: str) -> None:
    record = store.get_job(job)

    shown = masked_job(record)

    assert record.spec.environment["API_KEY"] == SECRET
    assert SECRET not in repr(shown)


def test_t32_the_token_is_in_no_log_whatever_fails(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("mlstudio.server.handlers.experiments.condition", broken)
    caplog.set_level(logging.DEBUG)
    server.records.clear()
    reply = server.request("GET", f"/experiments?token={server.token}", headers={"Authorization": None})
    server.request("GET", f"/nothing?token={server.token}", headers={"Authorization": None})
    server.request("POST", f"/experiments?token={server.token}", raw=b"{", headers={"Authorization": None})

    formatter = logging.Formatter("%(message)s")
    said = "\n".join(formatter.format(record) for record in [*server.records, *caplog.records])
    assert reply.status == 500
    assert "planted" in said
    assert server.token not in said


PICKLE_WATCH = """
import sys
seen = []
sys.addaudithook(lambda event, args: seen.append(args) if event == "pickle.find_class" else None)
import pickle
from pathlib import Path
from mlstudio.entities.experiments import ArtifactRef
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.testing.server import running_server

class Bomb:
    def __reduce__(self):
        return (print, ("PICKLE RAN",))

home = Path(sys.argv[1]) / "home"
bomb = pickle.dumps(Bomb())
with running_server(home) as server:
    server.request("POST", "/trial-components", {"name": "c"})
    blob = BlobStore(home / "artifacts").put_bytes(bomb)
    for media in ("application/x-pickle", "application/octet-stream", "text/plain"):
        ref = ArtifactRef("m.pkl", media, None, len(bomb), blob.sha256)
        item = open_store().add_artifact("c", "output", media, ref)
        assert server.request("GET", f"/artifacts/{item.uid}/content").body == bomb
    for path in ("/experiments", "/trials", "/trial-components", "/tables", "/curves"):
        for kind in ("application/json", "application/vnd.bentoml+pickle", "application/octet-stream"):
            assert 400 <= server.request("POST", path, raw=bomb, headers={"Content-Type": kind}).status < 500
    with server.socket("experiment:e", "component:c", "points:c") as socket:
        socket.wait_for("hello", "hello")
    assert "torch" not in sys.modules
assert not seen, seen
pickle.loads(pickle.dumps(Path("x")))
assert seen, "the watch itself must work"
print("whole")
"""


@pytest.mark.slow
def test_t18_the_server_loads_no_pickle_and_no_torch(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PICKLE_WATCH, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout.endswith("whole\n"), done.stderr[-3000:]
    assert "PICKLE RAN" not in done.stdout
