"""Write mlstudio/server/openapi.json from the table of routes, or tell that it is out of date.

python tools/generate_api.py            write
python tools/generate_api.py --check    exit 1 on a difference
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from mlstudio.server.openapi import document

TARGET = Path(__file__).resolve().parent.parent / "mlstudio" / "server" / "openapi.json"


def main(arguments: list[str]) -> int:
    """Write or compare; return the exit status."""
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if "--check" not in arguments:
        TARGET.write_text(text, encoding="utf-8")
        print(f"wrote {TARGET}")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    print(f"{TARGET} does not agree with the routes and Structs. Run `make api` and commit both files.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
