"""A container engine that writes down what it is asked, and does what a container would with ``/opt/ml``."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

_PROGRAM = """#!{python}
import csv, json, os, signal, sys, time
with open({record!r}, "a") as file:
    file.write(json.dumps({{"argv": sys.argv[1:], "env": dict(os.environ)}}) + "\\n")
if sys.argv[1] == "version":
    sys.stderr.write({broken!r})
    sys.exit(1 if {broken!r} else 0)
if sys.argv[1] != "run":
    sys.exit(0)
mount = next(csv.reader([sys.argv[sys.argv.index("--mount") + 1]]))
ml = next(one for one in mount if one.startswith("source=")).removeprefix("source=")
print("in the container", flush=True)
for place in ("model", "processing/output/o"):
    if os.path.isdir(os.path.join(ml, place)):
        open(os.path.join(ml, place, "made"), "w").write("m")
if "--wait" in sys.argv:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    time.sleep(60)
sys.exit(3 if "--fail" in sys.argv else 0)
"""


class FakeEngine:
    """An executable file and its record."""

    def __init__(self, folder: Path, name: str = "docker", broken: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self._record = folder / name, folder / f"{name}.jsonl"
        self.path.write_text(_PROGRAM.format(python=sys.executable, record=str(self._record), broken=broken))
        self.path.chmod(self.path.stat().st_mode | stat.S_IXUSR)

    def calls(self, verb: str) -> list[dict[str, Any]]:
        """Return what was asked with a verb, in order."""
        if not self._record.exists():
            return []
        found = [json.loads(line) for line in self._record.read_text().splitlines()]
        return [one for one in found if one["argv"][0] == verb]
