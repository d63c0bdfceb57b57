"""A real supervisor over real processes: how jobs end, stop, flood and leave things behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstudio.jobs.runner.files import read_events, read_json
from mlstudio.jobs.runner.process import alive

Start = Callable[..., Any]


def gone(pid: int) -> bool:
    until = time.monotonic() + 3
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False


def test_a_job_that_exits_0_is_completed_and_its_model_is_packed(run: Start) -> None:
    one = run("""
        import os
        print("hello", os.getcwd())
        open(os.environ["RUN"] + "/ml/model/weights", "w").write("w")
    """)
    end = one.end()
    assert (end["outcome"], end["rc"], end["reason"]) == ("Completed", 0, None)
    assert one.log().startswith("hello ")
    with tarfile.open(end["artifacts"]["model"]["path"]) as archive:
        assert archive.getnames() == ["weights"]
    assert [event["data"]["status"] for event in read_events(one.folder / "events.jsonl")] == ["Training", "Uploading"]


def test_exit_7_is_failed_with_the_traceback_s_last_line(run: Start) -> None:
    end = run(
        "import sys; sys.stderr.write('Traceback (most recent call last):\\n  x\\nMyError: no\\n'); sys.exit(7)"
    ).end()
    assert (end["outcome"], end["rc"]) == ("Failed", 7)
    assert end["reason"].startswith('ExecuteUserScriptError:\nExitCode 7\nErrorMessage "MyError: no"\nCommand "')


def test_a_death_by_signal_is_named(run: Start) -> None:
    end = run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)").end()
    assert (end["outcome"], end["rc"], end["signal"]) == ("Failed", None, 11)
    assert "Killed by SIGSEGV" in end["reason"]


def test_what_the_script_wrote_as_failure_is_the_reason_and_is_cut_to_1024_characters(run: Start) -> None:
    end = run("""
        import os, sys
        open(os.environ["RUN"] + "/ml/output/failure", "w").write("é" * 3000)
        sys.exit(1)
    """).end()
    assert end["reason"] == "é" * 1024


def test_model_and_output_are_packed_after_failure_too(run: Start) -> None:
    end = run("""
        import os, sys
        open(os.environ["RUN"] + "/ml/model/half", "w").write("h")
        open(os.environ["RUN"] + "/ml/output/data/report", "w").write("r")
        sys.exit(3)
    """).end()
    assert end["outcome"] == "Failed"
    assert sorted(end["artifacts"]) == ["model", "output"]


def test_a_job_that_locks_its_model_folder_and_leaves_a_pipe_as_its_failure_still_ends(run: Start) -> None:
    end = run("""
        import os, sys
        ml = os.environ["RUN"] + "/ml"
        open(ml + "/output/data/report", "w").write("r")
        os.mkfifo(ml + "/output/failure")
        os.chmod(ml + "/model", 0)
        sys.exit(3)
    """).end()
    assert (end["outcome"], end["rc"]) == ("Failed", 3)
    assert "ExitCode 3" in end["reason"]
    assert sorted(end["artifacts"]) == ["output"]
    assert end["problems"] == ["model.tar.gz is incomplete: Permission denied."]


def test_an_archive_is_also_delivered_to_the_output_path(run: Start, tmp_path: Path) -> None:
    target = tmp_path / "out" / "j" / "output"
    script = "import os; open(os.environ['RUN'] + '/ml/model/m', 'w').write('m')"
    end = run(script, output_path=str(target)).end()
    assert end["artifacts"]["model"]["path"] == str(target / "model.tar.gz")
    assert (target / "model.tar.gz").is_file()


def test_stop_is_sigterm_and_a_saving_handler_has_its_time(run: Start) -> None:
    one = run("""
        import os, signal, sys, time
        def save(*_):
            open(os.environ["RUN"] + "/ml/model/saved", "w").write("s")
            sys.exit(0)
        signal.signal(signal.SIGTERM, save)
        print("ready")
        time.sleep(60)
    """)
    one.await_log("ready")
    one.stop()
    end = one.end()
    assert (end["outcome"], end["stopped"]) == ("Stopped", True)
    assert end["artifacts"]["model"]["files"] == 1


def test_a_job_that_ignores_sigterm_is_killed_after_the_grace_with_its_daemons(run: Start) -> None:
    one = run("""
        import os, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        quiet = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
        daemon = subprocess.Popen([sys.executable, "-c", quiet], start_new_session=True)
        print("pids", os.getpid(), daemon.pid)
        time.sleep(60)
    """)
    one.await_log("pids")
    started = time.monotonic()
    time.sleep(0.3)  # the daemon sets its handler
    one.stop(grace=0.5)
    end = one.end()
    assert 0.7 < time.monotonic() - started < 8
    assert (end["outcome"], end["signal"]) == ("Stopped", signal.SIGKILL)
    for pid in one.log().split()[1:3]:
        assert gone(int(pid)), "no process of a stopped job may live"


def test_a_second_stop_with_a_shorter_grace_shortens_the_time(run: Start) -> None:
    one = run("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(60)")
    one.await_log("up")
    one.stop(grace=100)
    time.sleep(0.3)
    one.stop(grace=0.1)
    started = time.monotonic()
    assert one.end()["outcome"] == "Stopped"
    assert time.monotonic() - started < 5


def test_max_run_ends_as_stopped_with_its_own_reason(run: Start) -> None:
    end = run("import time; time.sleep(60)", max_run=0.3).end()
    assert (end["outcome"], end["reason"]) == ("Stopped", "MaxRuntimeExceeded")


def test_a_stop_that_came_before_the_start_runs_nothing(run: Start, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    one = run(f"open({str(ran)!r}, 'w')", before=lambda folder: (folder / "stop.json").write_text('{"grace": 0}'))
    assert one.end()["outcome"] == "Stopped"
    assert not ran.exists()


def test_a_daemon_left_by_a_finished_job_gets_two_seconds_and_does_not_hold_the_end_longer(run: Start) -> None:
    one = run("""
        import subprocess, sys
        left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
        print("left", left.pid)
    """)
    started = time.monotonic()
    end = one.end()
    assert end["outcome"] == "Completed"
    assert 2 <= time.monotonic() - started < 8
    assert gone(int(one.log().split()[1]))


def test_a_flood_is_capped_counted_and_never_blocks_the_job(run: Start) -> None:
    one = run(
        """
        import os
        block = (b"x" * 99 + b"\\n") * 10000
        for _ in range(100):
            os.write(1, block)
        os.write(1, b"the end\\n")
        """,
        log={"head": 1 << 20, "tail": 2 << 20, "segment": 1 << 19},
    )
    started = time.monotonic()
    end = one.end()
    took = time.monotonic() - started
    kept = sum(path.stat().st_size for path in (one.folder / "log").iterdir())
    assert end["log_bytes"] == 100 * 10000 * 100 + 8
    assert end["log_bytes"] - end["log_dropped"] == kept <= 3 << 20
    assert one.log().endswith("the end\n")
    assert took < 20, f"100 MB took {took:.1f} s"


@pytest.mark.slow
def test_200_megabytes_without_a_newline_leave_the_supervisor_small(run: Start) -> None:
    one = run(
        "import os\nblock = b'x' * (1 << 20)\nfor _ in range(200): os.write(1, block)",
        log={"head": 1 << 20, "tail": 1 << 20, "segment": 1 << 19},
    )
    largest = 0
    while one.process.poll() is None:
        try:
            status = Path(f"/proc/{one.process.pid}/status").read_text()
            largest = max(largest, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")))
        except (FileNotFoundError, TypeError):
            pass
        time.sleep(0.02)
    end = one.end()
    assert end["log_bytes"] == 200 << 20
    assert 0 < largest < 60_000, f"the supervisor grew to {largest} KB"


def test_invalid_utf8_is_kept_as_it_is(run: Start) -> None:
    one = run("import os; os.write(1, b'\\xff\\x00half \\xc3')")
    one.end()
    assert (one.folder / "log" / "algo-1.head").read_bytes() == b"\xff\x00half \xc3"


def test_a_job_that_closes_its_output_is_still_waited_for(run: Start) -> None:
    one = run("import os, time; os.close(1); os.close(2); time.sleep(0.5); os._exit(5)")
    started = time.monotonic()
    assert one.end()["rc"] == 5
    assert time.monotonic() - started > 0.4


def test_an_interpreter_that_does_not_exist_is_a_launch_failure(run: Start) -> None:
    end = run("print()", argv=["/no/such/python", "train.py"]).end()
    assert end["outcome"] == "Failed"
    assert end["reason"].startswith("LaunchFailed: FileNotFoundError")


def test_an_entry_that_leads_out_of_the_code_folder_is_refused_by_the_supervisor_too(run: Start) -> None:
    end = run("print()", entry="../../spec.json").end()
    assert end["outcome"] == "Failed"
    assert "not a plain path" in end["reason"]


def test_a_second_supervisor_of_a_run_leaves_at_once(run: Start) -> None:
    one = run("import time; print('once'); time.sleep(1)")
    one.await_log("once")
    subprocess.run([sys.executable, "-m", "mlstudio.jobs.runner.supervisor", str(one.folder)], timeout=10, check=True)
    assert one.end()["outcome"] == "Completed"
    assert one.log() == "once\n"


def test_run_json_names_the_living_processes(run: Start) -> None:
    one = run("import time; print('up'); time.sleep(30)")
    one.await_log("up")
    known = read_json(one.folder / "run.json")
    assert known is not None
    assert known["supervisor"]["pid"] == one.process.pid
    for who in ("supervisor", "child"):
        assert alive(known[who]["pid"], known[who]["start"])
    assert not alive(known["child"]["pid"], known["child"]["start"] + 1), "a reused pid is somebody else"
    assert os.getpgid(known["child"]["pid"]) == known["child"]["pgid"]


def test_the_job_sees_opt_ml_and_read_only_channels_and_the_host_sees_nothing(run: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "x.csv").write_text("1")
    before = sorted(os.listdir("/opt"))
    one = run(
        """
        import os
        data = "/opt/ml/input/data"
        print(os.getcwd(), open(data + "/training/x.csv").read(), open(data + "/one/x.csv").read())
        try:
            open("/opt/ml/input/data/training/new", "w")
        except OSError as error:
            print(error.strerror)
        """,
        channels=[{"name": "training", "source": str(data)}, {"name": "one", "source": str(data / "x.csv")}],
    )
    one.end()
    if read_json(one.folder / "run.json")["mode"] != "namespace":
        # The host refuses them (a locked-down container): the fallback has the next test. Printed by -ra.
        pytest.skip("mount namespaces are not allowed here")
    assert one.log() == "/opt/ml/code 1 1\nRead-only file system\n"
    assert sorted(os.listdir("/opt")) == before


def test_without_namespaces_variables_and_arguments_name_the_real_folders(run: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "x.csv").write_text("1")
    one = run(
        """
        import os, sys
        print(os.environ["SM_MODEL_DIR"], sys.argv[1], os.listdir(os.environ["SM_CHANNEL_TRAINING"]))
        """,
        mode="env",
        argv=[sys.executable, "train.py", "--out=/opt/ml/output"],
        env={"SM_MODEL_DIR": "/opt/ml/model", "SM_CHANNEL_TRAINING": "/opt/ml/input/data/training"},
        channels=[{"name": "training", "source": str(data)}],
    )
    assert one.end()["outcome"] == "Completed"
    base = one.folder / "ml"
    assert one.log() == f"{base}/model --out={base}/output ['x.csv']\n"


def test_jobs_leave_no_core_dumps(run: Start) -> None:
    one = run("import resource; print(resource.getrlimit(resource.RLIMIT_CORE)[0])")
    one.end()
    assert one.log() == "0\n"
    assert resource.getrlimit(resource.RLIMIT_CORE) is not None
