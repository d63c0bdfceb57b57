"""Alembic's entry: runs the steps on the connection that `store.migrate` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from mlstudio.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's BEGIN IMMEDIATE spans all steps
    render_as_batch=True,
)
context.run_migrations()
