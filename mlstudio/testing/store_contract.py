"""The contract of a store, as a class to inherit: one test per law and per bad input.

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self, tmp_path: Path) -> Iterator[Store]:
            ...

A deviation is an overridden test whose docstring gives the reason. Laws: `mlstudio.store.laws`.
"""

from __future__ import annotations

from mlstudio.testing.contract_archive import ArchiveContract
from mlstudio.testing.contract_around import AroundContract
from mlstudio.testing.contract_audit import AuditContract
from mlstudio.testing.contract_components import ComponentContract
from mlstudio.testing.contract_jobs import JobContract
from mlstudio.testing.contract_jobs_around import JobsAroundContract
from mlstudio.testing.contract_media import MediaContract
from mlstudio.testing.contract_metrics import MetricContract
from mlstudio.testing.contract_parts import PartContract
from mlstudio.testing.contract_records import RecordContract
from mlstudio.testing.contract_search import SearchContract
from mlstudio.testing.contract_table import TableContract


class StoreContract(
    RecordContract,
    ComponentContract,
    ArchiveContract,
    SearchContract,
    TableContract,
    PartContract,
    MetricContract,
    MediaContract,
    AroundContract,
    AuditContract,
    JobContract,
    JobsAroundContract,
):
    """Everything that a backend promises; needs a fixture `store`."""


__all__ = ["StoreContract"]
