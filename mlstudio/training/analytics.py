"""`TrainingJobAnalytics`: a job's metrics as a DataFrame of SageMaker's columns.

Reads: the points of the job's trial component.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mlstudio import jobs
from mlstudio.entities.errors import InvalidField
from mlstudio.store import open_store

if TYPE_CHECKING:
    import pandas as pd


def _seconds(moment: datetime | float | None) -> float | None:
    return moment.timestamp() if isinstance(moment, datetime) else moment


class TrainingJobAnalytics:
    """Metrics of a training job over its time.

    Args:
        training_job_name: of an existing job.
        metric_names: only these, in this order; None: all, by name.
        sagemaker_session: accepted and not needed.
        start_time: only points from then on: a datetime, or seconds since the epoch.
        end_time: only points before then.
        period: seconds; one point for each such stretch of time, the mean of its values. None: every point.

    Raises:
        NotFound: there is no such job.
        InvalidField: a period of no seconds.
    """

    def __init__(
        self,
        training_job_name: str,
        metric_names: list[str] | None = None,
        sagemaker_session: Any = None,
        start_time: datetime | float | None = None,
        end_time: datetime | float | None = None,
        period: int | None = None,
    ) -> None:
        del sagemaker_session
        if period is not None and not period > 0:
            raise InvalidField(f"period is {period!r:.40}.", field="period", hint="Give seconds, such as 60.")
        self._period = period
        self._record = jobs.get(training_job_name).record()
        self._names = metric_names
        self._from, self._to = _seconds(start_time), _seconds(end_time)
        self._frame: pd.DataFrame | None = None

    @property
    def name(self) -> str:
        """Name of the job."""
        return self._record.name

    def clear_cache(self) -> None:
        """Forget what was read."""
        self._frame = None

    def dataframe(self, force_refresh: bool = False) -> pd.DataFrame:
        """Return columns ``timestamp`` (seconds since the job's first point), ``metric_name``, ``value``."""
        if force_refresh or self._frame is None:
            self._frame = self._read()
        return self._frame

    def export_csv(self, filename: str) -> None:
        """Write the frame to a file."""
        self.dataframe().to_csv(filename)

    def _read(self) -> pd.DataFrame:
        import pandas as pd

        store, component = open_store(), self._record.trial_component
        wanted = [one for one in store.series(component) if self._names is None or one.name in self._names]
        if self._names is not None:
            wanted.sort(key=lambda one: (self._names or []).index(one.name))
        frames = []
        for one in wanted:
            import msgspec

            context = msgspec.json.encode(one.context, order="sorted").decode()
            points = store.points(component, one.name, context)
            frame = pd.DataFrame({"timestamp": points.ts, "metric_name": one.name, "value": points.values})
            after = frame["timestamp"] >= (self._from if self._from is not None else float("-inf"))
            before = frame["timestamp"] < (self._to if self._to is not None else float("inf"))
            frames.append(frame[after & before])
        if not frames:
            return pd.DataFrame({"timestamp": [], "metric_name": [], "value": []})
        whole = pd.concat(frames, ignore_index=True)
        whole["timestamp"] -= whole["timestamp"].min()
        if self._period is None:
            return whole
        whole["timestamp"] = whole["timestamp"] // self._period * self._period
        mean = whole.groupby(["metric_name", "timestamp"], sort=False)["value"].mean().reset_index()
        return mean[["timestamp", "metric_name", "value"]]
