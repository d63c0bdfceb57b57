"""A job's log as it comes."""

from __future__ import annotations

import io
import threading
import time

from mlstudio import jobs
from mlstudio.store.home import Home
from tests.jobs.conftest import SpecFactory


def test_what_is_printed_comes_while_it_runs_and_whole(agent: Home, spec: SpecFactory) -> None:
    script = """
        import sys, time
        print("first", flush=True)
        time.sleep(1.5)
        sys.stdout.buffer.write("\\u00e4".encode()[:1]); sys.stdout.flush(); time.sleep(0.3)
        sys.stdout.buffer.write("\\u00e4".encode()[1:] + b" last\\n\\xff end")
    """
    job = jobs.submit(spec(script, environment={"API_TOKEN": "hunter2hunter2"}))
    seen: dict[str, float] = {}

    class Watching(io.StringIO):
        def write(self, text: str) -> int:
            for word in ("first", "last"):
                if word in text:
                    seen.setdefault(word, time.monotonic())
            return super().write(text)

    out = Watching()
    record = job.stream(out)
    assert record.status == "Completed"
    assert out.getvalue() == "first\n\u00e4 last\n\ufffd end"
    assert seen["last"] - seen["first"] > 1.0, "it streamed"


def test_a_job_that_has_ended_gives_all_at_once(agent: Home, spec: SpecFactory) -> None:
    job = jobs.submit(spec("print('x' * 3_000_000)"))
    job.wait(30)
    out = io.StringIO()
    done = threading.Thread(target=job.stream, args=(out,))
    done.start()
    done.join(20)
    assert len(out.getvalue()) == 3_000_001
