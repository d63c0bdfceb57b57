"""Jobs as a person sees them: submitted, watched, stopped, read, deleted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.entities.errors import Conflict, NotFound, ResourceInUse
from mlstudio.entities.experiments import ExperimentCreate
from mlstudio.entities.jobs import ExperimentConfig, JobListRequest, JobSpec, JobUpdate, MetricDefinition, StopRequest
from mlstudio.jobs.client import run_folder
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.store import open_store
from mlstudio.store.home import Home

from .conftest import SpecFactory, agent_pid, await_log, await_that, metrics_of


@pytest.mark.usefixtures("agent")
def test_a_job_runs_to_its_end_and_its_metrics_are_in_its_component(spec: SpecFactory) -> None:
    job = jobs.submit(
        spec(
            """
            import os, sys
            for loss in (3, 2, 1):
                print(f"loss={loss};", flush=True)
            open(os.environ["SM_MODEL_DIR"] + "/weights", "w").write("w")
            """,
            metric_definitions=[MetricDefinition("train:loss", "loss=(.*?);")],
            hyperparameters={"lr": "0.1", "opt": '"adam"'},
        )
    )
    record = job.wait(30)
    assert (record.status, record.secondary, record.exit_code) == ("Completed", "Completed", 0)
    assert [one.status for one in record.transitions] == ["Pending", "Starting", "Training", "Uploading", "Completed"]
    assert record.started_at is not None
    assert record.ended_at is not None
    assert record.created_at <= record.started_at <= record.ended_at
    component = open_store().get_component(record.trial_component)
    assert component.name == f"{job.name}-aws-training-job"
    assert (component.status, component.source_arn, component.kind) == ("Completed", record.arn, "training")
    assert component.params == {
        "lr": 0.1, "opt": "adam", "SageMaker.InstanceType": "local", "SageMaker.InstanceCount": 1,
    }  # fmt: skip
    (loss,) = component.metrics
    assert (loss.name, loss.count, loss.first, loss.last, loss.last_step) == ("train:loss", 3, 3.0, 1.0, 2)
    model = component.outputs["SageMaker.ModelArtifact"]
    assert model.value == record.model_artifact
    assert model.uid, "the model can be downloaded from the panel"
    assert Path(model.value).is_file()


@pytest.mark.usefixtures("agent")
def test_what_the_script_logs_itself_lands_in_the_same_component(spec: SpecFactory) -> None:
    record = jobs.submit(
        spec(
            """
            import mlstudio
            mlstudio.log(accuracy=0.5, step=7)
            print("acc=0.25", flush=True)
            """,
            metric_definitions=[MetricDefinition("printed", "acc=(.*)")],
        )
    ).wait(30)
    assert record.status == "Completed", jobs.Job(record.name).logs()
    found = {one.name: (one.last, one.last_step) for one in metrics_of(record)}
    assert found == {"accuracy": (0.5, 7), "printed": (0.25, 0)}
    assert open_store().get_component(record.trial_component).status == "Completed"


@pytest.mark.usefixtures("agent")
def test_what_a_killed_script_had_logged_is_there_when_the_job_has_ended(spec: SpecFactory) -> None:
    record = jobs.submit(
        spec("import mlstudio, os, signal\nmlstudio.log(x=1.5)\nos.kill(os.getpid(), signal.SIGKILL)")
    ).wait(30)
    assert record.status == "Failed"
    assert record.exit_code == 137
    assert [one.last for one in metrics_of(record)] == [1.5]


@pytest.mark.usefixtures("agent")
def test_metrics_are_in_the_store_within_a_second_of_the_line(spec: SpecFactory) -> None:
    job = jobs.submit(
        spec(
            "import time\nprint('m=1', flush=True)\ntime.sleep(20)", metric_definitions=[MetricDefinition("m", "m=(.)")]
        )
    )
    await_log(job.name, "m=1")
    started = time.monotonic()
    await_that(lambda: metrics_of(job.record()), "the metric", 5)
    assert time.monotonic() - started < 1
    job.stop(grace=0)
    job.wait(10)


@pytest.mark.usefixtures("agent")
def test_wait_returns_within_a_fifth_of_a_second_of_the_end(spec: SpecFactory) -> None:
    job = jobs.submit(spec("import time\nprint('up', flush=True)\ntime.sleep(0.5)"))
    record = job.wait(30)
    late = time.time() - (record.ended_at or 0) / 1e6
    assert late < 0.2, f"wait() came back {late:.3f} s after the end"


@pytest.mark.usefixtures("agent")
def test_a_failed_job_says_why(spec: SpecFactory) -> None:
    record = jobs.submit(spec("raise ValueError('no such digit')")).wait(30)
    assert (record.status, record.secondary, record.exit_code) == ("Failed", "Failed", 1)
    assert record.failure_reason is not None
    assert 'ErrorMessage "ValueError: no such digit"' in record.failure_reason
    component = open_store().get_component(record.trial_component)
    assert (component.status, component.status_message) == ("Failed", record.failure_reason)


@pytest.mark.usefixtures("agent")
def test_a_stopped_job_gets_its_grace_and_ends_stopped(spec: SpecFactory) -> None:
    job = jobs.submit(
        spec(
            """
            import signal, sys, time
            signal.signal(signal.SIGTERM, lambda *_: (print("saving", flush=True), sys.exit(0)))
            print("up", flush=True)
            time.sleep(60)
            """
        )
    )
    await_log(job.name, "up")
    assert jobs.stop(job.name, StopRequest(grace=20)).status == "Stopping"
    record = job.wait(20)
    assert (record.status, record.secondary) == ("Stopped", "Stopped")
    assert "saving" in job.logs()
    assert open_store().get_component(record.trial_component).status == "Stopped"
    with pytest.raises(Conflict, match="has ended"):
        job.stop()


@pytest.mark.usefixtures("agent")
def test_a_stop_request_in_the_store_alone_is_carried_out(spec: SpecFactory) -> None:
    """A debugger rule writes the request; it knows no agent."""
    job = jobs.submit(spec("import time; print('up', flush=True); time.sleep(60)"))
    await_log(job.name, "up")
    open_store().request_stop(job.name, StopRequest(grace=5, reason="rule"))
    assert job.wait(10).status == "Stopped"


@pytest.mark.usefixtures("agent")
def test_max_run_ends_as_stopped_max_runtime_exceeded(spec: SpecFactory) -> None:
    record = jobs.submit(spec("import time; time.sleep(60)", max_run=1)).wait(20)
    assert (record.status, record.secondary, record.failure_reason) == ("Stopped", "MaxRuntimeExceeded", None)


@pytest.mark.usefixtures("own_agent")
def test_jobs_beyond_the_slots_wait_in_order_and_say_why(
    spec: SpecFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    go = tmp_path / "go"
    waits = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.02)"
    first, second, third = (jobs.submit(spec(waits)) for _ in range(3))
    assert second.record().status_message == "Waits for a free slot: 1 of 1 jobs run."
    assert third.record().status_message == "Waits for a free slot: 1 of 1 jobs run. 1 ahead in the queue."
    assert (second.secondary_status, third.secondary_status) == ("Pending", "Pending")
    third.stop(grace=0)
    assert third.wait(5).status == "Stopped", "a job that never started can be stopped"
    go.touch()
    assert (first.wait(20).status, second.wait(20).status) == ("Completed", "Completed")
    assert (second.record().started_at or 0) >= (first.record().ended_at or 0)


@pytest.mark.usefixtures("agent")
def test_of_two_submissions_of_one_name_one_wins(spec: SpecFactory) -> None:
    specs = [spec("print(1)", name="same") for _ in range(4)]
    outcomes: list[Any] = []

    def submit(one: Any) -> None:
        try:
            outcomes.append(jobs.submit(one))
        except ResourceInUse as error:
            outcomes.append(error)

    threads = [threading.Thread(target=submit, args=(one,)) for one in specs]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(type(one).__name__ for one in outcomes) == ["Job", "ResourceInUse", "ResourceInUse", "ResourceInUse"]
    assert jobs.get("same").wait(20).status == "Completed"
    assert len(open_store().list_jobs(JobListRequest(name_contains="same")).items) == 1


@pytest.mark.usefixtures("agent")
def test_the_same_submission_twice_is_one_job(spec: SpecFactory) -> None:
    one = spec("print(1)", client_token="t")
    assert jobs.submit(one).record().uid == jobs.submit(one).record().uid
    assert jobs.get(one.name).wait(20).status == "Completed"
    assert jobs.get(one.name).logs() == "1\n"


def test_a_refused_submission_leaves_nothing(spec: SpecFactory, own_agent: Home) -> None:
    with pytest.raises(NotFound, match=r"Experiment\.create"):
        jobs.submit(spec("print(1)", name="refused", experiment_config=ExperimentConfig(experiment_name="no-such")))
    assert jobs.list().items == []
    assert list(own_agent.jobs.iterdir()) == []
    assert not open_store().get_components(["refused-aws-training-job"])
    assert jobs.submit(spec("print(1)", name="refused")).wait(20).status == "Completed", "the name is free again"


@pytest.mark.usefixtures("agent")
def test_an_experiment_alone_gets_a_trial(spec: SpecFactory) -> None:
    open_store().create_experiment(ExperimentCreate("digits"))
    config = ExperimentConfig(experiment_name="digits", trial_component_display_name="Training")
    record = jobs.submit(spec("print(1)", experiment_config=config)).wait(20)
    component = open_store().get_component(record.trial_component)
    assert [one.experiment_name for one in component.trials] == ["digits"]
    assert component.display_name == "Training"


@pytest.mark.usefixtures("own_agent")
def test_the_source_is_fixed_at_submission(spec: SpecFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    blocking = jobs.submit(spec("import time; time.sleep(0.7)"))
    one = spec("print('first')")
    job = jobs.submit(one)
    Path(one.source_dir, "train.py").write_text("print('changed')")
    blocking.wait(20)
    job.wait(20)
    assert job.logs() == "first\n"


@pytest.mark.usefixtures("agent")
def test_a_deleted_job_is_gone_and_its_component_stays(spec: SpecFactory) -> None:
    job = jobs.submit(spec("import time; print('up', flush=True); time.sleep(30)"))
    await_log(job.name, "up")
    with pytest.raises(Conflict, match="Stop it first"):
        jobs.delete(job.name)
    job.stop(grace=0)
    record = job.wait(10)
    folder = run_folder(record)
    jobs.delete(job.name)
    assert not folder.exists()
    assert open_store().get_component(record.trial_component).status == "Stopped"
    with pytest.raises(NotFound):
        jobs.get(job.name)
    again = jobs.submit(spec("print(2)", name=job.name)).wait(20)
    assert again.trial_component != record.trial_component, "the old component keeps its name"


@pytest.mark.usefixtures("agent")
def test_the_log_is_read_by_offset(spec: SpecFactory) -> None:
    job = jobs.submit(spec("print('one')\nprint('two')"))
    record = job.wait(20)
    assert jobs.read_log(job.name, offset=4).data == b"two\n"
    assert jobs.read_log(job.name, offset=-4).offset == 4
    assert jobs.log_size(record) == record.log_bytes == 8


def test_a_job_of_another_store_is_read_stopped_and_deleted_there(home: Home, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    other.create_job(
        JobSpec(name="there", entry_point="t.py", source_dir="/s", interpreter="/p"), trial_component="there-c"
    )
    folder = home.jobs / other.get_job("there").uid
    other.update_job("there", JobUpdate(run_dir=str(folder), secondary="Starting"))
    other.update_job("there", JobUpdate(secondary="Failed", status="Failed", failure_reason="planted"))
    LogWriter(folder / "log", "algo-1").write(b"said\n")

    assert jobs.read_log("there", store=other).data == b"said\n"
    with pytest.raises(Conflict, match="has ended"):
        jobs.stop("there", store=other)
    jobs.delete("there", store=other)
    with pytest.raises(NotFound):
        other.get_job("there")
    assert not folder.exists()


def test_kill_9_of_the_launching_process_leaves_the_job_running(spec: SpecFactory, agent: Home, tmp_path: Path) -> None:
    go = tmp_path / "go"
    wanted = spec(
        f"""
        import os, time
        print("m=1", flush=True)
        while not os.path.exists({str(go)!r}):
            time.sleep(0.02)
        print("m=2")
        """
    )
    code = (
        "import sys, time\nfrom mlstudio import jobs\nfrom mlstudio.entities.jobs import JobSpec, MetricDefinition\n"
        f"jobs.submit(JobSpec(name='kept', entry_point='train.py', source_dir={wanted.source_dir!r}, "
        "interpreter=sys.executable, metric_definitions=[MetricDefinition('m', 'm=(.)')]))\n"
        "print('submitted', flush=True)\ntime.sleep(60)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == b"submitted\n"
    await_log("kept", "m=1")
    os.killpg(launcher.pid, signal.SIGKILL)
    launcher.wait()
    launcher.stdout.close()
    go.touch()
    record = jobs.get("kept").wait(20)
    assert record.status == "Completed"
    assert jobs.get("kept").logs() == "m=1\nm=2\n"
    assert [one.count for one in metrics_of(record)] == [2]
    assert agent_pid(agent) > 0


@pytest.mark.usefixtures("agent")
def test_wait_gives_up_in_time_and_the_job_runs_on(spec: SpecFactory) -> None:
    job = jobs.submit(spec("import time; time.sleep(30)"))
    with pytest.raises(TimeoutError, match="runs on"):
        job.wait(0.3)
    assert job.status == "InProgress"
    job.stop(grace=0)
    assert job.wait(10).status == "Stopped"


@pytest.mark.usefixtures("agent")
def test_requirements_are_installed_beside_the_job_not_into_the_user_s_environment(
    spec: SpecFactory, tmp_path: Path
) -> None:
    wheel = tmp_path / "greeting_of_mlstudio-1.0-py3-none-any.whl"
    info = "greeting_of_mlstudio-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("greeting_of_mlstudio.py", "WORD = 'hello'\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greeting-of-mlstudio\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    wanted = spec("import greeting_of_mlstudio; print('said', greeting_of_mlstudio.WORD)")
    Path(wanted.source_dir, "requirements.txt").write_text(f"{wheel}\n")
    job = jobs.submit(wanted)
    assert job.wait(60).status == "Completed", job.logs()
    assert job.logs().endswith("said hello\n")
    assert find_spec("greeting_of_mlstudio") is None
    bad = spec("print('never')")
    Path(bad.source_dir, "requirements.txt").write_text("/no/such/file.whl\n")
    record = jobs.submit(bad).wait(60)
    assert record.status == "Failed"
    assert "requirements.txt cannot be installed" in (record.failure_reason or "")


@pytest.mark.usefixtures("agent")
def test_a_flood_of_log_leaves_other_jobs_their_turn_and_the_last_metric_counts(spec: SpecFactory) -> None:
    metric = [MetricDefinition("m", "m=([0-9]+);"), MetricDefinition("slow", "(a+)+([0-9]+)$")]
    flood = jobs.submit(
        spec(
            """
            import os
            block = (b"a" * 99 + b"\\n") * 5000
            for _ in range(80):
                os.write(1, block)
            os.write(1, b"m=7;\\n")
            """,
            metric_definitions=metric,
        )
    )
    started = time.monotonic()
    assert jobs.submit(spec("print('quick')")).wait(30).status == "Completed"
    assert time.monotonic() - started < 15
    record = flood.wait(90)
    assert record.status == "Completed"
    assert record.log_bytes == 80 * 5000 * 100 + 5
    found = {one.name: one.last for one in metrics_of(record)}
    assert found == {"m": 7.0}


def test_importing_jobs_is_light() -> None:
    code = (
        "import sys, mlstudio.jobs\n"
        "heavy = {'numpy', 'sqlalchemy', 're2', 'pandas', 'msgspec'}\n"
        "print({name.split('.')[0] for name in sys.modules} & heavy)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
