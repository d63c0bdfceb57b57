"""From what a caller asked for to a component that can be recorded: names, parents, what exists already.

The experiment and the trial ``Default-Run-Group-<experiment>`` are made when they are missing. When
the store is away the answer is the same, and the recorder's journal waits for the store.

Knows nothing of: `Run`, context, capture.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from mlstudio.entities.errors import AlreadyExists, Conflict, InvalidField, InvalidName, NotFound, StudioError
from mlstudio.entities.experiments import ComponentCreate, ComponentRecord, ExperimentCreate, TrialCreate
from mlstudio.entities.names import MAX_NAME, new_uid, timestamped_name
from mlstudio.entities.search import And, Cmp, Field, OrderKey, Query
from mlstudio.entities.wire import ParamValue
from mlstudio.experiments.recording import continued
from mlstudio.experiments.records import named, the_store
from mlstudio.experiments.settings import check_parameters, check_text_name
from mlstudio.experiments.values import clean_text
from mlstudio.store.home import default_home

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

SOURCE_TAG: Final = "sagemaker:trial-component-source"
IS_RUN: Final = Cmp(Field("tags", SOURCE_TAG), "==", "run")
_log = logging.getLogger("mlstudio.experiments")


@dataclass
class Plan:
    """What a caller asked for.

    `existing` says what a name that is taken means: ``continue`` that run (SageMaker's `Run`), or
    make a ``new`` one beside it, or ``resume`` it.
    """

    experiment: str
    name: str | None = None
    experiment_display_name: str | None = None
    display_name: str | None = None
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, ParamValue] = field(default_factory=dict)
    parent: str | None = None
    existing: Literal["continue", "new", "resume"] = "new"
    capture: bool = False
    default_name: str = "sagemaker-run"


@dataclass
class Opened:
    """A component that can be recorded. `record` is None when the store has none yet, or is away."""

    wanted: ComponentCreate
    record: ComponentRecord | None
    experiment: str
    trial: str
    name: str
    ours: bool = True
    capture: bool = False
    prepare: Callable[[Store], None] | None = None


def open_plan(plan: Plan) -> Opened:
    """Find or make what `plan` asks for.

    Raises:
        InvalidName: a name that is no text, or in strict mode one that SageMaker would refuse.
        NotFound: no such parent.
    """
    for text, label in ((plan.experiment, "experiment_name"), (plan.name, "run_name")):
        if not isinstance(text, str) and (text is not None or label == "experiment_name"):
            raise InvalidName(f"{label} must be text, not {type(text).__name__}.", field=label)
        if text is not None:
            check_text_name(text, field=label)
    check_parameters(plan.params)
    experiment, written = named(plan.experiment)
    text = clean_text(plan.name) if plan.name else timestamped_name(plan.default_name)
    wanted = ComponentCreate(
        name=component_name_of(experiment, text),
        uid=new_uid(),
        display_name=plan.display_name or text,
        description=plan.description,
        kind="notebook" if "ipykernel" in sys.modules else "training",
        parent=plan.parent,
        params=plan.params,
        tags={SOURCE_TAG: "run", **plan.tags},
        trials=[trial_name_of(experiment)],
    )
    display_name = plan.experiment_display_name or clean_text(written or "") or None
    opened = Opened(wanted, None, experiment, wanted.trials[0], text, capture=plan.capture)
    try:
        store = the_store()
        opened.trial = ensure(store, experiment, display_name, wanted.trials[0])
        opened.wanted = msgspec.structs.replace(wanted, trials=[opened.trial])
        _look(store, plan, opened)
    except (InvalidField, NotFound, Conflict):
        raise
    except StudioError as error:
        _log.warning("The store cannot be reached now: %s What is logged waits in the journal.", error)
        opened.wanted = msgspec.structs.replace(wanted, name=f"{wanted.name[: MAX_NAME - 9]}-{os.urandom(4).hex()}")
        opened.prepare = _preparation(experiment, display_name, wanted.trials[0])
    return opened


def _preparation(experiment: str, display_name: str | None, trial: str) -> Callable[[Store], None]:
    def prepare(store: Store) -> None:
        ensure(store, experiment, display_name, trial)

    return prepare


def _look(store: Store, plan: Plan, opened: Opened) -> None:
    """Fill in what exists already, or make sure that the new name is free."""
    if plan.existing != "new":
        record = find_run(store, opened.experiment, opened.name)
        if record is not None:
            opened.record = record = _gathered(store, record)
            opened.wanted = continued(record)
            return
        if plan.existing == "resume":
            _log.info("There is no run %r in %r to resume; it begins now.", opened.name, opened.experiment)
    if _exists(store, opened.wanted.name):
        opened.wanted = renamed(opened.wanted)
    if plan.existing == "continue":
        opened.record = store.create_component(opened.wanted)


def _gathered(store: Store, record: ComponentRecord) -> ComponentRecord:
    """Return a run with what a killed process of it left in its journal: steps go on behind that."""
    from mlstudio.store.recover import drain_component

    try:
        report = drain_component(store, default_home(), record.uid)
        return store.get_component(record.name) if report.drained else record
    except StudioError as error:
        _log.debug("What an earlier process of %r left waits in its journal: %s", record.name, error)
        return record


def renamed(wanted: ComponentCreate) -> ComponentCreate:
    """Return the same component under a name that nobody has; people see its display name."""
    return msgspec.structs.replace(wanted, name=f"{wanted.name[: MAX_NAME - 9]}-{os.urandom(4).hex()}", uid=new_uid())


def _exists(store: Store, name: str) -> bool:
    try:
        store.get_component(name)
    except NotFound:
        return False
    return True


def find_run(store: Store, experiment: str, text: str) -> ComponentRecord | None:
    """Return the run of an experiment that goes by `text`: its component name, else the newest so displayed."""
    for name in (named(text)[0], component_name_of(experiment, text)):
        try:
            record = store.get_component(name)
        except NotFound:
            continue
        if record.deleted_at is None and name == text and _belongs(record, experiment):
            return record
    query = Query(
        And((IS_RUN, Cmp(Field("meta", "display_name"), "==", text))),
        (OrderKey(Field("meta", "created"), descending=True),),
        1,
    )
    found = store.search_components(query, experiment=experiment)
    return found[0] if found else None


def _belongs(record: ComponentRecord, experiment: str) -> bool:
    return any(one.experiment_name == experiment for one in record.trials)


def component_name_of(experiment: str, text: str) -> str:
    """Return the component name of a run: ``<experiment>-<run>``, made legal; long ones end in a hash."""
    return _fitted(named(f"{experiment}-{text}")[0], f"{experiment}-{text}")


def trial_name_of(experiment: str) -> str:
    """Return the name of the trial that holds an experiment's runs."""
    name = f"Default-Run-Group-{experiment}"
    return _fitted(name[:MAX_NAME].rstrip("-"), name)


def _fitted(name: str, whole: str) -> str:
    if len(whole) <= MAX_NAME:
        return name
    digest = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{name[: MAX_NAME - 9].rstrip('-')}-{digest}"


def ensure(store: Store, experiment: str, display_name: str | None, trial: str) -> str:
    """Make experiment and trial unless they exist; deleted ones come back. Returns the trial's name."""
    _ensure_one(
        lambda: store.get_experiment(experiment),
        lambda: store.create_experiment(ExperimentCreate(experiment, display_name)),
        lambda: store.restore("experiment", experiment),
        f"experiment {experiment!r}",
    )
    for name in (trial, *(f"{trial[: MAX_NAME - 4]}-{number}" for number in range(2, 100))):
        record = _ensure_one(
            lambda name=name: store.get_trial(name),  # type: ignore[misc]
            lambda name=name: store.create_trial(TrialCreate(name, experiment, "Runs")),  # type: ignore[misc]
            lambda name=name: store.restore("trial", name),  # type: ignore[misc]
            f"trial {name!r}",
        )
        if record.experiment_name == experiment:  # else somebody moved that trial to another experiment
            return name
    return trial


def _ensure_one(get: Callable[[], Any], create: Callable[[], Any], restore: Callable[[], None], what: str) -> Any:
    try:
        record = get()
    except NotFound:
        try:
            return create()
        except AlreadyExists:  # another process was first
            record = get()
    if record.deleted_at is not None:
        _log.warning("The %s was deleted; recording into it restores it.", what)
        restore()
        return get()
    return record
