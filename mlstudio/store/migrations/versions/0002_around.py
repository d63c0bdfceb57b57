"""Archives, diffs, environment variables, media with captions, saved views with stamps, origins, audit.

The first schema had tables for media, views and audit, and no version ever wrote to them: they are
made anew. Trial components are copied, so that `params_json` stays the last column.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the first schema to the second; the SQL is frozen beside this file."""
    for statement in Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            op.execute(statement)
