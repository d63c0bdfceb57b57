"""Contract: trial components, their parameters, artifacts, code and status."""

from __future__ import annotations

import math

import pytest

from mlstudio.entities.errors import AlreadyExists, Conflict, InvalidField, InvalidName, NotFound, VersionConflict
from mlstudio.entities.experiments import (
    ArtifactRef,
    CodeRecord,
    ComponentCreate,
    ComponentUpdate,
    EnvironmentRecord,
    ListRequest,
    Process,
    TrialRef,
)
from mlstudio.entities.names import new_uid
from mlstudio.entities.status import COMPONENT_MOVES
from mlstudio.store.laws import Store
from mlstudio.testing.contract_records import a_trial
from mlstudio.testing.texts import hostile_names

EVERY_STATUS = sorted(COMPONENT_MOVES)


class ComponentContract:
    """Laws 1, 2, 3, 8, 9, 11 over trial components."""

    def test_a_component_comes_back_with_everything_it_was_given(self, store: Store) -> None:
        a_trial(store)
        store.create_component(ComponentCreate(name="up"))
        made = store.create_component(
            ComponentCreate(
                name="c",
                display_name="Training",
                description="note",
                kind="training",
                source_arn="arn:x",
                parent="up",
                status="InProgress",
                start_time=5,
                params={"lr": 0.1, "n": 3, "opt": "adam", "flag": True},
                tags={"k": "v"},
                inputs={"data": ArtifactRef("s3://b/k", "text/csv")},
                outputs={"model": ArtifactRef("/m", None, None, 7, "ab")},
                trials=["t", "t"],
                process=Process("host", 1, 2, "boot"),
            )
        )
        assert made == store.get_component("c")
        assert (made.display_name, made.kind, made.parent, made.status) == ("Training", "training", "up", "InProgress")
        assert made.params == {"lr": 0.1, "n": 3, "opt": "adam", "flag": True}
        assert [type(value) for value in made.params.values()] == [float, int, str, bool]
        assert made.inputs == {"data": ArtifactRef("s3://b/k", "text/csv")}
        assert (made.outputs["model"].value, made.outputs["model"].size) == ("/m", 7)
        assert made.outputs["model"].uid is not None, "bytes of ours have a uid"
        assert made.trials == [TrialRef("t", "e")]
        assert made.process == Process("host", 1, 2, "boot")
        assert (made.start_time, made.end_time, made.metrics, made.dropped) == (5, None, [], 0)

    def test_creating_again_by_uid_returns_the_first(self, store: Store) -> None:
        uid = new_uid()
        first = store.create_component(ComponentCreate(name="c", uid=uid, params={"a": 1}))
        assert store.create_component(ComponentCreate(name="other", uid=uid, params={"a": 2})) == first
        with pytest.raises(AlreadyExists):
            store.create_component(ComponentCreate(name="c", uid=new_uid()))

    def test_a_component_that_was_read_is_a_copy(self, store: Store) -> None:
        made = store.create_component(ComponentCreate(name="c", params={"a": 1}))
        made.params["a"] = 2
        made.inputs["x"] = ArtifactRef("y")
        assert store.get_component("c").params == {"a": 1}
        assert store.get_component("c").inputs == {}

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (math.nan, "nan"),
            (math.inf, "inf"),
            (-math.inf, "-inf"),
            (1e308, 1e308),
            (5e-324, 5e-324),
            (0.1 + 0.2, 0.1 + 0.2),
            (2**53 - 1, 2**53 - 1),
            (2**53, "9007199254740992"),
            (-(10**23), "-100000000000000000000000"),
            (True, True),
            ("10", "10"),
            ("", ""),
        ],
    )
    def test_a_parameter_keeps_its_value_and_type(self, store: Store, given: float, kept: object) -> None:
        store.create_component(ComponentCreate(name="c", params={"p": given}))
        found = store.get_component("c").params["p"]
        assert (found, type(found)) == (kept, type(kept))

    def test_minus_zero_stays_minus_zero(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c", params={"p": -0.0}))
        assert math.copysign(1, float(store.get_component("c").params["p"])) == -1

    @pytest.mark.parametrize("text", hostile_names())
    def test_hostile_parameters_and_artifacts_are_kept(self, store: Store, text: str) -> None:
        store.create_component(
            ComponentCreate(name="c", params={text: text}, tags={text: text}, inputs={text: ArtifactRef(text, text)})
        )
        found = store.get_component("c")
        assert (found.params, found.tags) == ({text: text}, {text: text})
        assert found.inputs == {text: ArtifactRef(text, text)}

    @pytest.mark.parametrize("value", [None, [1], {"a": 1}, b"x", 1j])
    def test_a_parameter_that_is_no_value_is_refused(self, store: Store, value: object) -> None:
        with pytest.raises(InvalidField) as caught:
            store.create_component(ComponentCreate(name="c", params={"p": value}))  # type: ignore[dict-item]
        assert caught.value.field == "params"

    def test_an_empty_name_of_a_parameter_tag_or_artifact_is_refused(self, store: Store) -> None:
        for wanted in (
            ComponentCreate(name="c", params={"": 1}),
            ComponentCreate(name="c", tags={"": "x"}),
            ComponentCreate(name="c", inputs={"": ArtifactRef("x")}),
        ):
            with pytest.raises(InvalidField, match="empty"):
                store.create_component(wanted)
        with pytest.raises(InvalidName):
            store.create_component(ComponentCreate(name=""))

    def test_parameters_and_artifacts_are_merged_and_taken_out(self, store: Store) -> None:
        refs = {"a": ArtifactRef("1"), "b": ArtifactRef("2")}
        store.create_component(ComponentCreate(name="c", params={"a": 1, "b": 2}, inputs=refs, outputs=refs))
        changed = store.update_component(
            "c",
            ComponentUpdate(
                params={"b": 3, "n": 0},
                params_to_remove=["a", "never"],
                inputs={"b": ArtifactRef("22")},
                inputs_to_remove=["a"],
                outputs_to_remove=["a", "b"],
            ),
        )
        assert changed.params == {"b": 3, "n": 0}
        assert {name: ref.value for name, ref in changed.inputs.items()} == {"b": "22"}
        assert changed.outputs == {}
        assert store.get_component("c") == changed

    @pytest.mark.parametrize("present", [None, *EVERY_STATUS])
    @pytest.mark.parametrize("target", EVERY_STATUS)
    def test_a_status_moves_only_along_the_table(self, store: Store, present: str | None, target: str) -> None:
        store.create_component(ComponentCreate(name="c", status=present))  # type: ignore[arg-type]
        allowed = present in (None, target) or target in COMPONENT_MOVES[present]
        change = ComponentUpdate(status=target, params={"moved": True})  # type: ignore[arg-type]
        if allowed:
            assert store.update_component("c", change).status == target
            return
        with pytest.raises(Conflict, match=f"is {present}"):
            store.update_component("c", change)
        assert store.get_component("c").status == present
        assert store.get_component("c").params == {}, "all of an update, or nothing"

    def test_an_ended_component_goes_on_only_when_asked_to(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c", status="Failed"))
        with pytest.raises(Conflict):
            store.update_component("c", ComponentUpdate(status="InProgress"))
        assert store.update_component("c", ComponentUpdate(status="InProgress", resume=True)).status == "InProgress"

    def test_an_update_from_an_old_version_of_a_component_is_refused(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        store.update_component("c", ComponentUpdate(starred=True))
        with pytest.raises(VersionConflict):
            store.update_component("c", ComponentUpdate(params={"a": 1}, version=1))
        assert store.get_component("c").params == {}

    def test_association_twice_is_once_and_can_be_undone(self, store: Store) -> None:
        a_trial(store)
        store.create_component(ComponentCreate(name="c"))
        store.associate("t", "c")
        store.associate("t", "c")
        assert store.get_trial("t").components == 1
        store.dissociate("t", "c")
        assert store.get_component("c").trials == []
        with pytest.raises(NotFound, match='not in trial "t"'):
            store.dissociate("t", "c")

    def test_components_are_listed_by_scope_and_source(self, store: Store) -> None:
        a_trial(store, "t", "e")
        a_trial(store, "u", "f")
        store.create_component(ComponentCreate(name="a", trials=["t"], source_arn="arn:1"))
        store.create_component(ComponentCreate(name="b", trials=["t", "u"]))
        store.create_component(ComponentCreate(name="c"))

        def names(**scope: str) -> list[str]:
            found = store.list_components(ListRequest(), **scope)  # type: ignore[arg-type]
            return sorted(item.name for item in found.items)

        assert names() == ["a", "b", "c"]
        assert names(experiment="e") == ["a", "b"]
        assert names(trial="u") == names(experiment="f") == ["b"]
        assert names(source_arn="arn:1") == ["a"]

    def test_many_components_come_in_the_order_asked_for(self, store: Store) -> None:
        for name in ("a", "b", "c"):
            store.create_component(ComponentCreate(name=name, params={"is": name}))
        found = store.get_components(["c", "nope", "a"])
        assert [(record.name, record.params["is"]) for record in found] == [("c", "c"), ("a", "a")]

    def test_a_deleted_component_leaves_its_trials_and_comes_back(self, store: Store) -> None:
        a_trial(store)
        store.create_component(ComponentCreate(name="c", trials=["t"]))
        store.delete("trial-component", "c", force=True)
        assert store.get_trial("t").components == 0
        assert store.list_components(ListRequest()).items == []
        store.update_component("c", ComponentUpdate(params={"still": "recorded"}))
        store.restore("trial-component", "c")
        assert store.get_trial("t").components == 1
        assert store.get_component("c").params == {"still": "recorded"}

    def test_a_purged_parent_leaves_its_children(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="up"))
        store.create_component(ComponentCreate(name="c", parent="up"))
        store.delete("trial-component", "up")
        assert store.get_component("c").parent == "up"
        store.purge("trial-component", "up")
        assert store.get_component("c").parent is None
        with pytest.raises(NotFound):
            store.create_component(ComponentCreate(name="d", parent="up"))

    def test_an_artifact_is_found_by_its_uid(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        plain = store.add_artifact("c", "input", "x", ArtifactRef("s3://x"))
        made = store.add_artifact("c", "output", "model", ArtifactRef("blob", "text/plain", None, 3, "0a" * 32))
        assert plain.uid is None
        assert made.uid is not None
        assert store.artifact(made.uid) == made
        assert store.artifacts("c") == [plain, made]
        with pytest.raises(NotFound, match='Artifact "nope"'):
            store.artifact("nope")

    def test_an_artifact_of_the_same_name_takes_the_place_of_the_old(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        old = store.add_artifact("c", "output", "m", ArtifactRef("1", sha256="aa"))
        new = store.add_artifact("c", "output", "m", ArtifactRef("2", sha256="bb"))
        assert [item.value for item in store.artifacts("c")] == ["2"]
        assert old.uid != new.uid
        with pytest.raises(NotFound):
            store.artifact(str(old.uid))

    def test_code_and_environment_are_kept(self, store: Store) -> None:
        code = CodeRecord(git_commit="abc", git_dirty=True, argv=["train.py", "--lr=1"], source="print(1)")
        env = EnvironmentRecord(python="3.13.1", platform="x", packages={"numpy": "2"}, hardware={"cpu": "8"})
        store.create_component(ComponentCreate(name="c", code=code, env=env))
        store.create_component(ComponentCreate(name="same", code=code))
        store.create_component(ComponentCreate(name="none"))
        assert (store.code("c").code, store.code("c").env) == (code, env)
        assert (store.code("same").code, store.code("same").env) == (code, None)
        assert (store.code("none").code, store.code("none").env) == (None, None)
        store.update_component("none", ComponentUpdate(env=env))
        assert store.code("none").env == env
