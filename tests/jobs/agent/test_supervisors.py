"""The agent hears of the end of each supervisor, whoever started it."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from pathlib import Path

from mlstudio.jobs.agent.supervisors import Supervisors
from mlstudio.jobs.executors.base import Handle
from mlstudio.jobs.executors.local import LocalExecutor
from mlstudio.jobs.runner.files import write_json
from mlstudio.jobs.runner.process import boot_id, identity


def test_an_end_is_heard_and_one_that_came_first_is_told_at_once(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    poll = select.poll()
    supervisors = Supervisors(LocalExecutor(ours), poll)
    one = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
    handle = Handle("j", 1, str(tmp_path))
    theirs.sendall(json.dumps({"run": str(tmp_path), "pid": one.pid}).encode() + b"\n")
    theirs.sendall(b'{"run":"/another","pid":1}\n')
    assert supervisors.answers({"j": handle}) == set()
    write_json(tmp_path / "run.json", {"boot_id": boot_id(), "supervisor": identity(one.pid), "child": {"pgid": 1}})
    assert supervisors.adopt([("j", handle)]) == set(), "it is held already"
    one.communicate(b"\n")
    ((heard, _),) = [event for event in poll.poll(5000) if event[0] in supervisors]
    assert supervisors.heard(heard) == "j"
    assert heard not in supervisors
    theirs.sendall(json.dumps({"run": str(tmp_path), "pid": one.pid}).encode() + b"\n")
    assert supervisors.answers({"j": handle}) == {"j"}, "it had ended before the answer came"
    write_json(tmp_path / "run.json", {"boot_id": boot_id(), "supervisor": identity(os.getpid()), "child": {"pgid": 1}})
    assert supervisors.adopt([("j", handle)]) == set()
    theirs.close()
    ours.close()
