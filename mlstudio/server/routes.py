"""The one table of routes.

Handlers, the OpenAPI file, the walk at start-up, and the tests of who may do what are all made
from `ROUTES`. A route that is not in here does not exist; a handler's method that is not in here
stops the server from starting (`server.walk`).

Paths stand below `PREFIX`. A handler is named ``module.Class`` below `mlstudio.server.handlers`,
so that this table can be read without tornado.

Imports: msgspec and `entities`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from msgspec import Struct

from mlstudio.entities.experiments import (
    ArtifactItem,
    ArtifactList,
    CodeReply,
    ComponentCreate,
    ComponentPage,
    ComponentRecord,
    ComponentUpdate,
    Confirm,
    ExperimentCreate,
    ExperimentPage,
    ExperimentRecord,
    ExperimentUpdate,
    ListRequest,
    SeriesList,
    TrialCreate,
    TrialPage,
    TrialRecord,
    TrialUpdate,
)
from mlstudio.entities.jobs import JobListRequest, JobPage, JobRecord, StopRequest
from mlstudio.entities.tables import ColumnList, CurveRequest, TablePage, TableRequest
from mlstudio.entities.wire import VersionReply
from mlstudio.server.queries import ComponentQuery, DeleteQuery, LogQuery, TrialQuery

PREFIX: Final = "/mlstudio/api/v1"
API: Final = 1
"""Major version of the API; `VersionReply.api`."""
EXPERIMENTS: Final = "mlstudio:experiments"
JOBS: Final = "mlstudio:jobs"
SETTINGS: Final = "mlstudio:settings"

Action = Literal["read", "write", "execute"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Route:
    """One verb on one path.

    Attributes:
        returns: a Struct (JSON), "bytes", "json" (a document of no Struct), "socket", or None for an empty 204.
        errors: codes beyond those that every route may answer (`COMMON_ERRORS`).
    """

    method: Method
    path: str
    handler: str
    resource: str
    action: Action
    summary: str
    query: type[Struct] | None = None
    body: type[Struct] | None = None
    returns: type[Struct] | Literal["bytes", "json", "socket"] | None = None
    status: int = 200
    errors: tuple[str, ...] = ()


COMMON_ERRORS: Final = (
    "invalid_field",
    "unauthenticated",
    "forbidden",
    "bad_host",
    "bad_origin",
    "internal",
    "store_busy",
    "store_unreachable",
    "store_damaged",
    "store_too_new",
)
WRITE_ERRORS: Final = ("bad_xsrf", "not_json", "too_large", "invalid_json", "disk_full", "unsafe_sqlite")
"""Also possible on every route that takes a body or changes something."""

_NAMED: Final = ("invalid_name", "not_found")


def _route(method: Method, path: str, handler: str, summary: str, **more: Any) -> Route:
    """A route of the experiments room: GET reads, everything else writes."""
    return Route(method, path, handler, EXPERIMENTS, "read" if method == "GET" else "write", summary, **more)


def _records(
    path: str,
    handlers: tuple[str, str],
    label: str,
    *,
    query: type[Struct],
    page: type[Struct],
    create: type[Struct],
    update: type[Struct],
    record: type[Struct],
) -> tuple[Route, ...]:
    """The verbs that experiments, trials and trial components share."""
    many, one = handlers
    named = f"an {label}" if label.startswith("e") else f"a {label}"
    made = {"body": create, "returns": record, "status": 201, "errors": (*_NAMED, "already_exists")}
    changed = {"body": update, "returns": record, "errors": (*_NAMED, "conflict", "version_conflict")}
    return (
        _route("GET", path, many, f"List {label}s", query=query, returns=page, errors=("bad_query", *_NAMED)),
        _route("POST", path, many, f"Create {named}", **made),
        _route("GET", f"{path}/{{name}}", one, f"Get {named}", returns=record, errors=_NAMED),
        _route("PATCH", f"{path}/{{name}}", one, f"Change {named}", **changed),
        *_lifecycle(f"{path}/{{name}}", one, label, named, record),
    )


def _lifecycle(path: str, handler: str, label: str, named: str, record: type[Struct]) -> tuple[Route, ...]:
    """Delete, restore, purge."""
    module = handler.partition(".")[0]
    deleted = {"query": DeleteQuery, "status": 204, "errors": (*_NAMED, "has_children")}
    purged = {"body": Confirm, "status": 204, "errors": (*_NAMED, "conflict")}
    restored = {"returns": record, "errors": _NAMED}
    return (
        _route("DELETE", path, handler, f"Delete {named}; it can be restored", **deleted),
        _route("POST", f"{path}/restore", f"{module}.Restore", f"Restore a deleted {label}", **restored),
        _route("POST", f"{path}/purge", f"{module}.Purge", f"Remove a deleted {label} for good", **purged),
    )


_SERVER: Final = (
    Route("GET", "/version", "about.Version", SETTINGS, "read", "Who answers", returns=VersionReply),
    Route("GET", "/openapi.json", "about.OpenApi", SETTINGS, "read", "This description", returns="json"),
    Route("GET", "/events", "events.Events", EXPERIMENTS, "read", "The socket of live events", returns="socket"),
)

_EXPERIMENTS: Final = (
    *_records(
        "/experiments",
        ("experiments.Experiments", "experiments.Experiment"),
        "experiment",
        query=ListRequest,
        page=ExperimentPage,
        create=ExperimentCreate,
        update=ExperimentUpdate,
        record=ExperimentRecord,
    ),
    Route(
        "GET",
        "/experiments/{name}/columns",
        "experiments.Columns",
        EXPERIMENTS,
        "read",
        "Columns that exist in an experiment",
        returns=ColumnList,
        errors=_NAMED,
    ),
)

_TRIALS: Final = (
    *_records(
        "/trials",
        ("trials.Trials", "trials.Trial"),
        "trial",
        query=TrialQuery,
        page=TrialPage,
        create=TrialCreate,
        update=TrialUpdate,
        record=TrialRecord,
    ),
    Route(
        "PUT",
        "/trials/{name}/trial-components/{component}",
        "trials.Membership",
        EXPERIMENTS,
        "write",
        "Put a component into a trial; twice is once",
        status=204,
        errors=_NAMED,
    ),
    Route(
        "DELETE",
        "/trials/{name}/trial-components/{component}",
        "trials.Membership",
        EXPERIMENTS,
        "write",
        "Take a component out of a trial",
        status=204,
        errors=_NAMED,
    ),
)

_COMPONENTS: Final = (
    *_records(
        "/trial-components",
        ("components.Components", "components.Component"),
        "trial component",
        query=ComponentQuery,
        page=ComponentPage,
        create=ComponentCreate,
        update=ComponentUpdate,
        record=ComponentRecord,
    ),
    *(
        Route(
            "GET",
            f"/trial-components/{{name}}/{part}",
            f"components.{part.capitalize()}",
            EXPERIMENTS,
            "read",
            summary,
            returns=reply,
            errors=_NAMED,
        )
        for part, summary, reply in (
            ("series", "Metrics of a trial component, folded", SeriesList),
            ("artifacts", "Inputs and outputs of a trial component", ArtifactList),
            ("code", "Code and environment of a trial component", CodeReply),
        )
    ),
)

_VIEWS: Final = (
    Route(
        "POST",
        "/tables",
        "views.Tables",
        EXPERIMENTS,
        "read",
        "A columnar page of a table",
        body=TableRequest,
        returns=TablePage,
        errors=(*_NAMED, "bad_query"),
    ),
    Route(
        "POST",
        "/curves",
        "views.Curves",
        EXPERIMENTS,
        "read",
        "Curves small enough to draw (MLC1)",
        body=CurveRequest,
        returns="bytes",
        errors=_NAMED,
    ),
    Route(
        "GET",
        "/artifacts/{uid}",
        "artifacts.Artifact",
        EXPERIMENTS,
        "read",
        "Get an artifact's record",
        returns=ArtifactItem,
        errors=_NAMED,
    ),
    Route(
        "GET",
        "/artifacts/{uid}/content",
        "artifacts.Content",
        EXPERIMENTS,
        "read",
        "An artifact's bytes, as a download; Range is honoured",
        returns="bytes",
        errors=(*_NAMED, "invalid_range"),
    ),
)

_JOBS: Final = (
    Route(
        "GET",
        "/jobs",
        "jobs.Jobs",
        JOBS,
        "read",
        "List jobs, newest first; secrets are masked",
        query=JobListRequest,
        returns=JobPage,
    ),
    Route(
        "GET",
        "/jobs/{name}",
        "jobs.Job",
        JOBS,
        "read",
        "Get a job; secrets are masked",
        returns=JobRecord,
        errors=_NAMED,
    ),
    Route(
        "DELETE",
        "/jobs/{name}",
        "jobs.Job",
        JOBS,
        "write",
        "Remove an ended job",
        status=204,
        errors=(*_NAMED, "conflict"),
    ),
    Route(
        "POST",
        "/jobs/{name}/stop",
        "jobs.Stop",
        JOBS,
        "execute",
        "Stop a job",
        body=StopRequest,
        returns=JobRecord,
        errors=(*_NAMED, "conflict", "agent_unavailable"),
    ),
    Route(
        "GET",
        "/jobs/{name}/log",
        "jobs.Log",
        JOBS,
        "read",
        "A stretch of a job's log",
        query=LogQuery,
        returns="bytes",
        errors=_NAMED,
    ),
)

ROUTES: Final[tuple[Route, ...]] = (*_SERVER, *_EXPERIMENTS, *_TRIALS, *_COMPONENTS, *_VIEWS, *_JOBS)
