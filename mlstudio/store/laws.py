"""The laws of the store, and the seam behind which every backend stands.

`mlstudio.testing.StoreContract` tests each law over each backend (SQLite, in memory; PostgreSQL
and HTTP come through the same seam).

1.  What is returned is a copy; changing the store never changes a record that was read.
2.  A uid is never used again. A name is unique among all records of its kind, the deleted ones
    included; `purge` frees it.
3.  Each call that writes is one transaction: all of it or nothing. Returned = stored.
4.  `apply` is idempotent by (journal, offset): a stretch that is already stored is skipped, a
    stretch that starts beyond what is stored raises `Conflict`.
5.  Summary = fold of the points, at every commit. The last write of a step wins. `last` is the
    value at the greatest step.
6.  Readers see a committed prefix of each writer.
7.  The order of a list is total (ties end with the uid), so that paging neither skips nor repeats.
8.  What is missing raises `NotFound` with the kind and the name.
9.  A status moves only along the tables of `entities.status`; a forbidden move raises `Conflict`
    that names the present status. Inside `apply` a forbidden move is ignored (a recorder is
    never refused).
10. Every write to a record adds a row to the change feed in the same transaction; what stands around
    records (stated edges, views, origins) does not.
11. `delete` is soft; `restore` undoes it. Recording into a deleted component goes on.
12. Calls may come from any thread and any number of processes.

Times are microseconds since the epoch, UTC. Methods raise `StudioError`s only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mlstudio.entities.events import Change
from mlstudio.entities.experiments import (
    ArtifactItem,
    ArtifactRef,
    CodeReply,
    ComponentCreate,
    ComponentPage,
    ComponentRecord,
    ComponentUpdate,
    ExperimentCreate,
    ExperimentPage,
    ExperimentRecord,
    ExperimentUpdate,
    ListRequest,
    Process,
    SeriesSummary,
    TrialCreate,
    TrialPage,
    TrialRecord,
    TrialUpdate,
)
from mlstudio.entities.jobs import JobListRequest, JobPage, JobRecord, JobSpec, JobUpdate, StopRequest
from mlstudio.entities.search import Expr, Query
from mlstudio.entities.tables import ColumnInfo, ColumnList, TablePage, TableRequest, TableScope
from mlstudio.store.batch import Batch
from mlstudio.store.laws_around import AroundStore
from mlstudio.store.laws_jobs import JobsAroundStore

Direction = Literal["input", "output"]
RecordKind = Literal["experiment", "trial", "trial-component"]


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one series in order of step: int64 steps, float64 seconds, float64 values, all (n,)."""

    steps: npt.NDArray[np.int64]
    ts: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BlockSummaries:
    """Summary columns of a series' blocks in order of step, each (b,); times in seconds.

    Enough to draw a zoomed-out curve without decoding a point.
    """

    n: npt.NDArray[np.int64]
    step0: npt.NDArray[np.int64]
    step1: npt.NDArray[np.int64]
    ts0: npt.NDArray[np.float64]
    ts1: npt.NDArray[np.float64]
    first: npt.NDArray[np.float64]
    last: npt.NDArray[np.float64]
    min: npt.NDArray[np.float64]
    min_step: npt.NDArray[np.int64]
    min_ts: npt.NDArray[np.float64]
    max: npt.NDArray[np.float64]
    max_step: npt.NDArray[np.int64]
    max_ts: npt.NDArray[np.float64]
    n_nan: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A component that runs: `number` rises while its process lives; `job`: a job's agent looks after it."""

    uid: str
    name: str
    number: int
    process: Process
    job: bool


class MetricStore(ABC):
    """Series of points, and the journals they come from."""

    @abstractmethod
    def apply(self, batch: Batch) -> int:
        """Store a batch and return the offset up to which its journal is now stored.

        Raises:
            Conflict: the batch starts beyond the stored offset.
            NotFound: the component does not exist and the batch does not open it.
        """

    @abstractmethod
    def drained_to(self, journal: str) -> int:
        """Return the stored offset of a journal, 0 when it is unknown."""

    @abstractmethod
    def series(self, component: str) -> list[SeriesSummary]:
        """Return the summaries of a component's series by (name, context); `component` is its name."""

    @abstractmethod
    def points(self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None) -> Points:
        """Return the exact points of a series, both ends of `steps` included."""

    @abstractmethod
    def blocks(
        self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None
    ) -> BlockSummaries:
        """Return the summaries of the blocks that meet `steps`."""

    @abstractmethod
    def heartbeats(self) -> list[Heartbeat]:
        """Return the components that are InProgress or Stopping and have a process."""


class ExperimentStore(ABC):
    """Experiments, trials, components, and how they hang together."""

    @abstractmethod
    def create_experiment(self, wanted: ExperimentCreate) -> ExperimentRecord:
        """Create. Raises: AlreadyExists, InvalidName."""

    @abstractmethod
    def get_experiment(self, name: str) -> ExperimentRecord:
        """Return it, deleted or not. Raises: NotFound."""

    @abstractmethod
    def list_experiments(self, request: ListRequest, where: Expr | None = None) -> ExperimentPage:
        """Return a page; `request.where` is ignored, `where` is its parsed form."""

    @abstractmethod
    def update_experiment(self, name: str, change: ExperimentUpdate) -> ExperimentRecord:
        """Change fields. Raises: NotFound, VersionConflict."""

    @abstractmethod
    def create_trial(self, wanted: TrialCreate) -> TrialRecord:
        """Create. Raises: AlreadyExists, NotFound (the experiment), InvalidName."""

    @abstractmethod
    def get_trial(self, name: str) -> TrialRecord:
        """Return it, deleted or not. Raises: NotFound."""

    @abstractmethod
    def list_trials(
        self,
        request: ListRequest,
        *,
        experiment: str | None = None,
        component: str | None = None,
        where: Expr | None = None,
    ) -> TrialPage:
        """Return a page of the trials of an experiment, of a component, or of all."""

    @abstractmethod
    def update_trial(self, name: str, change: TrialUpdate) -> TrialRecord:
        """Change fields or move it to another experiment. Raises: NotFound, VersionConflict."""

    @abstractmethod
    def create_component(self, wanted: ComponentCreate) -> ComponentRecord:
        """Create, with its associations. Idempotent by uid. Raises: AlreadyExists, NotFound (a trial), InvalidName."""

    @abstractmethod
    def get_component(self, name: str, *, most: int | None = None) -> ComponentRecord:
        """Return it with metrics, artifacts and trials, deleted or not. Raises: NotFound.

        With `most` it has no more metrics and no more tags than that, and `totals` says of how many, where it left
        some out.
        """

    @abstractmethod
    def get_components(self, names: Sequence[str], *, most: int | None = None) -> list[ComponentRecord]:
        """Return many, in the order of `names`; unknown names are left out. `most` as in `get_component`."""

    @abstractmethod
    def list_components(
        self,
        request: ListRequest,
        *,
        experiment: str | None = None,
        trial: str | None = None,
        source_arn: str | None = None,
        where: Expr | None = None,
        most: int | None = None,
    ) -> ComponentPage:
        """Return a page of records, full ones save for `most` (as in `get_component`)."""

    @abstractmethod
    def update_component(self, name: str, change: ComponentUpdate, *, most: int | None = None) -> ComponentRecord:
        """Change fields; `most` as in `get_component`.

        Raises:
            NotFound, VersionConflict, Conflict (a forbidden status move).
        """

    @abstractmethod
    def associate(self, trial: str, component: str) -> None:
        """Put a component into a trial; twice is once. Raises: NotFound."""

    @abstractmethod
    def dissociate(self, trial: str, component: str) -> None:
        """Take it out. Raises: NotFound when it is not in there."""

    @abstractmethod
    def delete(self, kind: RecordKind, name: str, *, force: bool = False) -> None:
        """Delete softly. Without `force` a record with living children or associations raises HasChildren.

        With `force` an experiment takes its trials with it, a trial drops out of its components'
        trials, a component leaves its trials.
        """

    @abstractmethod
    def restore(self, kind: RecordKind, name: str) -> None:
        """Undo `delete`, with what it took along. Raises: NotFound."""

    @abstractmethod
    def purge(self, kind: RecordKind, name: str) -> None:
        """Remove a deleted record for good, with its points. Raises: NotFound, Conflict (not deleted)."""

    @abstractmethod
    def search_components(
        self, query: Query, *, experiment: str | None = None, metrics: bool = True
    ) -> list[ComponentRecord]:
        """Return the living components that match, in order; full records, `metrics` left empty when not wanted."""

    @abstractmethod
    def table(self, request: TableRequest, query: Query) -> TablePage:
        """Return a columnar page; `query` is the parsed `request.where` and `request.order`."""

    @abstractmethod
    def listed(self, scope: TableScope, query: Query, *, deleted: bool = False, archived: bool = False) -> list[str]:
        """Return the uids of all components of a scope that match, in order, as of one moment.

        `deleted` and `archived` as in `TableRequest`: without them the living that are not archived.

        Raises:
            BadQuery, NotFound: the search or the scope is none.
        """

    @abstractmethod
    def rows_of(
        self, scope: TableScope, uids: Sequence[str], columns: Sequence[str], *, deleted: bool = False
    ) -> TablePage:
        """Return these components of a scope in this order, archived ones too; the others are left out.

        What `listed` gave is read so, part by part: whatever is created, archived or changed
        meanwhile moves no row to another page. With `deleted` those that are deleted, else those that are not.
        """

    @abstractmethod
    def columns(self, experiment: str | None) -> tuple[ColumnInfo, ...]:
        """Return the columns that exist in an experiment (None: in the store); at most 20,000 of a group."""

    @abstractmethod
    def find_columns(self, experiment: str | None, *, contains: str = "", most: int = 1000) -> ColumnList:
        """Return the columns whose key holds a text, at most so many of a group, and how many there are."""

    @abstractmethod
    def code(self, component: str) -> CodeReply:
        """Return code and environment of a component; fields are None where not captured."""

    @abstractmethod
    def add_artifact(self, component: str, direction: Direction, name: str, ref: ArtifactRef) -> ArtifactItem:
        """Add or replace an input or output. A ref with sha256 gets a uid."""

    @abstractmethod
    def artifacts(self, component: str) -> list[ArtifactItem]:
        """Return inputs, then outputs, by name."""

    @abstractmethod
    def artifact(self, uid: str) -> ArtifactItem:
        """Return one by uid. Raises: NotFound."""


class JobStore(ABC):
    """Jobs and the requests that are made of them."""

    @abstractmethod
    def create_job(self, spec: JobSpec, *, trial_component: str) -> JobRecord:
        """Create as InProgress / Pending. Same name and same client_token: the first job; else ResourceInUse."""

    @abstractmethod
    def get_job(self, name: str) -> JobRecord:
        """Return it. Raises: NotFound."""

    @abstractmethod
    def list_jobs(self, request: JobListRequest) -> JobPage:
        """Return a page, newest first."""

    @abstractmethod
    def update_job(self, name: str, change: JobUpdate) -> JobRecord:
        """Move a job; obeys the state tables. Raises: NotFound, Conflict."""

    @abstractmethod
    def request_stop(self, name: str, request: StopRequest) -> JobRecord:
        """Ask for a stop: status Stopping, and the request kept for the agent. Raises: NotFound, Conflict (ended)."""

    @abstractmethod
    def stop_request(self, name: str) -> StopRequest | None:
        """Return the standing request, if any."""

    @abstractmethod
    def delete_job(self, name: str) -> None:
        """Remove an ended job. Raises: NotFound, Conflict (it runs)."""


class Store(MetricStore, ExperimentStore, JobStore, AroundStore, JobsAroundStore):
    """A whole store."""

    url: str
    uid: str
    """Id of the store itself; part of every ARN: ``arn:mlstudio:<uid>:<kind>/<name>``."""

    @abstractmethod
    def moment(self) -> AbstractContextManager[None]:
        """Return a context in which all that this thread reads is of one moment; cheaper for many reads.

        Write nothing inside: it would not be read there.
        """

    @abstractmethod
    def changes(self, after: int, *, limit: int = 1000) -> list[Change]:
        """Return the change feed after an id, oldest first. The feed keeps at least the last 10,000."""

    @abstractmethod
    def last_change(self) -> int:
        """Return the id of the newest change, 0 in an empty store. Cheap: asked four times a second."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections and threads; twice is once."""
