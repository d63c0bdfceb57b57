"""What a process under supervision used, and for how long it ran."""

from __future__ import annotations

import json
from collections.abc import Callable

from .conftest import Run


def test_a_process_is_looked_at_while_it_runs_and_measured_when_it_ends(run: Callable[..., Run]) -> None:
    started = run("import time\nuntil = time.time() + 1.6\nwhile time.time() < until: pass")
    end = started.end()
    assert 1.5 < end["ran_s"] < 15
    assert 0.2 < end["cpu_s"] < 15
    assert end["max_rss"] > 1 << 20
    (first, *_) = [json.loads(line) for line in (started.folder / "usage.jsonl").read_text().splitlines()]
    assert first["rss"] > 1 << 20
    assert 0 < first["cpu"] < 200
