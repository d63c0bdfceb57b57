"""The one table of routes.

Handlers, the OpenAPI file, the walk at start-up, and the tests of who may do what are all made
from `ROUTES`. A route that is not in here does not exist; a handler's method that is not in here
stops the server from starting (`server.walk`).

Paths stand below `PREFIX`. A handler is named ``module.Class`` below `mlstudio.server.handlers`,
so that this table can be read without tornado.

Imports: msgspec and `entities`.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from mlstudio.entities.experiments import (
    ArtifactItem,
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
    TrialCreate,
    TrialPage,
    TrialRecord,
    TrialUpdate,
)
from mlstudio.entities.parts import ArtifactPage, PairPage, PartRequest, SeriesPage
from mlstudio.entities.tables import ColumnList, CurveRequest, TablePage, TableRequest
from mlstudio.entities.wire import VersionReply
from mlstudio.server.queries import ColumnQuery, ComponentQuery, DeleteQuery, OutputQuery, TrialQuery
from mlstudio.server.route import (
    API,
    COMMON_ERRORS,
    EXPERIMENTS,
    JOBS,
    NAMED,
    PREFIX,
    SETTINGS,
    WRITE_ERRORS,
    Route,
    of_experiments,
)
from mlstudio.server.routes_around import AROUND
from mlstudio.server.routes_jobs import ABOUT_JOBS
from mlstudio.server.routes_kernels import ABOUT_KERNELS
from mlstudio.server.routes_launch import LAUNCH

__all__ = [
    "API",
    "COMMON_ERRORS",
    "EXPERIMENTS",
    "JOBS",
    "PREFIX",
    "ROUTES",
    "SETTINGS",
    "WRITE_ERRORS",
    "Route",
]


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
    made = {"body": create, "returns": record, "status": 201, "errors": (*NAMED, "already_exists")}
    changed = {"body": update, "returns": record, "errors": (*NAMED, "conflict", "version_conflict")}
    return (
        of_experiments("GET", path, many, f"List {label}s", query=query, returns=page, errors=("bad_query", *NAMED)),
        of_experiments("POST", path, many, f"Create {named}", **made),
        of_experiments("GET", f"{path}/{{name}}", one, f"Get {named}", returns=record, errors=NAMED),
        of_experiments("PATCH", f"{path}/{{name}}", one, f"Change {named}", **changed),
        of_experiments(
            "GET",
            f"{path}/{{name}}/tags",
            f"{one.partition('.')[0]}.Tags",
            f"A page of the tags of {named}",
            query=PartRequest,
            returns=PairPage,
            errors=NAMED,
        ),
        *_lifecycle(f"{path}/{{name}}", one, label, named, record),
    )


def _lifecycle(path: str, handler: str, label: str, named: str, record: type[Struct]) -> tuple[Route, ...]:
    """Delete, restore, purge."""
    module = handler.partition(".")[0]
    deleted = {"query": DeleteQuery, "status": 204, "errors": (*NAMED, "has_children")}
    purged = {"body": Confirm, "status": 204, "errors": (*NAMED, "conflict")}
    restored = {"returns": record, "errors": NAMED}
    return (
        of_experiments("DELETE", path, handler, f"Delete {named}; it can be restored", **deleted),
        of_experiments("POST", f"{path}/restore", f"{module}.Restore", f"Restore a deleted {label}", **restored),
        of_experiments("POST", f"{path}/purge", f"{module}.Purge", f"Remove a deleted {label} for good", **purged),
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
        "Columns that exist in an experiment; of very many those that most rows have",
        query=ColumnQuery,
        returns=ColumnList,
        errors=NAMED,
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
        errors=NAMED,
    ),
    Route(
        "DELETE",
        "/trials/{name}/trial-components/{component}",
        "trials.Membership",
        EXPERIMENTS,
        "write",
        "Take a component out of a trial",
        status=204,
        errors=NAMED,
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
            query=query,
            returns=reply,
            errors=NAMED,
        )
        for part, summary, query, reply in (
            ("series", "A page of the metrics of a trial component, folded", PartRequest, SeriesPage),
            ("params", "A page of the parameters of a trial component", PartRequest, PairPage),
            ("artifacts", "A page of the inputs and outputs of a trial component", PartRequest, ArtifactPage),
            ("code", "Code and environment of a trial component", None, CodeReply),
        )
    ),
    Route(
        "GET",
        "/trial-components/{name}/log",
        "components.Log",
        EXPERIMENTS,
        "read",
        "A stretch of what a run of `mlstudio run` printed",
        query=OutputQuery,
        returns="bytes",
        errors=NAMED,
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
        errors=(*NAMED, "bad_query"),
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
        errors=NAMED,
    ),
    Route(
        "GET",
        "/artifacts/{uid}",
        "artifacts.Artifact",
        EXPERIMENTS,
        "read",
        "Get an artifact's record",
        returns=ArtifactItem,
        errors=NAMED,
    ),
    Route(
        "GET",
        "/artifacts/{uid}/content",
        "artifacts.Content",
        EXPERIMENTS,
        "read",
        "An artifact's bytes, as a download; Range is honoured",
        returns="bytes",
        errors=(*NAMED, "invalid_range"),
    ),
)

ROUTES: Final[tuple[Route, ...]] = (
    *_SERVER,
    *_EXPERIMENTS,
    *_TRIALS,
    *_COMPONENTS,
    *_VIEWS,
    *AROUND,
    *ABOUT_JOBS,
    *ABOUT_KERNELS,
    *LAUNCH,
)
