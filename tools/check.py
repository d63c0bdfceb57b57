"""Run every check of the house, each by its own tool, and say at the end what failed.

    python tools/check.py                 everything, in order; the same in CI and on a desk
    python tools/check.py lint types      some groups only

A check is a name and a command; it passes when the command exits 0. All checks run even when an
early one fails. The last line is ``checks: N passed, N failed``; the exit status is 1 when any failed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass

PYTHON = sys.executable
WORKERS = ("-n", "logical", "--maxprocesses", "8", "--dist", "worksteal")
"""A worker for each core; a test that waits for a process leaves its core to the others."""


@dataclass(frozen=True, slots=True)
class Check:
    """One command of one group."""

    group: str
    name: str
    command: tuple[str, ...]


CHECKS = (
    Check("lint", "ruff", (PYTHON, "-m", "ruff", "check", ".")),
    Check("lint", "ruff format", (PYTHON, "-m", "ruff", "format", "--check", "--quiet", ".")),
    Check("lint", "house rules", (PYTHON, "tools/house.py")),
    Check("lint", "import contracts", ("lint-imports",)),
    Check("lint", "eslint", ("jlpm", "eslint")),
    Check("lint", "prettier", ("jlpm", "prettier")),
    Check("lint", "stylelint", ("jlpm", "stylelint")),
    Check("lint", "knip", ("jlpm", "knip")),
    Check("types", "mypy --strict", (PYTHON, "-m", "mypy")),
    Check("types", "tsc", ("jlpm", "typecheck")),
    Check("api", "openapi.json from the Structs", (PYTHON, "tools/generate_api.py", "--check")),
    Check("api", "schema.d.ts from openapi.json", (PYTHON, "tools/check_schema.py")),
    Check("typescript", "vitest", ("jlpm", "test")),
    Check("python", "pytest", (PYTHON, "-m", "pytest", "-q", *WORKERS, "--cov", "--cov-report=")),
    Check("python", "coverage", (PYTHON, "tools/coverage_report.py")),
    Check("docs", "mkdocs", (PYTHON, "-m", "mkdocs", "build", "--strict", "--quiet")),
    Check("browser", "Galata in Chromium", ("jlpm", "galata")),
)


def run(check: Check) -> tuple[bool, float]:
    """Run one check, its output going straight through; return whether it passed and the seconds."""
    print(f"\n━━ {check.group}: {check.name}", flush=True)
    began = time.monotonic()
    try:
        passed = subprocess.run(check.command, stdin=subprocess.DEVNULL, check=False).returncode == 0
    except FileNotFoundError as error:
        print(f"{error.filename} is not installed: run `make {check.group}`, which installs it.")
        passed = False
    return passed, time.monotonic() - began


def main(groups: list[str]) -> int:
    """Run the checks of `groups`, all of them when it is empty."""
    known = dict.fromkeys(check.group for check in CHECKS)
    unknown = [group for group in groups if group not in known]
    if unknown:
        print(f"No group {unknown[0]!r}. Groups: {', '.join(known)}.")
        return 2
    chosen = [check for check in CHECKS if not groups or check.group in groups]
    results = [(check, *run(check)) for check in chosen]
    failed = sum(not passed for _, passed, _ in results)
    print("\n━━ summary")
    for check, passed, seconds in results:
        print(f"  {'ok    ' if passed else 'FAILED'} {seconds:7.1f} s  {check.group}: {check.name}")
    print(f"\nchecks: {len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
