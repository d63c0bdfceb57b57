"""Run ``cell.py`` with the variables that were sent, and write those that are to come back.

Copied beside the cell as ``run_cell.py``, with `values` as ``cell_values.py``; not used by a cell
that neither gets nor gives variables.

Imports: the standard library and the file beside it.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

SENT = "sent"
RETURNED = "output/data/returned"
WANTED = "returned.json"


def main() -> int:
    """Run the cell; return the exit code."""
    import cell_values  # type: ignore[import-not-found]

    here = Path(__file__).resolve().parent
    found = runpy.run_path(str(here / "cell.py"), init_globals=cell_values.load(here / SENT), run_name="__main__")
    wanted = json.loads((here / WANTED).read_text(encoding="utf-8"))
    missing = [name for name in wanted if name not in found]
    if missing:
        sys.stderr.write(f"The cell does not define {', '.join(missing)}, which --return names.\n")
        return 1
    if wanted:
        try:
            values = {name: found[name] for name in wanted}
            cell_values.save(values, Path(os.environ["SAGEMAKER_BASE_DIR"]) / RETURNED)
        except cell_values.Unsendable as error:
            sys.stderr.write(f"--return: {error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
