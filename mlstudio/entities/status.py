"""State machines as tables; the store enforces them with ``UPDATE … WHERE status IN (…)``.

Sources: SageMaker's DescribeTrialComponent, DescribeTrainingJob and DescribeProcessingJob.
"""

from __future__ import annotations

from typing import Final, Literal

ComponentStatus = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped"]
JobStatus = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped"]
SecondaryStatus = Literal[
    "Pending",
    "Starting",
    "Downloading",
    "Training",
    "Uploading",
    "Completed",
    "Stopping",
    "Stopped",
    "Failed",
    "MaxRuntimeExceeded",
    "MaxWaitTimeExceeded",
    "Interrupted",
    "Restarting",
    "Updating",
]
JobKind = Literal["training", "processing"]
ComponentKind = Literal["training", "processing", "transform", "notebook", "tuning", "evaluation", "imported"]
AssociationType = Literal["ContributedTo", "AssociatedWith", "DerivedFrom", "Produced", "SameAs"]

COMPONENT_MOVES: Final[dict[str, frozenset[str]]] = {
    "InProgress": frozenset({"Completed", "Failed", "Stopping", "Stopped"}),
    "Stopping": frozenset({"Stopped", "Failed", "Completed"}),
    "Completed": frozenset(),
    "Failed": frozenset(),
    "Stopped": frozenset(),
}
"""From each status of a trial component, where it may go. An end state returns to
InProgress only through ``resume=`` (`RESUMABLE`)."""

RESUMABLE: Final = frozenset({"Completed", "Failed", "Stopped"})

JOB_MOVES: Final[dict[str, frozenset[str]]] = {
    "InProgress": frozenset({"Completed", "Failed", "Stopping", "Stopped"}),
    "Stopping": frozenset({"Stopped", "Completed", "Failed"}),
    "Completed": frozenset(),
    "Failed": frozenset(),
    "Stopped": frozenset(),
}

SECONDARY_MOVES: Final[dict[str, frozenset[str]]] = {
    "Pending": frozenset({"Starting", "Stopping", "Stopped", "Failed", "MaxWaitTimeExceeded"}),
    "Starting": frozenset({"Downloading", "Training", "Stopping", "Stopped", "Failed", "Interrupted"}),
    "Downloading": frozenset({"Training", "Stopping", "Stopped", "Failed", "Interrupted"}),
    "Training": frozenset(
        {"Uploading", "Stopping", "Stopped", "Failed", "Completed", "Interrupted", "Updating"}
        | {"MaxRuntimeExceeded", "MaxWaitTimeExceeded"}
    ),
    "Updating": frozenset({"Training", "Stopping", "Stopped", "Failed"}),
    "Uploading": frozenset(
        {"Completed", "Stopping", "Stopped", "Failed", "Interrupted", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"}
    ),
    "Stopping": frozenset(
        {"Uploading", "Stopped", "Failed", "Completed", "Interrupted", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"}
    ),
    "Interrupted": frozenset({"Restarting", "Failed", "Stopped"}),
    "Restarting": frozenset({"Starting", "Stopping", "Stopped", "Failed", "MaxWaitTimeExceeded"}),
    "Completed": frozenset(),
    "Stopped": frozenset(),
    "Failed": frozenset(),
    "MaxRuntimeExceeded": frozenset(),
    "MaxWaitTimeExceeded": frozenset(),
}

ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})


def sources_of(target: str, moves: dict[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the statuses from which `target` may be reached, sorted, for the WHERE clause."""
    return tuple(sorted(source for source, targets in moves.items() if target in targets))
