"""The candidates of a search (`GridSearchCV` and its kind) as child components of its run.

Written straight into the store, a transaction each: they are over when they are known, and a
recorder of its own for each would cost more than many a fit.

Reads: ``cv_results_``. Knows nothing of: scikit-learn.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import ComponentCreate, ComponentUpdate
from mlstudio.entities.names import new_uid
from mlstudio.experiments.autolog.described import numbers, parameters
from mlstudio.experiments.records import the_store
from mlstudio.experiments.run_plan import SOURCE_TAG, component_name_of

if TYPE_CHECKING:
    from mlstudio.experiments.runs import Run
    from mlstudio.store.batch import SeriesPoints

MAX_CANDIDATES: Final = 500
_log = logging.getLogger("mlstudio.experiments")


def record_candidates(run: Run, results: Mapping[str, Any]) -> None:
    """Write the candidates, the best `MAX_CANDIDATES` when there are more.

    Args:
        run: the search's run; the candidates become its children.
        results: ``cv_results_``: columns ``params``, ``mean_test_score``, ``rank_test_score``, ….
    """
    candidates = list(results["params"])
    ranks = next((column for name, column in results.items() if name.startswith("rank_test_")), None)
    order = list(range(len(candidates)))
    if ranks is not None:
        order.sort(key=lambda number: (int(ranks[number]), number))
    if len(order) > MAX_CANDIDATES:
        _log.info("The best %d of %d candidates are recorded.", MAX_CANDIDATES, len(order))
    if not run.flush():  # the parent must be in the store before its children
        _log.warning("The candidates of %s were not recorded: the store is away.", run.run_name)
        return
    measures = {name: column for name, column in results.items() if name != "params" and name[:6] != "param_"}
    try:
        for number in sorted(order[:MAX_CANDIDATES]):
            measured = {name: column[number] for name, column in measures.items()}
            _record(run, number, candidates[number], numbers(measured))
    except StudioError as error:
        _log.warning("Not all candidates of %s were recorded: %s", run.run_name, error)


def _record(run: Run, number: int, params: Mapping[str, Any], measured: Mapping[str, float]) -> None:
    from mlstudio.store.batch import Batch

    uid, now = new_uid(), time.time()
    title = f"{run.run_name} #{number}"
    wanted = ComponentCreate(
        name=component_name_of(run.experiment_name, f"{title}-{uid[-8:].lower()}"),
        uid=uid,
        display_name=title,
        kind="training",
        parent=run.component_name,
        status="InProgress",
        start_time=int(now * 1e6),
        params=parameters(params),
        tags={SOURCE_TAG: "run", "mlstudio.autolog": "sklearn"},
        trials=[run.trial_name],
    )
    points = [_point(name, value, now) for name, value in measured.items()]
    store = the_store()
    store.apply(Batch(f"autolog-{uid}", uid, 0, 1, open=wanted, points=points))
    store.update_component(wanted.name, ComponentUpdate(status="Completed", end_time=int(now * 1e6)))


def _point(name: str, value: float, at: float) -> SeriesPoints:
    import numpy as np

    from mlstudio.store.batch import SeriesPoints

    return SeriesPoints(name, "{}", np.array([0]), np.array([at]), np.array([value]))
