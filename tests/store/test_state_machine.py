"""The same random operations on SQLite and on the store in memory give the same answers.

The store in memory is the model: plain dictionaries that a person can check by eye.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import (
    ArtifactRef,
    ComponentCreate,
    ComponentUpdate,
    ExperimentCreate,
    ExperimentUpdate,
    ListRequest,
    TrialCreate,
    TrialUpdate,
)
from mlstudio.entities.media import MediaPage, MediaRef
from mlstudio.entities.search import And, Cmp, Field, Not, OrderKey, Query
from mlstudio.entities.status import COMPONENT_MOVES
from mlstudio.entities.tables import TableRequest, TableScope
from mlstudio.store.batch import NO_STEP, Batch, SeriesPoints, StatusMove
from mlstudio.store.laws import Points, Store
from mlstudio.store.laws_around import MediaStore
from mlstudio.store.memory import MemoryStore
from mlstudio.store.opening import open_sqlite

NAMES = st.sampled_from(["a", "b", "c"])
KINDS = st.sampled_from(["experiment", "trial", "trial-component"])
STATUSES = st.sampled_from(sorted(COMPONENT_MOVES))
VALUES = st.one_of(
    st.floats(), st.integers(-(2**60), 2**60), st.booleans(), st.sampled_from(["", "10", "x", "nan", "true", "é🧪"])
)
PARAMS = st.dictionaries(st.sampled_from(["p", "q"]), VALUES, max_size=2)
TEXTS = st.one_of(st.none(), st.sampled_from(["", "A", "a b", "<b>"]))
NUMBERS = st.one_of(st.floats(-1000, 1000, width=32), st.sampled_from([float("nan"), float("inf"), -0.0]))
STEPS = st.one_of(st.just(NO_STEP), st.integers(0, 12))
POINTS = st.lists(st.tuples(STEPS, NUMBERS), min_size=1, max_size=8)
FIELDS = st.sampled_from(
    [
        Field("params", "p"),
        Field("params", "q"),
        Field("metrics", "m"),
        Field("metrics", "m", "min"),
        Field("metrics", "m", "count"),
        Field("meta", "status"),
        Field("meta", "trial"),
        Field("meta", "display_name"),
        Field("meta", "name"),
        Field("tags", "k"),
    ]
)
OPS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "contains", "not contains", "exists"])
COMPARISONS = st.builds(Cmp, FIELDS, OPS, st.one_of(VALUES, st.floats(-5, 5)))
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(st.builds(Not, inner), st.builds(And, st.lists(inner, max_size=2).map(tuple))),
    max_leaves=3,
)
ORDERS = st.lists(st.builds(OrderKey, FIELDS, st.booleans()), max_size=2).map(tuple)
MEDIA = st.lists(
    st.builds(
        MediaRef,
        name=st.sampled_from(["x", "y"]),
        kind=st.sampled_from(["image", "text"]),
        ref=st.just(ArtifactRef("file:///a", sha256="0" * 64)),
        ts=st.just(1.0),
        step=st.one_of(st.none(), st.integers(0, 6)),
        seq=st.integers(0, 2),
        caption=st.one_of(st.none(), st.just("c")),
        preview=st.one_of(st.none(), st.just(b"p")),
    ),
    max_size=3,
)
UNSTABLE = {"artifact_uid", "uid", "uids", "arn", "created_at", "modified_at", "deleted_at", "at"}


def list_media(store: Store) -> MediaStore:
    """Return the part of a store that lists media."""
    assert isinstance(store, MediaStore)
    return store


def plain(answer: Any) -> Any:
    """Return an answer without what differs between two stores: ids and times. NaN becomes a text."""
    if isinstance(answer, StudioError):
        return type(answer).__name__, answer.message, answer.field
    if isinstance(answer, np.ndarray):
        return [repr(value) for value in answer.tolist()]
    if isinstance(answer, Points):
        return plain(answer.steps), plain(answer.ts), plain(answer.values)
    if isinstance(answer, msgspec.Struct):
        shown = {name: getattr(answer, name) for name in answer.__struct_fields__}
        deleted = {"deleted": shown["deleted_at"] is not None} if "deleted_at" in shown else {}
        return {
            name: plain(value) for name, value in shown.items() if name not in UNSTABLE and name != "uids"
        } | deleted
    if isinstance(answer, dict):
        return {key: plain(value) for key, value in answer.items()}
    if isinstance(answer, (list, tuple)):
        return [plain(item) for item in answer]
    if isinstance(answer, float):
        return f"{answer:.9f}" if abs(answer) < 1e6 else repr(answer)  # a mean may be folded in another order
    return answer


class TwoStores(RuleBasedStateMachine):
    """Does everything twice and compares."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.stores: tuple[Store, Store] = (open_sqlite(self.folder / "mlstudio.db"), MemoryStore())
        self.uids = 0
        self.offsets: dict[str, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "stores"):
            self.stores[0].close()
            shutil.rmtree(self.folder)

    def both(self, call: Callable[[Store], Any]) -> Any:
        """Return the answer of both stores, which must be one."""
        answers: list[Any] = []
        for store in self.stores:
            try:
                answers.append(call(store))
            except StudioError as error:
                answers.append(error)
        assert plain(answers[0]) == plain(answers[1])
        return answers[0]

    def new_uid(self) -> str:
        self.uids += 1
        return f"{self.uids:026}"

    @rule(name=NAMES, text=TEXTS)
    def create_experiment(self, name: str, text: str | None) -> None:
        self.both(lambda store: store.create_experiment(ExperimentCreate(name, text)))

    @rule(name=NAMES, home=NAMES)
    def create_trial(self, name: str, home: str) -> None:
        self.both(lambda store: store.create_trial(TrialCreate(name, home)))

    @rule(
        name=NAMES,
        params=PARAMS,
        trials=st.lists(NAMES, max_size=2),
        status=st.one_of(st.none(), STATUSES),
        parent=st.one_of(st.none(), NAMES),
    )
    def create_component(self, name: str, params: Any, trials: list[str], status: Any, parent: str | None) -> None:
        wanted = ComponentCreate(
            name=name, uid=self.new_uid(), params=params, trials=trials, status=status, parent=parent
        )
        self.both(lambda store: store.create_component(wanted))

    @rule(name=NAMES, text=TEXTS, starred=st.booleans(), version=st.one_of(st.none(), st.integers(1, 3)))
    def update_experiment(self, name: str, text: str | None, starred: bool, version: int | None) -> None:
        change = ExperimentUpdate(display_name=text, starred=starred, version=version)
        self.both(lambda store: store.update_experiment(name, change))

    @rule(name=NAMES, home=NAMES)
    def move_trial(self, name: str, home: str) -> None:
        self.both(lambda store: store.update_trial(name, TrialUpdate(experiment_name=home)))

    @rule(
        name=NAMES,
        params=PARAMS,
        gone=st.lists(st.sampled_from(["p", "q"]), max_size=1),
        tags=st.dictionaries(st.just("k"), st.sampled_from(["1", "x"])),
        text=TEXTS,
    )
    def update_component(self, name: str, params: Any, gone: list[str], tags: Any, text: str | None) -> None:
        change = ComponentUpdate(
            params=params, params_to_remove=gone, tags=tags, display_name=text, inputs={"i": ArtifactRef("v")}
        )
        self.both(lambda store: store.update_component(name, change))

    @rule(name=NAMES, status=STATUSES, resume=st.booleans())
    def move_component(self, name: str, status: Any, resume: bool) -> None:
        self.both(lambda store: store.update_component(name, ComponentUpdate(status=status, resume=resume)))

    @rule(trial=NAMES, component=NAMES)
    def associate(self, trial: str, component: str) -> None:
        self.both(lambda store: store.associate(trial, component))

    @rule(trial=NAMES, component=NAMES)
    def dissociate(self, trial: str, component: str) -> None:
        self.both(lambda store: store.dissociate(trial, component))

    @rule(kind=KINDS, name=NAMES, force=st.booleans())
    def delete(self, kind: Any, name: str, force: bool) -> None:
        self.both(lambda store: store.delete(kind, name, force=force))

    @rule(kind=KINDS, name=NAMES)
    def restore(self, kind: Any, name: str) -> None:
        self.both(lambda store: store.restore(kind, name))

    @rule(kind=KINDS, name=NAMES)
    def purge(self, kind: Any, name: str) -> None:
        self.both(lambda store: store.purge(kind, name))

    @rule(
        name=NAMES,
        journal=st.sampled_from(["j", "k"]),
        skip=st.integers(-1, 1),
        points=POINTS,
        context=st.sampled_from(["{}", '{"rank":1}']),
        params=PARAMS,
        status=st.one_of(st.none(), STATUSES),
        media=MEDIA,
    )
    def drain(
        self, name: str, journal: str, skip: int, points: Any, context: str, params: Any, status: Any, media: Any
    ) -> None:
        """Apply a stretch that fits, overlaps (skip < 0) or leaves a gap (skip > 0)."""
        found = self.both(lambda store: store.get_component(name))
        if isinstance(found, StudioError):
            return
        journal = f"{journal}-{found.uid}"
        start = max(self.offsets.get(journal, 0) + skip, 0)
        steps, values = zip(*points, strict=True)
        logged = SeriesPoints(
            "m", context, np.array(steps, np.int64), np.arange(len(steps), dtype=np.float64), np.array(values)
        )
        batch = Batch(
            journal=journal,
            component=found.uid,
            start=start,
            end=start + 1,
            points=[logged],
            params=params,
            status=None if status is None else StatusMove(status, 5, "told"),
            media=media,
        )
        end = self.both(lambda store: store.apply(batch))
        if isinstance(end, int):
            self.offsets[journal] = end

    @rule(name=NAMES, of=st.one_of(st.none(), st.sampled_from(["x", "y"])), limit=st.integers(1, 3))
    def media(self, name: str, of: str | None, limit: int) -> None:
        self.both(lambda store: list_media(store).media_series(name))
        page = self.both(lambda store: list_media(store).media(name, of, steps=(0, 4), limit=limit))
        if isinstance(page, MediaPage) and page.next is not None:
            self.both(lambda store: list_media(store).media(name, of, steps=(0, 4), limit=limit, cursor=page.next))

    @rule(where=CONDITIONS, order=ORDERS, experiment=st.one_of(st.none(), NAMES))
    def search(self, where: Any, order: Any, experiment: str | None) -> None:
        order = (*order, OrderKey(Field("meta", "name")))
        self.both(lambda store: store.search_components(Query(where, order), experiment=experiment))

    @rule(experiment=st.one_of(st.none(), NAMES), deleted=st.booleans(), limit=st.integers(1, 3))
    def table(self, experiment: str | None, deleted: bool, limit: int) -> None:
        columns = ["name", "status", "trial", "params.p", "params.q", "metrics.m.last", "metrics.m.max", "tags.k"]
        request = TableRequest(scope=TableScope(experiment), columns=columns, deleted=deleted, limit=limit)
        self.both(lambda store: store.table(request, Query(None, (OrderKey(Field("meta", "name")),))))

    @rule(experiment=st.one_of(st.none(), NAMES))
    def columns(self, experiment: str | None) -> None:
        def stable(store: Store) -> list[Any]:
            return [one for one in store.columns(experiment) if one.key not in ("created", "modified")]

        self.both(stable)

    @invariant()
    def all_records_and_the_feed_agree(self) -> None:
        if not hasattr(self, "stores"):
            return
        for deleted in (False, True):
            request = ListRequest(deleted=deleted, sort_by="Name")
            self.both(lambda store, request=request: store.list_experiments(request))
            self.both(lambda store, request=request: store.list_trials(request))
            self.both(lambda store, request=request: store.list_components(request))
        self.both(lambda store: store.changes(max(store.last_change() - 5, 0)))

    @invariant()
    def a_summary_is_the_fold_of_its_curve(self) -> None:
        if not hasattr(self, "stores"):
            return
        for part in self.stores[0].list_components(ListRequest()).items:
            for series in part.metrics:
                context = msgspec.json.encode(series.context).decode()
                points = self.both(lambda store, name=part.name, at=context: store.points(name, "m", at))
                finite = points.values[np.isfinite(points.values)]
                assert (series.count, series.n_nan) == (len(points.values), len(points.values) - len(finite))
                assert series.last_step == points.steps[-1]
                assert repr(series.last) == repr(float(points.values[-1]))
                assert series.max == (finite.max() if len(finite) else None)


TestTwoStores = pytest.mark.slow(TwoStores.TestCase)
TestTwoStores.settings = settings(
    max_examples=6,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
