"""Steps from each released schema to the next, run by Alembic under the migration lock.

The first revision is a frozen SQL file; a later one is a Python file of its own and never reads
`store.schema`, which moves on.
"""
