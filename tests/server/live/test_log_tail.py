"""New bytes of what `mlstudio run` shows are told."""

from __future__ import annotations

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.jobs.run_log import OUTPUT
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.server.live.log_tail import run_logs
from mlstudio.store import open_store
from mlstudio.store.home import Home


def test_what_a_run_prints_is_told_under_the_name_of_its_component(home: Home) -> None:
    store = open_store()
    record = store.create_component(ComponentCreate(name="c"))
    out = LogWriter(home.runs / record.uid / "log", OUTPUT)
    tail = run_logs(home)
    assert tail.greeting(store, "c") == [("output:c", "behind", {"host": OUTPUT, "total": 0})]

    out.write(b"one\n")

    assert tail.look(store, {"c"}) == [("output:c", "append", {"host": OUTPUT, "offset": 0, "b64": "b25lCg=="})]
    assert tail.look(store, {"c"}) == []
