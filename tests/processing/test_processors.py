"""Processors run scripts and commands as jobs, with their paths below /opt/ml/processing."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.entities.errors import InvalidField, ResourceInUse, StudioError
from mlstudio.entities.experiments import ExperimentCreate
from mlstudio.entities.job_requests import JobChanges
from mlstudio.entities.jobs import JobListRequest
from mlstudio.jobs.client import run_folder
from mlstudio.processing import ProcessingInput, ProcessingOutput, Processor, ScriptProcessor, SKLearnProcessor
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.training import UnexpectedStatusException

from .conftest import Write

IN = "/opt/ml/processing/input"
OUT = "/opt/ml/processing/output"
COPY = """
import os, sys
print("argv", sys.argv[1:], "cwd", os.getcwd(), "file", __file__)
os.makedirs("/opt/ml/processing/output/train", exist_ok=True)
for name in sorted(os.listdir("/opt/ml/processing/input")):
    path = os.path.join("/opt/ml/processing/input", name)
    if os.path.isfile(path):
        with open(path) as file, open("/opt/ml/processing/output/train/" + name, "w") as out:
            out.write(file.read().upper())
"""


def test_a_script_finds_its_file_and_its_output_comes_back(agent: Home, script: Write, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n")
    open_store().create_experiment(ExperimentCreate("churn"))
    processor = SKLearnProcessor(
        framework_version="1.0", role=None, instance_type="ml.t3.medium", env={"API_KEY": "s3cr3t"}
    )
    processor.run(
        script(COPY),
        inputs=[ProcessingInput(tmp_path / "data.csv", IN)],
        outputs=[ProcessingOutput(f"{OUT}/train", output_name="train")],
        arguments=["--downsample", "0.5"],
        experiment_config={"ExperimentName": "churn", "TrialComponentDisplayName": "Prepare"},
    )
    job = processor.latest_job
    assert job is not None
    record = job.record()
    assert (record.status, record.kind) == ("Completed", "processing")
    assert record.trial_component == f"{job.name}-aws-processing-job"
    folder = Path(str(job.outputs[0].destination))
    assert (folder / "data.csv").read_text() == "A,B\n"
    assert not Path("/opt/ml").exists(), "nothing is left on the host"
    log = job.logs()
    assert "argv ['--downsample', '0.5'] cwd /opt/ml/processing/input/code" in log or "cwd /opt/ml/code" in log
    assert f"file {IN}/code/prepare.py" in log
    component = open_store().get_component(record.trial_component)
    assert (component.kind, component.status, component.display_name) == ("processing", "Completed", "Prepare")
    assert component.params["downsample"] == 0.5
    assert component.inputs["input-1"].value == str(tmp_path / "data.csv")
    assert component.outputs["train"].value == str(folder)
    told = job.describe()
    assert told["ProcessingJobStatus"] == "Completed"
    assert told["AppSpecification"]["ContainerArguments"] == ["--downsample", "0.5"]
    assert told["Environment"]["API_KEY"] != "s3cr3t", "a secret is shown nowhere"
    assert [one["InputName"] for one in told["ProcessingInputs"]] == ["input-1", "code"]
    assert told["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] == str(folder)
    assert told["ProcessingStartTime"] <= told["ProcessingEndTime"]
    config = json.loads((run_folder(record) / "ml" / "config" / "processingjobconfig.json").read_text())
    assert config["ProcessingJobName"] == job.name
    assert config["Environment"]["API_KEY"] == "s3cr3t", "the job itself needs it"
    assert [step.status for step in record.transitions] == [
        "Pending", "Starting", "Downloading", "Training", "Uploading", "Completed",
    ]  # fmt: skip


def test_a_folder_an_output_folder_and_a_second_input_share_a_place(agent: Home, script: Write, tmp_path: Path) -> None:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "a.txt").write_text("a")
    (tmp_path / "data" / "deep" / "b.txt").write_text("b")
    (tmp_path / "data" / "gone").symlink_to("/no/such/file")
    (tmp_path / "more.txt").write_text("m")
    walk = (
        "import os\nfor at, _, names in os.walk('/opt/ml/processing/input', followlinks=True): print(at, sorted(names))"
    )
    processor = ScriptProcessor(instance_type="local")
    processor.run(
        script(walk),
        inputs=[ProcessingInput(tmp_path / "data", IN), ProcessingInput(tmp_path / "more.txt", f"{IN}/deep2")],
        logs=False,
    )
    log = processor.jobs[-1].logs()
    assert f"{IN} ['a.txt']" in log
    assert f"{IN}/deep ['b.txt']" in log
    assert f"{IN}/deep2 ['more.txt']" in log
    assert f"{IN}/code ['prepare.py']" in log
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["a.txt", "deep", "gone"], "untouched"


def test_the_same_without_namespaces(
    agent: Home, script: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTUDIO_SANDBOX", "env")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("a")
    text = "import os, sys\nprint(open(sys.argv[1]).read(), os.environ['SAGEMAKER_BASE_DIR'])\n"
    processor = ScriptProcessor(command=["python3"])
    processor.run(
        script(text), inputs=[ProcessingInput(tmp_path / "data", f"{IN}/d")], arguments=[f"{IN}/d/a.txt"], logs=False
    )
    assert f"a {run_folder(processor.jobs[-1].record())}/ml" in processor.jobs[-1].logs()


def test_any_command_and_no_script_at_all(agent: Home, tmp_path: Path) -> None:
    processor = Processor(entrypoint=["/bin/sh", "-c", 'echo "$1" > /opt/ml/processing/output/o/said', "sh"])
    processor.run(outputs=[ProcessingOutput(f"{OUT}/o", tmp_path / "out" / "deep")], arguments=["a; b"], logs=False)
    assert (tmp_path / "out" / "deep" / "said").read_text() == "a; b\n"
    assert processor.jobs[0].describe()["AppSpecification"]["ContainerEntrypoint"][0] == "/bin/sh"


def test_a_crash_is_a_clear_failure_and_half_an_output_stays_away_from_its_destination(
    agent: Home, script: Write, tmp_path: Path
) -> None:
    text = "open('/opt/ml/processing/output/o/half', 'w').write('h')\nraise SystemExit('no rows left')\n"
    processor = ScriptProcessor(base_job_name="crash")
    with pytest.raises(UnexpectedStatusException, match=r"Error for Processing job crash-(.|\n)*no rows left"):
        processor.run(script(text), outputs=[ProcessingOutput(f"{OUT}/o", tmp_path / "out", "o")], logs=False)
    job = processor.jobs[0]
    assert not (tmp_path / "out").exists()
    assert (run_folder(job.record()) / "artifacts" / "o" / "half").read_text() == "h"
    told = job.describe()
    assert "no rows left" in told["FailureReason"]
    assert told["ExitMessage"] == told["FailureReason"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import no_such_package\n", "No module named 'no_such_package'"),
        (
            "import sys; open('/opt/ml/output/message', 'w').write('half the rows are empty'); sys.exit(3)\n",
            "half the rows",
        ),
        ("import sys; open('/opt/ml/output/failure', 'w').write('bad schema'); sys.exit(3)\n", "bad schema"),
        ("import os; os.kill(os.getpid(), 9)\n", "SIGKILL"),
    ],
)
def test_why_a_script_failed_is_said(agent: Home, script: Write, text: str, reason: str) -> None:
    processor = ScriptProcessor()
    with pytest.raises(UnexpectedStatusException, match=reason):
        processor.run(script(text), logs=False)


def test_what_a_script_says_at_its_end_is_kept(agent: Home, script: Write) -> None:
    processor = ScriptProcessor()
    processor.run(script("open('/opt/ml/output/message', 'w').write('kept 90 % of the rows')"), logs=False)
    assert processor.jobs[0].describe()["ExitMessage"] == "kept 90 % of the rows"


def test_pipes_links_and_sockets_of_an_output_are_skipped_and_told(agent: Home, script: Write) -> None:
    text = """
import os, socket
os.chdir("/opt/ml/processing/output/o")
os.mkfifo("pipe"); os.symlink("/etc/shadow", "shadow"); os.symlink("/no/such", "gone")
open("rows.csv", "w").write("1"); os.symlink("/opt/ml/processing/output/o/rows.csv", "latest.csv")
"""
    processor = ScriptProcessor()
    processor.run(script(text), outputs=[ProcessingOutput(f"{OUT}/o", output_name="o")], logs=False)
    job = processor.jobs[0]
    folder = Path(str(job.outputs[0].destination))
    assert sorted(path.name for path in folder.iterdir()) == ["latest.csv", "rows.csv"]
    assert job.record().status_message == "Output o: skipped what is no file of it (gone, pipe, shadow)."


def test_a_destination_that_cannot_be_written_fails_the_job_and_keeps_the_files(
    agent: Home, script: Write, tmp_path: Path
) -> None:
    text = f"""
import os
os.makedirs({str(tmp_path / "out")!r}); open({str(tmp_path / "out" / "rows.csv")!r} + "x", "w")
os.makedirs({str(tmp_path / "out" / "rows.csv")!r})
open("/opt/ml/processing/output/o/rows.csv", "w").write("1")
"""
    processor = ScriptProcessor()
    with pytest.raises(UnexpectedStatusException, match=r"Output o could not be written to .*; its files are kept in "):
        processor.run(script(text), outputs=[ProcessingOutput(f"{OUT}/o", tmp_path / "out", "o")], logs=False)
    kept = run_folder(processor.jobs[0].record()) / "ml" / "processing" / "output" / "o" / "rows.csv"
    assert kept.read_text() == "1"


def test_a_continuous_output_arrives_while_the_job_runs(agent: Home, script: Write, tmp_path: Path) -> None:
    text = f"""
import os, shutil, time
shutil.rmtree("/opt/ml/processing/output/o"); os.makedirs("/opt/ml/processing/output/o/deep")
open("/opt/ml/processing/output/o/deep/one", "w").write("1")
until = time.time() + 20
while not os.path.exists({str(tmp_path / "out" / "deep" / "one")!r}) and time.time() < until:
    time.sleep(0.02)
print("arrived", os.path.exists({str(tmp_path / "out" / "deep" / "one")!r}))
open("/opt/ml/processing/output/o/two", "w").write("2")
"""
    processor = ScriptProcessor()
    output = ProcessingOutput(f"{OUT}/o", tmp_path / "out", "o", s3_upload_mode="Continuous")
    processor.run(script(text), outputs=[output], logs=False)
    assert "arrived True" in processor.jobs[0].logs()
    assert (tmp_path / "out" / "two").read_text() == "2"


def test_a_name_is_used_once(agent: Home, script: Write) -> None:
    processor = ScriptProcessor()
    processor.run(script("print(1)"), job_name="once", logs=False)
    with pytest.raises(ResourceInUse):
        processor.run(script("print(1)"), job_name="once", logs=False)


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"code": "missing.py"}, "code", "does not exist"),
        ({"code": "/tmp"}, "code", "is a folder"),
        ({"arguments": ["--rows", 100]}, "arguments", "100 in arguments is not text"),
        ({"arguments": "--rows 100"}, "arguments", "is '--rows 100'"),
        ({"arguments": ["x"] * 101}, "arguments", "at most 100"),
        ({"inputs": [ProcessingInput("/no/such/file.csv", IN)]}, "inputs", "/no/such/file.csv does not exist"),
        ({"inputs": [ProcessingInput("/no/such/*.csv", IN)]}, "inputs", "nothing matches"),
        ({"inputs": [ProcessingInput("/etc", "/data")]}, "inputs", "below /opt/ml/processing"),
        ({"inputs": [ProcessingInput("/etc", f"{IN}/../../x")]}, "inputs", "plain path"),
        ({"outputs": [ProcessingOutput("/data")]}, "outputs", "below /opt/ml/processing"),
        ({"inputs": [ProcessingInput("/dev/null", IN)]}, "inputs", "neither a file nor a folder"),
    ],
)
def test_what_cannot_run_is_refused_before_anything_exists(
    agent: Home, script: Write, changes: dict[str, Any], field: str, text: str
) -> None:
    before = len(open_store().list_jobs(JobListRequest()).items)
    with pytest.raises(StudioError, match=text) as refused:
        ScriptProcessor().run(**{"code": script("print(1)"), "logs": False, **changes})
    assert refused.value.field == field
    assert len(open_store().list_jobs(JobListRequest()).items) == before


def test_what_a_processor_cannot_honour_is_refused_when_it_is_made_or_run(script: Write) -> None:
    with pytest.raises(InvalidField, match="is not text"):
        ScriptProcessor(command=[3])  # type: ignore[list-item]

    class Isolated:
        enable_network_isolation = True

    with pytest.raises(InvalidField, match="needs a container"):
        ScriptProcessor(network_config=Isolated()).run(script("print(1)"))


def test_an_image_of_aws_is_recorded_and_this_host_runs_the_script(agent: Home, script: Write) -> None:
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/sklearn:1"
    processor = ScriptProcessor(image_uri=image, command=["python3"])
    processor.run(script("print('ran')"), wait=True, logs=False)
    assert processor.jobs[0].logs() == "ran\n"
    assert processor.jobs[0].describe()["AppSpecification"]["ImageUri"] == image


def test_a_stop_keeps_what_there_is_and_leaves_no_process_of_a_continuous_output(
    agent: Home, script: Write, tmp_path: Path
) -> None:
    text = "import time\nopen('/opt/ml/processing/output/o/one', 'w').write('1')\ntime.sleep(60)\n"
    processor = ScriptProcessor()
    output = ProcessingOutput(f"{OUT}/o", tmp_path / "out", "o", s3_upload_mode="Continuous")
    processor.run(script(text), outputs=[output], wait=False, logs=False)
    job = processor.jobs[0]
    until = time.monotonic() + 20
    while not (tmp_path / "out" / "one").exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    job.stop(grace=5)
    job.wait(logs=None)
    record = job.record()
    assert record.status == "Stopped"
    run_dir = str(run_folder(record)).encode()
    left = [pid for pid in os.listdir("/proc") if pid.isdigit() and run_dir in _command(pid)]
    assert left == []


def _command(pid: str) -> bytes:
    try:
        return Path("/proc", pid, "cmdline").read_bytes() + Path("/proc", pid, "environ").read_bytes()
    except OSError:
        return b""


def test_a_job_is_run_again_with_other_arguments(agent: Home, script: Write) -> None:
    processor = ScriptProcessor()
    processor.run(script("import sys\nprint(sys.argv[1:])\n"), arguments=["a"], logs=False)
    again = jobs.rerun(processor.jobs[0].name, JobChanges(arguments=["b"]))
    assert again.wait(60).status == "Completed"
    assert again.logs() == "['b']\n"
