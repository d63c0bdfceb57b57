"""Inputs and outputs by fsspec URL: fetched before the job, brought during and after it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from mlstudio import jobs
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_parts import ProcessingInput, ProcessingOutput
from mlstudio.entities.jobs import Channel, JobSpec
from mlstudio.jobs import transfer
from mlstudio.jobs.transfer import TransferError, check_url, fetch, fetch_own, plan, protocol_of, upload
from mlstudio.store.home import Home

from .conftest import SpecFactory


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    for name in ("data/a.csv", "data/deep/b.csv", "data/c.txt"):
        system.pipe(f"/{name}", name.encode())
    yield system
    system.store.clear()


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def refusal(url: str, **changes: Any) -> InvalidField:
    with pytest.raises(InvalidField) as refused:
        check_url(url, what="Input x", field="inputs", **changes)
    return refused.value


def test_a_file_a_folder_and_a_pattern_are_fetched_as_local_ones_are_mounted(memory: Any, tmp_path: Path) -> None:
    assert fetch("Input x", "memory://data/a.csv", tmp_path / "file") == 1
    assert names(tmp_path / "file") == ["a.csv"]
    assert fetch("Input x", "memory://data", tmp_path / "folder") == 3
    assert names(tmp_path / "folder") == ["a.csv", "c.txt", "deep/b.csv"]
    assert fetch("Input x", "memory://data/*.csv", tmp_path / "pattern") == 1
    assert (tmp_path / "pattern" / "a.csv").read_text() == "data/a.csv"
    assert fetch("Input x", "memory://data/d*", tmp_path / "folders") == 1
    assert names(tmp_path / "folders") == ["deep/b.csv"]


def test_what_is_not_there_is_one_sentence(memory: Any, tmp_path: Path) -> None:
    for url in ("memory://no/such", "memory://data/*.parquet"):
        with pytest.raises(
            TransferError, match=f"^Input x: {url.replace('*', '.')} does not exist, is empty, or cannot be reached.$"
        ):
            fetch("Input x", url, tmp_path)


def test_an_error_of_a_file_system_is_one_sentence_without_the_password(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied\nmore of it")

    monkeypatch.setattr(type(memory), "isfile", refused)
    with pytest.raises(TransferError) as told:
        fetch("Input x", "memory://user:pa55word@data/a.csv", tmp_path)
    assert str(told.value).endswith("cannot be read: PermissionError: Access Denied.")
    assert "pa55word" not in str(told.value)


def test_a_file_system_that_names_files_outside_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_files", lambda *_: iter([("/x", "../../x")]))
    with pytest.raises(TransferError, match="names a file outside of itself"):
        fetch("Input x", "memory://data", tmp_path)


def test_urls_that_nothing_opens_are_refused_with_what_to_do() -> None:
    assert "nothing here opens memroy://" in refusal("memroy://x").message
    assert refusal("memroy://x").hint == "Did you mean memory://?"
    missing = refusal("gs://bucket/key")
    assert missing.message == "Input x: gs://bucket/key needs the package gcsfs, which is not installed."
    assert missing.hint == "Install it: pip install gcsfs."
    assert "needs the package gcsfs" in refusal("zip://a.csv::gs://bucket/a.zip").message
    assert "in one process only" in refusal("memory://out", write=True).message
    check_url("memory://in", what="Input x", field="inputs")
    assert protocol_of("s3://b/k") == "s3"


def a_spec(**changes: Any) -> JobSpec:
    known = {
        "name": "p",
        "kind": "processing",
        "entry_point": "p.py",
        "source_dir": "/s",
        "interpreter": sys.executable,
    }
    return JobSpec(**{**known, **changes})


def test_the_program_gets_the_submitter_s_credentials_and_the_script_does_not() -> None:
    spec = a_spec(
        inputs=[ProcessingInput(name="x", source="s3://b/k", destination="/opt/ml/processing/input/x")],
        outputs=[ProcessingOutput(name="y", source="/opt/ml/processing/output/y", destination="s3://b/y")],
    )
    found = plan(spec, {"AWS_PROFILE": "me", "JUPYTER_TOKEN": "t"}, {"PATH": "/bin"})["transfer"]
    assert found["env"] == {"PATH": "/bin", "AWS_PROFILE": "me"}
    assert found["fetch"] == [{"what": "Input x", "url": "s3://b/k", "target": "processing/input/x"}]
    assert found["argv"][0] == sys.executable
    assert plan(a_spec(), {}, {}) == {}
    own = [ProcessingInput(name="x", source="memory://data", destination="/opt/ml/processing/input/x")]
    assert plan(a_spec(inputs=own), {}, {}) == {}, "what is in the memory of one process is fetched by it"


def test_what_lies_in_memory_is_copied_at_submission(memory: Any, tmp_path: Path) -> None:
    inputs = [ProcessingInput(name="x", source="memory://data/a.csv", destination="/opt/ml/processing/input/x")]
    fetch_own(a_spec(inputs=inputs, channels=[Channel("t", "memory://data/deep")]), tmp_path)
    assert names(tmp_path) == ["input/data/t/b.csv", "processing/input/x/a.csv"]
    with pytest.raises(InvalidField, match="does not exist, is empty"):
        fetch_own(a_spec(channels=[Channel("t", "memory://nothing")]), tmp_path)


def test_what_was_brought_while_the_job_ran_is_not_brought_again(memory: Any, tmp_path: Path) -> None:
    folder = tmp_path / "artifacts" / "y"
    folder.mkdir(parents=True)
    (folder / "a").write_text("1")
    outputs = [{"name": "y", "source": "processing/output/y", "destination": "memory://out", "continuous": True}]
    (tmp_path / "spec.json").write_text(json.dumps({"outputs": outputs, "output_url": "memory://archives"}))
    (tmp_path / "artifacts" / "model.tar.gz").write_bytes(b"m")
    assert upload(tmp_path) == 0
    assert memory.cat("/out/a") == b"1"
    assert memory.cat("/archives/model.tar.gz") == b"m"
    memory.pipe("/out/a", b"changed there")
    assert upload(tmp_path) == 0
    assert memory.cat("/out/a") == b"changed there"
    (folder / "a").write_text("22")
    assert upload(tmp_path) == 0
    assert memory.cat("/out/a") == b"22"


def test_an_upload_that_fails_is_told_with_the_place_where_the_files_are(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(memory), "put_file", refused)
    (tmp_path / "artifacts" / "y").mkdir(parents=True)
    (tmp_path / "artifacts" / "y" / "a").write_text("1")
    outputs = [{"name": "y", "source": "processing/output/y", "destination": "memory://out"}]
    (tmp_path / "spec.json").write_text(json.dumps({"outputs": outputs}))
    assert upload(tmp_path) == 1
    told = json.loads((tmp_path / "upload.json").read_text())["problems"]
    kept = f"it is kept in {tmp_path / 'artifacts' / 'y'}."
    assert told == [f"Output y could not be written to memory://out: PermissionError: Access Denied; {kept}"]


def test_a_training_job_takes_a_url_and_a_pattern_and_brings_intermediate_output_while_it_runs(
    agent: Home, spec: SpecFactory, memory: Any, tmp_path: Path
) -> None:
    for name in ("one.csv", "two.csv", "three.txt"):
        (tmp_path / name).write_text(name)
    text = """
        import os, time
        print(sorted(os.listdir(os.environ["SM_CHANNEL_REMOTE"])), sorted(os.listdir(os.environ["SM_CHANNEL_LOCAL"])))
        with open(os.environ["SM_OUTPUT_INTERMEDIATE_DIR"] + "/step-1", "w") as file:
            file.write("1")
        until = time.time() + 20
        while not os.path.exists(os.environ["THERE"]) and time.time() < until:
            time.sleep(0.02)
        print("arrived", os.path.exists(os.environ["THERE"]))
        with open(os.environ["SM_OUTPUT_INTERMEDIATE_DIR"] + "/step-2", "w") as file:
            file.write("2")
    """
    wanted = spec(
        text,
        name="with-url",
        channels=[Channel("remote", "memory://data"), Channel("local", str(tmp_path / "*.csv"))],
        output_path=str(tmp_path / "out"),
        environment={"THERE": str(tmp_path / "out" / "with-url" / "output" / "intermediate" / "step-1")},
    )
    job = jobs.submit(wanted)
    assert job.wait(60).status == "Completed"
    assert job.logs() == "['a.csv', 'c.txt', 'deep'] ['one.csv', 'two.csv']\narrived True\n"
    assert names(tmp_path / "out" / "with-url" / "output" / "intermediate") == ["step-1", "step-2"]
