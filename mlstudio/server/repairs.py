"""The doctor's report for the panel, and what it can set right, as tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.housekeeping import DoctorFinding, DoctorReport, RepairRequest
from mlstudio.entities.transfers import TaskRecord, TransferReport
from mlstudio.server.tasks import Control
from mlstudio.store.doctor import check
from mlstudio.store.recover import recover_journals

if TYPE_CHECKING:
    from mlstudio.server.studio import Studio

Mend = Callable[["Studio", Control], TransferReport | None]
REPAIRABLE: Final = {"dead_journals": "journals"}
"""By finding: what sets it right."""


def report(studio: Studio) -> DoctorReport:
    """Look at the store, its disk and its journals; blocks."""
    items = [
        DoctorFinding(
            code=one.code, level=one.level, message=one.message, hint=one.hint, repair=REPAIRABLE.get(one.code)
        )
        for one in check(home=studio.home, url=studio.url)
    ]
    return DoctorReport(items=items)


def begin_repair(studio: Studio, request: RepairRequest) -> TaskRecord:
    """Start a repair. Raises: InvalidField (there is none of that name), TooMany."""
    mend = MENDS.get(request.what)
    if mend is None:
        raise InvalidField(
            f'Nothing is called "{request.what}".', field="what", hint=f"One of {', '.join(sorted(MENDS))}."
        )
    return studio.tasks.start("repair", f"Repair {request.what}", lambda control: mend(studio, control))


def _journals(studio: Studio, control: Control) -> None:
    control.progress(0, 1, "Journals of processes that ended are stored.")
    recover_journals(studio.store(), studio.home)


MENDS: Final[dict[str, Mend]] = {"journals": _journals}
