"""Fail when src/api/schema.d.ts is not what mlstudio/server/openapi.json gives.

Runs the generator and the formatter of `jlpm api`, into a temporary file, and compares.
"""

from __future__ import annotations

import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

OPENAPI = Path("mlstudio/server/openapi.json")
SCHEMA = Path("src/api/schema.d.ts")


def regenerate(folder: Path) -> str:
    """Return the TypeScript that the OpenAPI file gives, formatted as the repository is."""
    made = folder / "schema.d.ts"
    options = ["--default-non-nullable=false", "-o", str(made)]
    subprocess.run(["jlpm", "openapi-typescript", str(OPENAPI), *options], check=True, stdout=subprocess.DEVNULL)
    formatter = ["jlpm", "exec", "prettier", "--stdin-filepath", str(SCHEMA)]
    return subprocess.run(formatter, check=True, input=made.read_text(), text=True, stdout=subprocess.PIPE).stdout


def main() -> int:
    """Compare; print the first differing lines and what to do."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = regenerate(Path(folder))
    kept = SCHEMA.read_text() if SCHEMA.exists() else ""
    if fresh == kept:
        print(f"{SCHEMA} agrees with {OPENAPI}.")
        return 0
    difference = difflib.unified_diff(kept.splitlines(), fresh.splitlines(), str(SCHEMA), "regenerated", lineterm="")
    print("\n".join(list(difference)[:40]))
    print(f"{SCHEMA} does not agree with {OPENAPI}. Run `make api` and commit both.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
