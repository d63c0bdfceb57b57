"""The store on one SQLite file, put together from its parts."""

from __future__ import annotations

from pathlib import Path

from mlstudio.store.laws import Store
from mlstudio.store.metrics_sql import SqlMetrics
from mlstudio.store.sql_artifacts import SqlArtifacts
from mlstudio.store.sql_audit import SqlAudit
from mlstudio.store.sql_changes import SqlChanges
from mlstudio.store.sql_components import SqlComponents
from mlstudio.store.sql_experiments import SqlExperiments
from mlstudio.store.sql_jobs import SqlJobs
from mlstudio.store.sql_jobs_around import SqlLeases, SqlSchedules
from mlstudio.store.sql_lifecycle import SqlLifecycle
from mlstudio.store.sql_lineage import SqlLineage
from mlstudio.store.sql_media import SqlMedia
from mlstudio.store.sql_pages import SqlPages
from mlstudio.store.sql_search import SqlSearch
from mlstudio.store.sql_trials import SqlTrials
from mlstudio.store.sql_views import SqlBlobUse, SqlOrigins, SqlViews
from mlstudio.store.sqlite import SqlBase
from mlstudio.store.store_use import StoreUse
from mlstudio.store.table import SqlTable


class SqliteStore(
    SqlExperiments,
    SqlTrials,
    SqlComponents,
    SqlLifecycle,
    SqlArtifacts,
    SqlPages,
    SqlSearch,
    SqlTable,
    SqlJobs,
    SqlLeases,
    SqlSchedules,
    SqlChanges,
    SqlMetrics,
    SqlMedia,
    SqlLineage,
    SqlViews,
    SqlOrigins,
    SqlBlobUse,
    SqlAudit,
    SqlBase,
    Store,
):
    """A whole store in one file; `store.opening` makes it.

    Args:
        path: the database file, of the present schema.
        uid: id of the store.
        damage: why it may only be read, when it is damaged.
        use: this process's lock on the file, if it holds one.
    """

    def __init__(self, path: Path, *, uid: str, damage: str | None = None, use: StoreUse | None = None) -> None:
        super().__init__(path, uid=uid, damage=damage)
        self._use = use

    def renew(self) -> None:
        """In a forked child: connections and a lock of one's own."""
        super().renew()
        if self._use is not None:
            self._use.renew()

    def close(self) -> None:
        """Let go of connections and the lock; twice is once."""
        if self.closed:
            return
        super().close()
        if self._use is not None:
            self._use.close(well=self.damage is None)
