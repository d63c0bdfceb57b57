"""Print how much of mlstudio/ the tests ran, in lines and in branches, room by room.

Reads the data files that `pytest --cov` left. Fails only when there are none.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path


def totals() -> dict[str, Counter[str]]:
    """Return the counts of coverage.py per room, and of the whole under ``mlstudio``."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", str(report)]
        subprocess.run(command, check=True)
        files = json.loads(report.read_text())["files"]
    rooms: dict[str, Counter[str]] = {}
    for path, entry in files.items():
        parts = Path(path).parts
        room = parts[1] if len(parts) > 2 else "(package)"
        counts = {key: value for key, value in entry["summary"].items() if isinstance(value, int)}
        for name in (room, "mlstudio"):
            rooms.setdefault(name, Counter()).update(counts)
    return rooms


def percent(part: int, whole: int) -> str:
    """Return a share as text of fixed width."""
    return f"{100 * part / whole:5.1f} %" if whole else "      –"


def main() -> int:
    """Print one line a room."""
    rooms = totals()
    print(f"{'room':<14} {'lines':>8} {'branches':>9}")
    for name in sorted(rooms, key=lambda room: (room == "mlstudio", room)):
        counts = rooms[name]
        lines = percent(counts["covered_lines"], counts["num_statements"])
        branches = percent(counts["covered_branches"], counts["num_branches"])
        print(f"{name:<14} {lines:>8} {branches:>9}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
