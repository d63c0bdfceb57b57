"""Contract: lineage, saved views, origins, and which blobs are in use (`store.laws_around`)."""

from __future__ import annotations

import pytest

from mlstudio.entities.errors import AlreadyExists, InvalidField, NotFound, VersionConflict
from mlstudio.entities.experiments import ArtifactRef, CodeRecord, ComponentCreate, ComponentUpdate, ExperimentCreate
from mlstudio.entities.lineage import Association, LineageQuery, LineageReply
from mlstudio.entities.views import MAX_SPEC, SavedViewCreate, SavedViewUpdate
from mlstudio.store.laws import Store
from mlstudio.store.laws_around import Origin
from mlstudio.store.lineage_rules import MOST_VERTICES
from mlstudio.testing.contract_media import apply_media, medium
from mlstudio.testing.texts import hostile_names

RAW, MODEL = "aa" * 32, "bb" * 32


def part_arn(store: Store, name: str) -> str:
    """Return the ARN of a component."""
    return f"arn:mlstudio:{store.uid}:trial-component/{name}"


def a_chain(store: Store) -> None:
    """Make raw.csv → prepare → clean → train → model → serve; `clean` is known by its URI only."""
    raw, model = ArtifactRef("file:///raw.csv", sha256=RAW), ArtifactRef("file:///model.bin", sha256=MODEL)
    clean = ArtifactRef("s3://bucket/clean data.parquet")
    for name, inputs, outputs in (
        ("prepare", {"raw": raw}, {"clean": clean}),
        ("train", {"data": clean}, {"model": model}),
        ("serve", {"model": ArtifactRef("/elsewhere/copy.bin", sha256=MODEL)}, {}),
    ):
        store.create_component(ComponentCreate(name=name, inputs=inputs, outputs=outputs, status="InProgress"))


def seen(reply: LineageReply) -> dict[str, int]:
    """Return the level of each vertex by its name."""
    return {vertex.name: vertex.level for vertex in reply.vertices}


def edges(reply: LineageReply) -> set[tuple[str, str, str]]:
    """Return edges by the names of their ends."""
    names = {vertex.arn: vertex.name for vertex in reply.vertices}
    return {(names[edge.source], edge.type, names[edge.dest]) for edge in reply.edges}


class LineageContract:
    """Law 2: a walk ends."""

    def test_components_hang_together_by_what_they_read_and_made(self, store: Store) -> None:
        a_chain(store)
        reply = store.lineage(LineageQuery(start=part_arn(store, "train")))
        levels = {"raw.csv": -3, "prepare": -2, "clean data.parquet": -1, "train": 0, "serve": 2}
        assert {name: level for name, level in seen(reply).items() if level != 1} == levels
        assert [vertex.artifact_uid is not None for vertex in reply.vertices if vertex.level == 1] == [True]
        assert edges(reply) >= {
            ("raw.csv", "ContributedTo", "prepare"),
            ("prepare", "Produced", "clean data.parquet"),
            ("clean data.parquet", "ContributedTo", "train"),
        }
        assert len(reply.edges) == 5

    def test_a_walk_goes_the_way_and_as_far_as_it_is_told(self, store: Store) -> None:
        a_chain(store)
        start = part_arn(store, "train")
        assert seen(store.lineage(LineageQuery(start=start, direction="Ascendants", depth=1))) == {
            "train": 0,
            "clean data.parquet": -1,
        }
        down = store.lineage(LineageQuery(start=start, direction="Descendants", depth=2))
        assert sorted(seen(down).values()) == [0, 1, 2]

    def test_a_walk_may_begin_at_an_artifact(self, store: Store) -> None:
        a_chain(store)
        uid = store.get_component("train").outputs["model"].uid
        by_uid = store.lineage(LineageQuery(start=f"arn:mlstudio:{store.uid}:artifact/{uid}", direction="Descendants"))
        (model,) = [vertex for vertex in by_uid.vertices if vertex.level == 0]
        assert (model.kind, model.arn) == ("artifact", f"arn:mlstudio:{store.uid}:artifact/{MODEL}")
        whole = store.lineage(LineageQuery(start=part_arn(store, "train")))
        for vertex in whole.vertices:
            assert store.lineage(LineageQuery(start=vertex.arn, depth=1)).vertices, vertex.arn

    def test_a_vertex_says_what_it_is(self, store: Store) -> None:
        a_chain(store)
        store.update_component("train", ComponentUpdate(display_name="Training <b>"))
        (train,) = [v for v in store.lineage(LineageQuery(start=part_arn(store, "train"))).vertices if v.level == 0]
        assert (train.kind, train.name, train.label, train.status) == (
            "trial-component",
            "train",
            "Training <b>",
            "InProgress",
        )
        assert train.created_at == store.get_component("train").created_at

    def test_nested_runs_hang_on_their_parent(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="outer"))
        store.create_component(ComponentCreate(name="inner", parent="outer"))
        assert edges(store.lineage(LineageQuery(start=part_arn(store, "inner")))) == {
            ("outer", "AssociatedWith", "inner")
        }
        assert seen(store.lineage(LineageQuery(start=part_arn(store, "outer")))) == {"outer": 0, "inner": 1}

    def test_a_stated_edge_is_walked_and_can_be_taken_back(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="a"))
        here, other = part_arn(store, "a"), "arn:aws:sagemaker:eu-west-1:1:model/m"
        edge = Association(here, other, "DerivedFrom")
        store.add_association(edge)
        store.add_association(edge)
        assert store.associations(here) == store.associations(other) == [edge]
        reply = store.lineage(LineageQuery(start=here))
        assert [(vertex.kind, vertex.arn, vertex.level) for vertex in reply.vertices] == [
            ("trial-component", here, 0),
            ("other", other, 1),
        ]
        assert seen(store.lineage(LineageQuery(start=other))) == {"a": -1, other: 0}
        store.remove_association(edge)
        assert store.associations(here) == []
        with pytest.raises(NotFound, match="DerivedFrom"):
            store.remove_association(edge)

    def test_an_edge_to_itself_or_to_nothing_is_refused(self, store: Store) -> None:
        for wanted in (Association("x", "x"), Association("x", " "), Association("\ud800", "x")):
            with pytest.raises(InvalidField):
                store.add_association(wanted)

    def test_cycles_end(self, store: Store) -> None:
        shared, back = ArtifactRef("s3://b/one"), ArtifactRef("s3://b/two")
        store.create_component(ComponentCreate(name="a", inputs={"i": back}, outputs={"o": shared}))
        store.create_component(ComponentCreate(name="b", inputs={"i": shared}, outputs={"o": back}))
        store.create_component(ComponentCreate(name="self", inputs={"i": shared}, outputs={"o": shared}))
        reply = store.lineage(LineageQuery(start=part_arn(store, "a"), depth=50))
        assert len(reply.vertices) == len(seen(reply)) == 5
        assert not reply.truncated

    def test_a_walk_that_begins_at_nothing_says_so(self, store: Store) -> None:
        for kind in ("trial-component", "artifact", "trial", "experiment", "training-job"):
            with pytest.raises(NotFound) as caught:
                store.lineage(LineageQuery(start=f"arn:mlstudio:{store.uid}:{kind}/nope"))
            assert caught.value.field == "start"
        assert len(store.lineage(LineageQuery(start="arn:mlstudio:another:trial-component/x")).vertices) == 1
        assert len(store.lineage(LineageQuery(start="no arn at all")).vertices) == 1

    def test_a_purged_component_takes_its_edges_along(self, store: Store) -> None:
        a_chain(store)
        edge = Association(part_arn(store, "prepare"), part_arn(store, "train"))
        store.add_association(edge)
        store.delete("trial-component", "prepare")
        assert "prepare" in seen(store.lineage(LineageQuery(start=part_arn(store, "train")))), "deleted, and still true"
        store.purge("trial-component", "prepare")
        assert store.associations(part_arn(store, "train")) == []
        assert "prepare" not in seen(store.lineage(LineageQuery(start=part_arn(store, "train"))))

    def test_odd_places_of_artifacts_are_found_again(self, store: Store) -> None:
        texts = [text for text in hostile_names() if len(text) < 4000]
        store.create_component(
            ComponentCreate(name="a", inputs={str(at): ArtifactRef(text) for at, text in enumerate(texts)})
        )
        reply = store.lineage(LineageQuery(start=part_arn(store, "a")))
        assert len(reply.vertices) == len(texts) + 1
        for vertex in reply.vertices:
            assert len(vertex.arn) <= 1024
            assert seen(store.lineage(LineageQuery(start=vertex.arn)))["a"] in (0, 1)

    def test_a_graph_that_is_too_wide_is_cut(self, store: Store) -> None:
        inputs = {str(at): ArtifactRef(f"s3://b/{at}") for at in range(MOST_VERTICES + 5)}
        store.create_component(ComponentCreate(name="wide", inputs=inputs))
        reply = store.lineage(LineageQuery(start=part_arn(store, "wide")))
        assert (len(reply.vertices), reply.truncated) == (MOST_VERTICES, True)
        known = {vertex.arn for vertex in reply.vertices}
        assert all(edge.source in known and edge.dest in known for edge in reply.edges)


class ViewContract:
    """Law 3: a view belongs to its experiment."""

    def test_a_view_is_kept_as_it_is(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        spec = {"columns": ["params.lr"], "n": [1, 2.5, None, True], "text": "<script>\u202e"}
        made = store.create_view(SavedViewCreate("e", " mine ", spec))
        assert (made.name, made.spec, made.version, made.experiment) == ("mine", spec, 1, "e")
        assert store.get_view(made.uid) == made
        made.spec["n"].append(4)
        assert store.views("e")[0].spec == spec

    def test_views_are_listed_by_name_and_a_name_is_used_once(self, store: Store) -> None:
        for experiment in ("e", "f"):
            store.create_experiment(ExperimentCreate(experiment))
            for name in ("b", "a"):
                store.create_view(SavedViewCreate(experiment, name))
        assert [view.name for view in store.views("e")] == ["a", "b"]
        with pytest.raises(AlreadyExists):
            store.create_view(SavedViewCreate("e", "a"))

    def test_the_version_decides_between_two_writers(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        made = store.create_view(SavedViewCreate("e", "v"))
        changed = store.update_view(made.uid, SavedViewUpdate(spec={"a": 1}, version=1))
        assert (changed.version, changed.spec, changed.name) == (2, {"a": 1}, "v")
        with pytest.raises(VersionConflict):
            store.update_view(made.uid, SavedViewUpdate(name="mine", version=1))
        assert store.update_view(made.uid, SavedViewUpdate(name="mine")).version == 3

    def test_the_feed_tells_of_a_view_by_the_name_of_its_experiment(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        before = store.last_change()
        uid = store.create_view(SavedViewCreate("e", "v")).uid
        with pytest.raises(VersionConflict):
            store.update_view(uid, SavedViewUpdate(name="w", version=7))
        store.update_view(uid, SavedViewUpdate(name="w"))
        store.delete_view(uid)
        told = [(change.kind, change.uid, change.name, change.op) for change in store.changes(before)]
        assert told == [("view", uid, "e", op) for op in ("created", "updated", "deleted")]

    def test_a_view_cannot_take_the_name_of_another(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        made = store.create_view(SavedViewCreate("e", "a"))
        store.create_view(SavedViewCreate("e", "b"))
        with pytest.raises(AlreadyExists):
            store.update_view(made.uid, SavedViewUpdate(name="b"))
        assert store.update_view(made.uid, SavedViewUpdate(name="a")).name == "a"

    def test_a_view_that_is_too_large_or_no_text_is_refused(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        made = store.create_view(SavedViewCreate("e", "v"))
        for spec in ({"x": "y" * MAX_SPEC}, {"x": "\ud800"}):
            with pytest.raises(InvalidField):
                store.create_view(SavedViewCreate("e", "w", spec))
            with pytest.raises(InvalidField):
                store.update_view(made.uid, SavedViewUpdate(spec=spec))
        for name in (" ", "x" * 201, "\ud800"):
            with pytest.raises(InvalidField):
                store.create_view(SavedViewCreate("e", name))
        assert [view.version for view in store.views("e")] == [1]

    def test_a_view_that_is_not_there_says_so(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        made = store.create_view(SavedViewCreate("e", "v"))
        store.delete_view(made.uid)
        for call in (
            lambda: store.delete_view(made.uid),
            lambda: store.get_view(made.uid),
            lambda: store.update_view(made.uid, SavedViewUpdate(name="x")),
            lambda: store.views("nope"),
            lambda: store.create_view(SavedViewCreate("nope", "v")),
        ):
            with pytest.raises(NotFound):
                call()

    def test_views_go_with_their_experiment_when_it_is_purged(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        made = store.create_view(SavedViewCreate("e", "v"))
        store.delete("experiment", "e")
        assert store.views("e") == [made]
        store.purge("experiment", "e")
        with pytest.raises(NotFound):
            store.get_view(made.uid)


class OriginContract:
    """Laws 4 and 5: an origin names one component; a blob that nobody names is not in use."""

    def test_an_origin_is_remembered_and_the_last_write_wins(self, store: Store) -> None:
        first = store.create_component(ComponentCreate(name="a")).uid
        store.set_origin(Origin("mlflow", "run-1", first, "3 points"))
        store.set_origin(Origin("wandb", "run-1", first, "x"))
        store.set_origin(Origin("mlflow", "run-1", first, "4 points"))
        assert store.origins("mlflow", ["run-1", "run-2"]) == {"run-1": Origin("mlflow", "run-1", first, "4 points")}

    def test_an_origin_needs_a_component_and_is_forgotten_with_it(self, store: Store) -> None:
        with pytest.raises(NotFound):
            store.set_origin(Origin("mlflow", "run-1", "nobody", ""))
        made = store.create_component(ComponentCreate(name="a")).uid
        store.set_origin(Origin("mlflow", "run-1", made, ""))
        store.delete("trial-component", "a")
        assert "run-1" in store.origins("mlflow", ["run-1"])
        store.purge("trial-component", "a")
        assert store.origins("mlflow", ["run-1"]) == {}

    def test_a_thousand_origins_are_asked_for_at_once(self, store: Store) -> None:
        made = store.create_component(ComponentCreate(name="a")).uid
        for text in hostile_names():
            store.set_origin(Origin("mlflow", text, made, text))
        found = store.origins("mlflow", [*hostile_names(), *map(str, range(2000))])
        assert found.keys() == set(hostile_names()), "10 is one of them, and known"

    def test_blobs_of_artifacts_media_and_diffs_are_in_use(self, store: Store) -> None:
        a_chain(store)
        diff, unknown = "cc" * 32, "dd" * 32
        store.create_component(ComponentCreate(name="c", code=CodeRecord(diff_sha256=diff, diff_size=10)))
        picture = medium("x", 0)
        apply_media(store, "c", picture)
        assert store.blobs_in_use() == {RAW, MODEL, diff, picture.ref.sha256}
        assert store.blobs_in_use([diff, MODEL, unknown]) == {diff, MODEL}
        assert store.blobs_in_use([]) == set()

    def test_a_blob_is_in_use_until_the_last_component_that_names_it_is_purged(self, store: Store) -> None:
        a_chain(store)
        code = CodeRecord(diff_sha256="cc" * 32)
        for name in ("c", "d"):
            store.create_component(ComponentCreate(name=name, code=code))
        picture = medium("x", 0)
        apply_media(store, "c", picture)
        for name in ("prepare", "train", "c"):
            store.delete("trial-component", name)
            store.purge("trial-component", name)
        assert store.blobs_in_use() == {MODEL, "cc" * 32}, "serve has the model, d the diff"


class AroundContract(LineageContract, ViewContract, OriginContract):
    """What stands around a record, save its media."""
