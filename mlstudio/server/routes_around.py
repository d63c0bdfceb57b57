"""Routes of what stands around a record: media, previews, views, comparisons, lineage, tasks, the doctor.

Part of the one table, `server.routes.ROUTES`.

Imports: msgspec and `entities`.
"""

from __future__ import annotations

from typing import Final

from mlstudio.entities.comparison import (
    CompareReply,
    CompareRequest,
    CompletionQuery,
    CompletionReply,
    ImportanceQuery,
    ImportanceReply,
)
from mlstudio.entities.housekeeping import DoctorReport, RepairRequest
from mlstudio.entities.lineage import Association, AssociationList, LineageQuery, LineageReply
from mlstudio.entities.media import MediaList, MediaPage
from mlstudio.entities.previews import Preview
from mlstudio.entities.transfers import ExportRequest, ImportRequest, TaskList, TaskRecord
from mlstudio.entities.views import SavedView, SavedViewCreate, SavedViewList, SavedViewUpdate
from mlstudio.server.queries import ArnQuery, ImageQuery, MediaQuery, ViewQuery
from mlstudio.server.route import NAMED, Route
from mlstudio.server.route import of_experiments as _route

_BYTES: Final = {"returns": "bytes", "errors": (*NAMED, "invalid_range")}

_MEDIA: Final = (
    _route(
        "GET",
        "/trial-components/{name}/media",
        "media.Media",
        "Media of a trial component, folded by name",
        returns=MediaList,
        errors=NAMED,
    ),
    _route(
        "GET",
        "/trial-components/{name}/media/items",
        "media.Items",
        "A page of media by name, step and place",
        query=MediaQuery,
        returns=MediaPage,
        errors=NAMED,
    ),
    _route(
        "GET",
        "/artifacts/{uid}/preview",
        "previews.Shown",
        "What can be shown of an artifact without trusting it",
        returns=Preview,
        errors=(*NAMED, "too_many"),
    ),
    _route(
        "GET",
        "/artifacts/{uid}/image",
        "previews.Picture",
        "An image, drawn anew by the server as WebP",
        query=ImageQuery,
        returns="bytes",
        errors=(*NAMED, "too_large", "too_many"),
    ),
)

_SAVED: Final = (
    _route(
        "GET",
        "/saved-views",
        "saved.Views",
        "Saved views of an experiment",
        query=ViewQuery,
        returns=SavedViewList,
        errors=NAMED,
    ),
    _route(
        "POST",
        "/saved-views",
        "saved.Views",
        "Save a view",
        body=SavedViewCreate,
        returns=SavedView,
        status=201,
        errors=(*NAMED, "already_exists"),
    ),
    _route("GET", "/saved-views/{uid}", "saved.View", "Get a saved view", returns=SavedView, errors=NAMED),
    _route(
        "PATCH",
        "/saved-views/{uid}",
        "saved.View",
        "Change a saved view",
        body=SavedViewUpdate,
        returns=SavedView,
        errors=(*NAMED, "already_exists", "version_conflict"),
    ),
    _route("DELETE", "/saved-views/{uid}", "saved.View", "Remove a saved view", status=204, errors=NAMED),
)

_QUESTIONS: Final = (
    _route(
        "POST",
        "/comparisons",
        "questions.Comparisons",
        "What is alike and what differs",
        action="read",
        body=CompareRequest,
        returns=CompareReply,
        errors=NAMED,
    ),
    _route(
        "GET",
        "/importances",
        "questions.Importances",
        "Which parameters matter for a metric",
        query=ImportanceQuery,
        returns=ImportanceReply,
        errors=(*NAMED, "bad_query"),
    ),
    _route(
        "POST",
        "/search/complete",
        "questions.Complete",
        "Ways to go on with a query",
        action="read",
        body=CompletionQuery,
        returns=CompletionReply,
        errors=NAMED,
    ),
    _route(
        "GET",
        "/lineage",
        "lineage.Lineage",
        "What was made from what",
        query=LineageQuery,
        returns=LineageReply,
        errors=NAMED,
    ),
    _route(
        "GET",
        "/associations",
        "lineage.Associations",
        "Stated edges that touch an ARN",
        query=ArnQuery,
        returns=AssociationList,
    ),
    _route(
        "POST",
        "/associations",
        "lineage.Associations",
        "State an edge; twice is once",
        body=Association,
        status=204,
        errors=NAMED,
    ),
    _route(
        "DELETE",
        "/associations",
        "lineage.Associations",
        "Take a stated edge back",
        body=Association,
        status=204,
        errors=NAMED,
    ),
)

_TASKS: Final = (
    _route(
        "POST",
        "/imports",
        "tasks.Imports",
        "Bring runs in from elsewhere; the path is one of the server's machine",
        action="execute",
        body=ImportRequest,
        returns=TaskRecord,
        status=202,
        errors=(*NAMED, "too_many"),
    ),
    _route(
        "POST",
        "/exports",
        "tasks.Exports",
        "Take rows out; a destination on the server's machine needs the right to execute",
        action="read",
        body=ExportRequest,
        returns=TaskRecord,
        status=202,
        errors=(*NAMED, "bad_query", "too_many"),
    ),
    _route("GET", "/tasks", "tasks.Tasks", "Tasks of this server, newest first", returns=TaskList),
    _route("GET", "/tasks/{uid}", "tasks.Task", "Get a task", returns=TaskRecord, errors=NAMED),
    _route("DELETE", "/tasks/{uid}", "tasks.Task", "Stop a task", action="execute", status=204, errors=NAMED),
    _route("GET", "/tasks/{uid}/content", "tasks.Content", "What a task made, as a download", **_BYTES),
)

_DOCTOR: Final = (
    _route("GET", "/doctor", "doctor.Doctor", "What is wrong, and how large everything is", returns=DoctorReport),
    _route(
        "POST",
        "/doctor/repair",
        "doctor.Repair",
        "Set something right",
        action="execute",
        body=RepairRequest,
        returns=TaskRecord,
        status=202,
        errors=(*NAMED, "too_many"),
    ),
)

AROUND: Final[tuple[Route, ...]] = (*_MEDIA, *_SAVED, *_QUESTIONS, *_TASKS, *_DOCTOR)
