"""Contract: jobs, their states, and requests to stop them."""

from __future__ import annotations

import msgspec
import pytest

from mlstudio.entities.errors import Conflict, InvalidField, InvalidName, NotFound, ResourceInUse
from mlstudio.entities.jobs import ExperimentConfig, JobListRequest, JobSpec, JobUpdate, StopRequest
from mlstudio.entities.status import JOB_MOVES, SECONDARY_MOVES
from mlstudio.store.laws import Store


def a_spec(name: str = "j", **fields: object) -> JobSpec:
    """Return a small job."""
    spec = JobSpec(name=name, entry_point="train.py", source_dir="/code", interpreter="/usr/bin/python3")
    return msgspec.structs.replace(spec, **fields)


class JobContract:
    """Laws 1, 2, 7, 8, 9, 10 over jobs."""

    def test_a_job_begins_pending(self, store: Store) -> None:
        spec = a_spec(hyperparameters={"lr": "0.1"}, environment={"A": "b"})
        made = store.create_job(spec, trial_component="j-aws-training-job")
        assert made == store.get_job("j")
        assert (made.status, made.secondary, made.spec, made.attempt) == ("InProgress", "Pending", spec, 1)
        assert [(step.status, step.end_time) for step in made.transitions] == [("Pending", None)]
        assert (made.trial_component, made.arn) == ("j-aws-training-job", f"arn:mlstudio:{store.uid}:training-job/j")

    def test_a_second_submission_of_a_name_is_refused_unless_it_is_the_same(self, store: Store) -> None:
        one, two = ({"client_token": text} for text in "tu")
        first = store.create_job(a_spec(**one), trial_component="c")
        assert store.create_job(a_spec(**one), trial_component="c") == first
        for other in (a_spec(**two), a_spec()):
            with pytest.raises(ResourceInUse, match='"j"'):
                store.create_job(other, trial_component="c")

    def test_two_submissions_without_a_token_are_two(self, store: Store) -> None:
        store.create_job(a_spec(), trial_component="c")
        with pytest.raises(ResourceInUse):
            store.create_job(a_spec(), trial_component="c")

    def test_a_job_needs_a_legal_name(self, store: Store) -> None:
        with pytest.raises(InvalidName) as caught:
            store.create_job(a_spec("../j"), trial_component="c")
        assert caught.value.field == "job_name"

    def test_a_job_goes_its_way_and_the_transitions_tell_it(self, store: Store) -> None:
        store.create_job(a_spec(), trial_component="c")
        for step in ("Starting", "Downloading", "Training", "Uploading"):
            store.update_job("j", JobUpdate(secondary=step, status_message=f"now {step}"))
        ended = store.update_job("j", JobUpdate(status="Completed", secondary="Completed", exit_code=0, ended_at=9))
        assert (ended.status, ended.exit_code, ended.ended_at) == ("Completed", 0, 9)
        told = [step.status for step in ended.transitions]
        assert told == ["Pending", "Starting", "Downloading", "Training", "Uploading", "Completed"]
        assert all(step.end_time is not None for step in ended.transitions)
        assert ended.transitions[3].message == "now Training"

    @pytest.mark.parametrize("target", sorted(SECONDARY_MOVES))
    def test_a_pending_job_goes_on_only_along_the_table(self, store: Store, target: str) -> None:
        store.create_job(a_spec(), trial_component="c")
        change = JobUpdate(secondary=target, run_dir="/moved")  # type: ignore[arg-type]
        if target == "Pending" or target in SECONDARY_MOVES["Pending"]:
            assert store.update_job("j", change).secondary == target
            return
        with pytest.raises(Conflict, match="is Pending"):
            store.update_job("j", change)
        assert store.get_job("j").run_dir == ""

    @pytest.mark.parametrize("end", ["Completed", "Failed", "Stopped"])
    @pytest.mark.parametrize("target", sorted(JOB_MOVES))
    def test_an_ended_job_stays_ended(self, store: Store, end: str, target: str) -> None:
        store.create_job(a_spec(), trial_component="c")
        store.update_job("j", JobUpdate(status=end))  # type: ignore[arg-type]
        change = JobUpdate(status=target)  # type: ignore[arg-type]
        if target == end:
            assert store.update_job("j", change).status == end
        else:
            with pytest.raises(Conflict, match=f"is {end}"):
                store.update_job("j", change)

    def test_a_failure_reason_is_cut_to_its_length(self, store: Store) -> None:
        store.create_job(a_spec(), trial_component="c")
        assert store.update_job("j", JobUpdate(failure_reason="é" * 2000)).failure_reason == "é" * 1024

    def test_a_request_to_stop_stands_until_the_end(self, store: Store) -> None:
        store.create_job(a_spec(), trial_component="c")
        assert store.stop_request("j") is None
        asked = store.request_stop("j", StopRequest(grace=5, reason="user"))
        assert (asked.status, asked.stop_requested) == ("Stopping", True)
        store.request_stop("j", StopRequest(grace=1, reason="now"))
        assert store.stop_request("j") == StopRequest(grace=1, reason="now")
        store.update_job("j", JobUpdate(status="Stopped", secondary="Stopped"))
        assert store.stop_request("j") is None
        with pytest.raises(Conflict, match="Stopped"):
            store.request_stop("j", StopRequest())

    def test_a_job_that_runs_is_not_deleted(self, store: Store) -> None:
        store.create_job(a_spec(), trial_component="c")
        with pytest.raises(Conflict, match="InProgress"):
            store.delete_job("j")
        store.update_job("j", JobUpdate(status="Failed", secondary="Failed"))
        store.delete_job("j")
        with pytest.raises(NotFound, match='Job "j"'):
            store.get_job("j")

    def test_jobs_are_listed_newest_first_and_in_pages(self, store: Store) -> None:
        config = ExperimentConfig(experiment_name="e")
        for number in range(5):
            store.create_job(a_spec(f"j{number}", experiment_config=config), trial_component="c")
        store.create_job(a_spec("p", kind="processing"), trial_component="c")
        store.update_job("j3", JobUpdate(status="Failed"))

        def names(**wanted: object) -> list[str]:
            return [job.name for job in store.list_jobs(JobListRequest(**wanted)).items]  # type: ignore[arg-type]

        assert names() == ["p", "j4", "j3", "j2", "j1", "j0"]
        assert names(kind="processing") == ["p"]
        assert names(status="Failed") == names(name_contains="J3") == ["j3"]
        assert names(experiment="e", status="InProgress") == ["j4", "j2", "j1", "j0"]
        first = store.list_jobs(JobListRequest(limit=4))
        second = store.list_jobs(JobListRequest(limit=4, cursor=first.next))
        assert [job.name for job in second.items] == ["j1", "j0"]
        assert second.next is None
        with pytest.raises(InvalidField):
            store.list_jobs(JobListRequest(cursor="zzz"))

    def test_jobs_are_in_the_change_feed(self, store: Store) -> None:
        store.create_job(a_spec(), trial_component="c")
        store.update_job("j", JobUpdate(log_bytes=5))
        store.update_job("j", JobUpdate(secondary="Starting"))
        store.request_stop("j", StopRequest())
        store.update_job("j", JobUpdate(status="Stopped", secondary="Stopped"))
        store.delete_job("j")
        ops = [change.op for change in store.changes(0) if change.kind == "job"]
        assert ops == ["created", "updated", "status", "status", "status", "deleted"]
