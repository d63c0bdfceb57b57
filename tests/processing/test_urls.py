"""Real jobs with inputs and outputs by URL, through a real HTTP server and a file system of a plug-in."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from mlstudio.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
from mlstudio.store.home import Home
from mlstudio.training import UnexpectedStatusException

from .conftest import Write

IN = "/opt/ml/processing/input"
OUT = "/opt/ml/processing/output"
UPPER = """
import os
for name in os.listdir("/opt/ml/processing/input/x"):
    with open("/opt/ml/processing/input/x/" + name) as file, open("/opt/ml/processing/output/o/" + name, "w") as out:
        out.write(file.read().upper())
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "rows.csv").write_text("a,b")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path / "site"))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file system ``bucket://`` that a plug-in brings, as s3fs brings ``s3://``; its keys lie in a folder."""
    (tmp_path / "plugin" / "bucketfs-1.0.dist-info").mkdir(parents=True)
    (tmp_path / "plugin" / "bucketfs.py").write_text(
        "import os\n"
        "from fsspec.implementations.dirfs import DirFileSystem\n"
        "from fsspec.implementations.local import LocalFileSystem\n"
        "class BucketFS(DirFileSystem):\n"
        "    protocol = 'bucket'\n"
        "    def __init__(self, **kwargs):\n"
        "        if os.environ.get('S3_KEY') != 'k':\n"
        "            raise PermissionError('no key')\n"
        f"        super().__init__(path={str(tmp_path / 'bucket')!r}, fs=LocalFileSystem(auto_mkdir=True))\n"
        "    @classmethod\n"
        "    def _strip_protocol(cls, path):\n"
        "        return path.removeprefix('bucket://')\n"
    )
    (tmp_path / "plugin" / "bucketfs-1.0.dist-info" / "METADATA").write_text("Name: bucketfs\nVersion: 1.0\n")
    (tmp_path / "plugin" / "bucketfs-1.0.dist-info" / "entry_points.txt").write_text(
        "[fsspec.specs]\nbucket = bucketfs:BucketFS\n"
    )
    (tmp_path / "bucket").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "plugin"))
    monkeypatch.setenv("S3_KEY", "k")
    monkeypatch.syspath_prepend(str(tmp_path / "plugin"))
    from bucketfs import BucketFS  # type: ignore[import-not-found]

    fsspec.register_implementation("bucket", BucketFS, clobber=True)
    return tmp_path / "bucket"


def test_an_input_comes_from_a_web_server_and_an_output_goes_to_a_bucket(
    agent: Home, script: Write, site: str, bucket: Path
) -> None:
    processor = ScriptProcessor()
    processor.run(
        script(UPPER + "print('key' if 'S3_KEY' in os.environ else 'no key')\n"),
        inputs=[ProcessingInput(f"{site}/rows.csv", f"{IN}/x")],
        outputs=[ProcessingOutput(f"{OUT}/o", "bucket://out", "o")],
        logs=False,
    )
    job = processor.jobs[0]
    assert (bucket / "out" / "rows.csv").read_text() == "A,B"
    assert job.outputs[0].destination == "bucket://out"
    assert job.logs() == "no key\n", "the log is the script's alone, and the script has no credentials"


def test_a_continuous_output_reaches_the_bucket_while_the_job_runs(agent: Home, script: Write, bucket: Path) -> None:
    text = f"""
import os, time
open("/opt/ml/processing/output/o/one", "w").write("1")
until = time.time() + 30
while not os.path.exists({str(bucket / "out" / "one")!r}) and time.time() < until:
    time.sleep(0.05)
print("arrived", os.path.exists({str(bucket / "out" / "one")!r}))
open("/opt/ml/processing/output/o/two", "w").write("2")
"""
    processor = ScriptProcessor()
    output = ProcessingOutput(f"{OUT}/o", "bucket://out", "o", s3_upload_mode="Continuous")
    processor.run(script(text), outputs=[output], logs=False)
    assert processor.jobs[0].logs() == "arrived True\n"
    assert sorted(os.listdir(bucket / "out")) == ["one", "two"]


def test_what_lies_in_this_process_s_memory_goes_with_the_job(agent: Home, script: Write) -> None:
    fsspec.filesystem("memory").pipe("/in/rows.csv", b"m")
    processor = ScriptProcessor()
    processor.run(
        script(UPPER),
        inputs=[ProcessingInput("memory://in", f"{IN}/x")],
        outputs=[ProcessingOutput(f"{OUT}/o", output_name="o")],
        logs=False,
    )
    assert (Path(str(processor.jobs[0].outputs[0].destination)) / "rows.csv").read_text() == "M"


def test_an_input_that_is_not_there_fails_the_job_with_its_name(agent: Home, script: Write, site: str) -> None:
    processor = ScriptProcessor()
    with pytest.raises(UnexpectedStatusException, match=f"InputFailed: Input input-1: {site}/none.csv"):
        processor.run(script(UPPER), inputs=[ProcessingInput(f"{site}/none.csv", f"{IN}/x")], logs=False)


def test_an_output_that_cannot_be_brought_fails_the_job_and_is_kept(agent: Home, script: Write, bucket: Path) -> None:
    bucket.joinpath("out").write_text("a file where a folder should be")
    processor = ScriptProcessor()
    text = "open('/opt/ml/processing/output/o/rows', 'w').write('1')"
    with pytest.raises(
        UnexpectedStatusException, match=r"Output o could not be written to bucket://out: \w+: .*kept in"
    ):
        processor.run(script(text), outputs=[ProcessingOutput(f"{OUT}/o", "bucket://out", "o")], logs=False)
