"""The short way in: `mlstudio.run`, `mlstudio.log`, `load_run`, `list_runs`.

with mlstudio.run("mnist", lr=0.1) as run:
    run.log(loss=0.3, step=1)
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from mlstudio.entities.errors import AlreadyExists, InvalidField, NotFound, StudioError
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.entities.search import And, Cmp, Field, OrderKey, Query
from mlstudio.experiments import context as contexts
from mlstudio.experiments.query_text import parse
from mlstudio.experiments.recording import continued
from mlstudio.experiments.records import list_request, living, named, the_store
from mlstudio.experiments.run_plan import IS_RUN, Opened, Plan, find_run, open_plan, renamed, trial_name_of
from mlstudio.experiments.runs import Run
from mlstudio.experiments.settings import check_parameters
from mlstudio.experiments.tracker import job_component
from mlstudio.experiments.values import Tags, as_param, as_tags, clean_text

IMPLICIT_EXPERIMENT = "default"
_log = logging.getLogger("mlstudio.experiments")
_implicit = threading.Lock()


class SortByType(Enum):
    """What `list_runs` sorts by."""

    CREATION_TIME = "CreationTime"
    NAME = "Name"


class SortOrderType(Enum):
    """Direction of `list_runs`."""

    ASCENDING = "Ascending"
    DESCENDING = "Descending"


def run(
    experiment: str,
    name: str | None = None,
    *,
    tags: Tags | None = None,
    description: str | None = None,
    parent: Run | str | None = None,
    resume: str | bool | None = None,
    capture: bool = True,
    **params: Any,
) -> Run:
    """Begin a run: experiment, trial and component in one. Use it in ``with``, or call `finish`.

    Args:
        experiment: free text; made when it does not exist.
        name: free text, what people see; a second run of the same name stands beside the first.
        tags: a dict, or SageMaker's list of Key and Value.
        description: Markdown.
        parent: a run, or the name of a component; None: the enclosing ``with``, or the job we run in.
        resume: the name of a run to go on with (True: `name`); when there is none it begins.
        capture: record git commit, script, packages and hardware.
        **params: parameters.

    Returns:
        A run that is in progress. When the store is away it is recorded all the same.

    Raises:
        InvalidName: a name that is no text.
        NotFound: no such parent.
    """
    wanted = resume if isinstance(resume, str) else name
    check_parameters(params)
    plan = Plan(
        experiment=experiment,
        name=wanted,
        description=description,
        tags=as_tags(tags),
        params={clean_text(key): as_param(value) for key, value in params.items()},
        parent=_parent(parent),
        existing="resume" if resume else "new",
        capture=capture,
        default_name="run",
    )
    return _begun(plan)


def _begun(plan: Plan) -> Run:
    opened = open_plan(plan)
    try:
        run = Run.of(opened).start()
    except AlreadyExists:  # another process took the name this very moment
        opened.wanted = renamed(opened.wanted)
        run = Run.of(opened).start()
    if opened.record is not None and plan.params:
        run.log_parameters(plan.params)
    return run


def _parent(parent: Run | str | None) -> str | None:
    if isinstance(parent, str):
        return _existing(parent)
    outer = parent if parent is not None else contexts.enclosing_run()
    if outer is not None:
        return outer.component_name
    job = job_component()
    if job is None:
        return None
    try:
        return the_store().get_component(job).name
    except StudioError:
        return None


def _existing(parent: str) -> str:
    """Return the name of a component that must exist; a store that is away is believed to hold it."""
    try:
        return the_store().get_component(parent).name
    except NotFound:
        raise
    except StudioError:
        return parent


def log(
    mapping: Mapping[str, Any] | None = None,
    *,
    step: int | None = None,
    timestamp: Any = None,
    context: Mapping[str, Any] | None = None,
    **metrics: Any,
) -> None:
    """Record metrics of the current run; arguments as in `Run.log`.

    Without one: in a job, the job's own component; elsewhere a run of the experiment ``default``
    begins, so that nothing is lost.
    """
    target = contexts.current_run()
    if target is None:
        target = _implicit_run()
    target.log(mapping, step=step, timestamp=timestamp, context=context, **metrics)


def _implicit_run() -> Run:
    with _implicit:
        current = contexts.current_run()
        if current is not None:
            return current
        if job_component() is not None:
            try:
                return load_run().start()
            except StudioError as error:
                _log.warning("The job's component cannot be read: %s", error)
        _log.info("mlstudio.log was called outside a run; a run of the experiment %r begins.", IMPLICIT_EXPERIMENT)
        return run(IMPLICIT_EXPERIMENT)


def load_run(
    run_name: str | None = None,
    experiment_name: str | None = None,
    sagemaker_session: Any = None,
    artifact_bucket: str | None = None,
    artifact_prefix: str | None = None,
    tags: Tags | None = None,
) -> Run:
    """Return a run that exists.

    Args:
        run_name: None: the enclosing ``with Run``, else the component of the job we run in.
        experiment_name: the experiment of `run_name`.
        sagemaker_session: accepted and not needed, like the two after it.
        artifact_bucket: see above.
        artifact_prefix: see above.
        tags: added to the run.

    Raises:
        InvalidField: no name, no enclosing run, no job; or a run name without its experiment.
        NotFound: there is no such run.
    """
    del sagemaker_session, artifact_bucket, artifact_prefix
    found = _named_run(run_name, experiment_name) if run_name is not None else _surrounding_run()
    for key, value in as_tags(tags).items():
        found.tag(key, value)
    return found


def _named_run(run_name: str, experiment_name: str | None) -> Run:
    if experiment_name is None:
        raise InvalidField("A run is named together with its experiment.", field="experiment_name")
    experiment = named(experiment_name)[0]
    store = the_store()
    living(store.get_experiment(experiment), "experiment", experiment)
    record = find_run(store, experiment, run_name)
    if record is None:
        raise NotFound(f"There is no run {run_name!r} in the experiment {experiment!r}.", field="run_name")
    return Run.of(_opened(record, experiment))


def _surrounding_run() -> Run:
    enclosing = contexts.enclosing_run()
    if enclosing is not None:
        return enclosing
    name = job_component()
    if name is None:
        raise InvalidField(
            "No run was named, none encloses this call, and this process is no job.",
            field="run_name",
            hint='Give run_name and experiment_name, or use mlstudio.run("…").',
        )
    return joined(name)


def joined(component: str) -> Run:
    """Return the run of a component that another process began and will end: this one only adds to it.

    Raises:
        NotFound: there is no such component.
    """
    opened = _opened(living(the_store().get_component(component), "trial component", component), None)
    opened.ours = False
    return Run.of(opened)


def _opened(record: ComponentRecord, experiment: str | None) -> Opened:
    chosen = next(
        (one for one in record.trials if experiment in {None, one.experiment_name}),
        None,
    )
    of = experiment or (chosen.experiment_name if chosen else "")
    return Opened(
        continued(record),
        record,
        experiment=of,
        trial=chosen.trial_name if chosen else trial_name_of(of) if of else "",
        name=record.display_name or record.name,
    )


def list_runs(
    experiment_name: str,
    created_before: datetime | None = None,
    created_after: datetime | None = None,
    sagemaker_session: Any = None,
    max_results: int | None = None,
    next_token: str | None = None,
    sort_by: SortByType | str = SortByType.CREATION_TIME,
    sort_order: SortOrderType | str = SortOrderType.DESCENDING,
    *,
    where: str | None = None,
) -> Runs:
    """Return the runs of an experiment.

    Args:
        experiment_name: the experiment.
        created_before: only those created before.
        created_after: only those created after.
        sagemaker_session: accepted and not needed.
        max_results: at most so many; None: all.
        next_token: cursor to begin at.
        sort_by: creation time or name.
        sort_order: descending or ascending.
        where: only those that match, in our text language: ``metrics.loss < 0.3``.

    Raises:
        BadQuery: `where` cannot be read.
    """
    del sagemaker_session
    experiment = named(experiment_name)[0]
    condition = parse(where).where if where else None
    expression = IS_RUN if condition is None else And((IS_RUN, condition))
    request = list_request(
        created_before=created_before,
        created_after=created_after,
        sort_by=sort_by,
        sort_order=sort_order,
        limit=max_results,
        cursor=next_token,
    )
    store, found = the_store(), Runs()
    while True:
        page = store.list_components(request, experiment=experiment, where=expression)
        for record in page.items:
            found.append(Run.of(_opened(record, experiment)))
            if max_results is not None and len(found) >= max_results:
                return found
        if page.next is None:
            return found
        request = _next(request, page.next)


def children_of(component: str) -> Runs:
    """Return the runs whose parent is a component, the first one first."""
    query = Query(Cmp(Field("meta", "parent"), "==", component), (OrderKey(Field("meta", "created")),))
    return Runs(Run.of(_opened(record, None)) for record in the_store().search_components(query))


def _next(request: Any, cursor: str) -> Any:
    import msgspec

    return msgspec.structs.replace(request, cursor=cursor)


class Runs(list[Run]):
    """A list of runs that shows itself as a table."""

    def _repr_html_(self) -> str:
        from mlstudio.experiments import reprs

        return reprs.components([one.component_name for one in self])
