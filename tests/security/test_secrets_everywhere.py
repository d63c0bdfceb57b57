"""Secrets planted wherever a person may leave one: no door shows them, and what is captured is not even stored.

Three are planted. What mlstudio captures by itself (source, arguments, changes, cells, parameters, output) is
never stored. What a job needs to run is stored with it, and shown nowhere. What a person logs as an artifact is
that person's file: previews mask it, the download is the file.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlstudio
from mlstudio.cli.main import main
from mlstudio.entities.experiments import ListRequest
from mlstudio.entities.jobs import Channel, JobSpec, JobUpdate
from mlstudio.entities.transfers import ExportRequest
from mlstudio.experiments import capture, notebook
from mlstudio.experiments.exporters import run_export
from mlstudio.experiments.exporters.tensorboard import EventFolder
from mlstudio.experiments.importers.tally import Tally
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.server.routes import ROUTES
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server, running_server
from mlstudio.widgets.answers import answer

CAPTURED, NEEDED, LOGGED = "c4ptured-9f8e7d", "n33ded-9f8e7d", "l0gged-9f8e7d"
SCRIPT = f'''
import sys
API_KEY = """
{CAPTURED}
"""
db = "postgresql://me:{CAPTURED}@host/db"
print("token={CAPTURED}", "Authorization: Bearer {CAPTURED}")
KEY = """
-----BEGIN RSA PRIVATE KEY-----
MIIE{CAPTURED.replace("-", "+")}
-----END RSA PRIVATE KEY-----
"""
print(KEY, flush=True)
print("password: {CAPTURED}", file=sys.stderr)
'''
FILES = {
    "settings.yaml": f"db:\n  password: {LOGGED}\n",
    "train.py": f"API_KEY = '{LOGGED}'\n",
    "config.json": json.dumps({"deep": {"api_key": LOGGED, "note": f"--token {LOGGED}"}}),
    "users.csv": f"name,password\nme,{LOGGED}\n",
    "nb.ipynb": json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "source": [f"token = '{LOGGED}'"],
                    "outputs": [{"output_type": "stream", "text": [f"password: {LOGGED}\n"]}],
                }
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    ),
}


def _git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True, capture_output=True, timeout=30)


def _plant(folder: Path, store: Store, patch: pytest.MonkeyPatch) -> None:
    """Leave the secrets in a dirty diff, argv, output, parameters, a cell, a failure, a job, its log, and artifacts."""
    folder.mkdir()
    script = folder / "program.py"
    script.write_text("import sys\n")
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", "first")
    _git(folder, "remote", "add", "origin", f"https://me:{CAPTURED}@host/r.git")
    script.write_text(SCRIPT)
    arguments = ["--password", CAPTURED, f"--api-key={CAPTURED}", "--token", f"-{CAPTURED}", "--lr", "0.1"]
    assert main(["run", "--experiment", "planted", "--name", "script", str(script), *arguments]) == 0
    patch.setattr(capture, "_folder", lambda: folder)
    patch.setenv("NCCL_PROXY", f"http://me:{CAPTURED}@host")
    patch.setenv("TORCH_TOKEN", CAPTURED)
    with pytest.raises(ConnectionError):
        _failing_cell()
    patch.undo()
    patch.setenv("MLSTUDIO_HOME", str(folder.parent / "home"))
    with mlstudio.run("planted", "files", capture=False) as run:
        run.log(loss=0.25)
        run.log_parameters({"password": CAPTURED, "lr": 0.1})
        for name, text in FILES.items():
            (folder / name).write_text(text)
            run.log_file(folder / name)
    _job(folder, store)


def _failing_cell() -> None:
    said = notebook.cell(f"client = Client(token='{CAPTURED}')\n", "c1", "nb.ipynb")
    given = {"hf_token": CAPTURED, "db": f"pg://u:{CAPTURED}@h"}
    with said, mlstudio.run("planted", "cell", tags={"api_token": CAPTURED}, **given):
        mlstudio.log(loss=0.5)
        raise ConnectionError(f"no answer of https://me:{CAPTURED}@host/")


def _job(folder: Path, store: Store) -> None:
    spec = JobSpec(
        name="needy",
        entry_point="t.py",
        source_dir="/src",
        interpreter=sys.executable,
        environment={"API_KEY": NEEDED, "ARGS": f"--token {NEEDED}"},
        hyperparameters={"hf_token": f'"{NEEDED}"', "lr": "0.1"},
        channels=[Channel("train", f"https://u:{NEEDED}@host/data")],
        recorded={"git_token": NEEDED},
        client_token=NEEDED,
    )
    store.create_job(spec, trial_component="planted-files")
    LogWriter(folder / "job" / "log", "algo-1").write(f"epoch 1\npassword={NEEDED}\nBearer {NEEDED}\nend\n".encode())
    store.update_job(
        "needy",
        JobUpdate(
            status="Failed",
            secondary="Failed",
            run_dir=str(folder / "job"),
            failure_reason=f"ValueError: password={NEEDED}",
            status_message=f"token={NEEDED}",
        ),
    )


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("planted")
    with running_server(folder / "home") as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLSTUDIO_HOME", str(server.home))
        _plant(folder / "work", open_store(home=Home(server.home)), patch)
        yield server


@pytest.fixture
def server(planted: Server, home: Home, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("MLSTUDIO_HOME", str(planted.home))
    return planted


@pytest.fixture
def store(server: Server) -> Store:
    return open_store(home=Home(server.home))


def clean(text: str | bytes, *, of: tuple[str, ...] = (CAPTURED, NEEDED, LOGGED)) -> bool:
    """Tell whether none of the secrets is in a text, as it is or in another dress."""
    body = text if isinstance(text, bytes) else text.encode()
    dressed = [form for one in of for form in (one, one.replace("-", "+"))]
    return not any(one.encode() in body for one in dressed)


def names(store: Store) -> list[str]:
    return [one.name for one in store.list_components(ListRequest(limit=10)).items]


def test_everything_was_planted(store: Store) -> None:
    by_name = {one.display_name or one.name: one for one in store.list_components(ListRequest(limit=10)).items}
    code = {name: store.code(one.name) for name, one in by_name.items()}

    assert set(by_name) == {"script", "cell", "files"}
    assert by_name["script"].params == {"password": "••••", "api-key": "••••", "token": "••••", "lr": 0.1}
    assert by_name["cell"].params == {"hf_token": "••••", "db": "pg://••••@h"}
    assert by_name["cell"].status_message == "ConnectionError: no answer of https://••••@host/"
    script, cell = code["script"].code, code["cell"].code
    assert script is not None
    assert cell is not None
    assert script.argv == ["--password", "••••", "--api-key=••••", "--token", "••••", "--lr", "0.1"]
    assert script.source is not None
    assert clean(script.source)
    assert script.source.count("\n") == SCRIPT.count("\n")
    assert cell.source == "client = Client(token='••••')\n"
    assert script.diff_size
    assert cell.diff_size
    assert set(by_name["files"].outputs) == set(FILES)
    assert "output.log" in by_name["script"].outputs


def test_what_is_captured_is_stored_nowhere(server: Server) -> None:
    files = [path for path in server.home.rglob("*") if path.is_file()]

    assert any(path.suffix == ".db" for path in files)
    for path in files:
        assert CAPTURED.encode() not in path.read_bytes(), path


def test_no_answer_of_the_api_shows_one(server: Server, store: Store) -> None:
    components = names(store)
    uids = [item.uid for name in components for item in store.artifacts(name) if item.uid]
    values = ["planted", *[one.name for one in store.list_trials(ListRequest(limit=10)).items], *components, "needy"]
    answered = 0
    for route in ROUTES:
        if route.method != "GET" or route.returns == "socket":
            continue
        for value in [*values, *uids] if "{" in route.path else [""]:
            path = "/".join(value if part.startswith("{") else part for part in route.path.split("/"))
            reply = server.request("GET", path)
            answered += reply.status == 200
            file = path.endswith("/content")  # a person's own file is downloaded as it is
            assert clean(reply.body, of=(CAPTURED, NEEDED) if file else (CAPTURED, NEEDED, LOGGED)), path
    assert answered > 40

    asked = {
        "/comparisons": {"components": components},
        "/tables": {"scope": {"experiment": "planted"}, "columns": ["name", "params.hf_token", "params.password"]},
        "/search/complete": {"text": 'params.hf_token = "', "caret": 19, "experiment": "planted"},
    }
    for path, body in asked.items():
        reply = server.request("POST", path, body)
        assert reply.status == 200, reply.body
        assert clean(reply.body)
    log = server.request("GET", "/jobs/needy/log?offset=17&limit=10")
    assert log.body == b"*" * 10
    assert server.request("GET", "/jobs/needy/log").headers["X-Total-Bytes"] == str(
        len(f"epoch 1\npassword={NEEDED}\nBearer {NEEDED}\nend\n")
    )


def test_no_event_shows_one(server: Server, store: Store) -> None:
    topics = [
        "jobs",
        "job:needy",
        "log:needy",
        "experiments",
        "experiment:planted",
        *(f"component:{one}" for one in names(store)),
    ]
    with server.socket(*topics) as socket:
        socket.wait_for("hello", "hello")
        store.update_job("needy", JobUpdate(status_message=f"password={NEEDED}"))
        (log,) = (Path(str(store.get_job("needy").run_dir)) / "log").glob("algo-1*")
        with log.open("ab") as stream:
            stream.write(f"API_KEY={NEEDED}\n".encode())
        socket.wait_for("job:needy", "updated")
        socket.wait(lambda event: event["topic"] == "log:needy")  # whoever comes late hears first how far it is
        with log.open("ab") as stream:
            stream.write(f"PASSWORD={NEEDED}\n".encode())
        frame, _ = socket.wait_for("log:needy", "append")

        assert clean(base64.b64decode(frame["data"]["b64"]))
        assert clean(repr(socket.frames))


def test_no_answer_of_a_widget_shows_one(store: Store) -> None:
    components = names(store)
    asked = [
        ("GET", "/experiments/planted", ""),
        ("GET", "/experiments/planted/columns", ""),
        *(("GET", f"/trial-components/{one}", "") for one in components),
        *(("GET", f"/trial-components/{one}/series", "") for one in components),
        ("POST", "/tables", json.dumps({"scope": {"experiment": "planted"}})),
        ("POST", "/comparisons", json.dumps({"components": components})),
    ]
    for method, path, body in asked:
        found = answer(lambda: store, method, path, body.encode())
        assert found.status == 200, path
        assert clean(found.body), path
    assert clean(str(mlstudio.compare(components).to_dict()))
    assert clean(json.dumps(mlstudio.show(components).still()))


@pytest.mark.parametrize("form", ["csv", "parquet", "mlflow"])
def test_no_export_shows_one(form: str, store: Store, tmp_path: Path) -> None:
    place = tmp_path / f"out.{form}"

    run_export(ExportRequest(format=form), place, store=store)  # type: ignore[arg-type]

    files = [path for path in [place, *place.rglob("*")] if path.is_file()]
    assert files
    for path in files:
        person = path.name in FILES
        assert clean(path.read_bytes(), of=(CAPTURED, NEEDED) if person else (CAPTURED, NEEDED, LOGGED)), path


def test_no_event_file_shows_one(store: Store, tmp_path: Path) -> None:
    folder = EventFolder(store, tmp_path, None, Tally())
    folder.write()
    folder.close()

    files = [path for path in tmp_path.rglob("*tfevents*") if path.is_file()]
    assert len(files) == 3
    assert all(clean(path.read_bytes()) for path in files)


@pytest.mark.parametrize(
    "words",
    [
        ["experiments", "list"],
        ["experiments", "show", "planted"],
        ["experiments", "show", "planted", "--json"],
        ["jobs", "list"],
        ["jobs", "list", "--json"],
        ["jobs", "show", "needy"],
        ["jobs", "show", "needy", "--json"],
        ["jobs", "logs", "needy"],
        ["doctor"],
    ],
)
def test_no_command_prints_one(words: list[str], server: Server, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    main(words)

    said = capfdbinary.readouterr()
    assert said.out
    assert clean(said.out + said.err)


def test_no_comparison_of_the_command_line_prints_one(store: Store, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["experiments", "compare", *names(store)]) == 0

    assert clean(capfdbinary.readouterr().out)


def test_the_job_itself_keeps_what_it_needs(store: Store) -> None:
    assert store.get_job("needy").spec.environment["API_KEY"] == NEEDED
