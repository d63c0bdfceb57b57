"""The doctor's report for the panel, and its cures as tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstudio.entities.errors import InvalidField, StudioError
from mlstudio.entities.housekeeping import DoctorReport, RepairRequest
from mlstudio.entities.transfers import TaskRecord, TransferReport
from mlstudio.server.tasks import Control
from mlstudio.store.doctor import examine
from mlstudio.store.laws import Store
from mlstudio.store.repair import CURES, repair

if TYPE_CHECKING:
    from mlstudio.server.studio import Studio


def report(studio: Studio) -> DoctorReport:
    """Look at the store, its records, its disk and its journals; blocks.

    A store that cannot be opened is looked at from outside.
    """
    store: Store | None = None
    try:
        store = studio.store()
    except StudioError:
        return examine(home=studio.home, url=studio.url)
    return examine(store, home=studio.home)


def begin_repair(studio: Studio, request: RepairRequest) -> TaskRecord:
    """Start a cure; its report's notes say what was done.

    Raises:
        InvalidField: there is none of that name.
        TooMany: enough tasks wait already.
    """
    if request.what not in CURES:
        raise InvalidField(
            f'No repair is called "{request.what}".', field="what", hint=f"Use {', '.join(sorted(CURES))}."
        )

    def work(control: Control) -> TransferReport:
        control.progress(0, None, "The doctor is at it.")
        return TransferReport(notes=repair(studio.store(), studio.home, request.what))

    return studio.tasks.start("repair", f"Repair {request.what}", work)
