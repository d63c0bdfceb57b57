"""Curves: small enough to draw, with their true extremes."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.names import new_uid
from mlstudio.entities.tables import CurveRequest, SeriesRef
from mlstudio.store import curves, open_store
from mlstudio.store.batch import Batch, SeriesPoints
from mlstudio.store.curves import curve, shrink, smooth
from mlstudio.store.home import Home
from mlstudio.store.laws import Points, Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    found = open_store(
        f"sqlite:///{tmp_path_factory.mktemp('curves')}/store.db", home=Home(tmp_path_factory.mktemp("home"))
    )
    yield found
    found.close()


def put(store: Store, values: Any, *, steps: Any = None, ts: Any = None, metric: str = "loss", **more: Any) -> str:
    name, uid = f"run-{new_uid()}", new_uid()
    values = np.asarray(values, dtype=np.float64)
    steps = np.arange(len(values)) if steps is None else np.asarray(steps, dtype=np.int64)
    ts = 1000.0 + np.arange(len(values)) if ts is None else np.asarray(ts, dtype=np.float64)
    parts = [SeriesPoints(metric, "{}", steps, ts, values)]
    parts += [SeriesPoints(key, "{}", steps, ts, np.asarray(column, dtype=np.float64)) for key, column in more.items()]
    store.apply(Batch(new_uid(), uid, 0, 8, open=ComponentCreate(name=name, uid=uid), points=parts))
    return name


def ask(
    store: Store, component: str, metric: str = "loss", **fields: Any
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    body = curve(store, CurveRequest(series=[SeriesRef(component, metric)], **fields))
    header, columns = parse(body)
    return header["series"][0], columns[0]


def parse(body: bytes) -> tuple[dict[str, Any], list[dict[str, np.ndarray]]]:
    """Read an MLC1 body as a browser does."""
    assert body[:4] == b"MLC1"
    (length,) = struct.unpack("<I", body[4:8])
    assert (8 + length) % 8 == 0, "Float64Array wants its data at a multiple of 8"
    header = json.loads(body[8 : 8 + length])
    data = np.frombuffer(body, dtype="<f8", offset=8 + length)
    found = []
    for series in header["series"]:
        at, n = series["offset"], series["n"]
        found.append({name: data[at + k * n : at + (k + 1) * n] for k, name in enumerate(series["columns"])})
    return header, found


def test_a_short_curve_is_sent_as_it_is(store: Store) -> None:
    header, columns = ask(store, put(store, [3.0, math.nan, 1.0, math.inf]))
    assert (header["level"], header["n"], header["total"], header["n_nan"], header["nan_x"]) == (
        "all",
        4,
        4,
        2,
        [1.0, 3.0],
    )
    assert columns["x"].tolist() == [0, 1, 2, 3]
    assert columns["y"].tobytes() == np.array([3.0, math.nan, 1.0, math.inf]).tobytes()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**31),
    count=st.sampled_from([5, 300, 3000, 230_000]),
    width=st.sampled_from([4, 10, 100, 900, 2000]),
    x=st.sampled_from(["step", "time", "relative"]),
    cut=st.booleans(),
)
def test_first_last_lowest_and_highest_of_a_view_always_survive(
    store: Store, seed: int, count: int, width: int, x: str, cut: bool
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=count)
    values[rng.integers(0, count, size=3)] = [1e6, -1e6, math.nan]
    steps = np.cumsum(rng.integers(1, 3, size=count))
    ts = 1000.0 + np.arange(count)
    name = put(store, values, steps=steps, ts=ts)
    axis = {"step": steps.astype(float), "time": ts, "relative": ts - ts[0]}[x]
    low, high = (axis[count // 5], axis[-(count // 6) - 1]) if cut else (axis[0], axis[-1])
    header, columns = ask(store, name, width=width, x=x, range=(float(low), float(high)) if cut else None)
    inside = (axis >= low) & (axis <= high)
    finite = inside & np.isfinite(values)
    assert header["total"] == inside.sum()
    assert header["n_nan"] == (inside & ~np.isfinite(values)).sum()
    assert header["nan_x"] == axis[inside & ~np.isfinite(values)].tolist()
    assert header["n"] <= max(width, 4)
    assert (np.diff(columns["x"]) >= 0).all()
    truth = dict(zip(axis[inside].tolist(), values[inside].tolist(), strict=True))
    for place, value in zip(columns["x"].tolist(), columns["y"].tolist(), strict=True):
        assert truth[place] == value or math.isnan(value), "a point that was never logged"
    shown = columns["y"][np.isfinite(columns["y"])]
    if finite.any():
        assert (shown.min(), shown.max()) == (values[finite].min(), values[finite].max())
        assert {axis[finite][0], axis[finite][-1]} <= set(columns["x"].tolist())


def test_a_long_curve_is_drawn_from_its_blocks_and_never_has_fewer_points_than_it_could(store: Store) -> None:
    name = put(store, np.sin(np.arange(600_000) / 1000.0))
    assert ask(store, name, width=2000)[0]["level"] == "pyramid"
    header, _ = ask(store, name, width=2000, range=(0.0, 100_000.0))
    assert (header["level"], header["total"]) == ("downsampled", 100_001), "98 blocks would give 392 points"
    assert header["n"] > 1900


def test_exact_gives_every_point_with_its_time(store: Store) -> None:
    header, columns = ask(store, put(store, np.arange(5000.0)), exact=True, width=100)
    assert (header["level"], header["columns"], header["n"]) == ("exact", ["x", "y", "ts"], 5000)
    assert columns["ts"].tolist() == (1000.0 + np.arange(5000)).tolist()


def test_another_metric_as_x_is_joined_on_the_step(store: Store) -> None:
    name = put(store, [1.0, 2.0, 3.0], tokens=[30.0, 10.0, math.nan])
    _, columns = ask(store, name, x="metric:tokens")
    assert (columns["x"].tolist(), columns["y"].tolist()) == ([10.0, 30.0], [2.0, 1.0])
    assert ask(store, name, x="metric:nothing")[0]["n"] == 0


def test_time_since_start_counts_from_the_start_of_the_run_for_every_metric(store: Store) -> None:
    name, uid, count = f"run-{new_uid()}", new_uid(), 300_000
    steps, ts = np.arange(count), 1000.0 + np.arange(count)
    late = SeriesPoints("val", "{}", np.arange(3), np.array([1400.0, 1500.0, 1600.0]), np.arange(3.0))
    made = Batch(
        new_uid(),
        uid,
        0,
        8,
        open=ComponentCreate(name=name, uid=uid, start_time=990_000_000),
        points=[SeriesPoints("loss", "{}", steps, ts, np.arange(float(count))), late],
    )
    store.apply(made)
    for width in (2000, 500_000):
        header, columns = ask(store, name, x="relative", width=min(width, 100_000))
        assert (header["start"], columns["x"][0]) == (990.0, 10.0)
    header, columns = ask(store, name, "val", x="relative")
    assert (header["start"], columns["x"].tolist()) == (990.0, [410.0, 510.0, 610.0])
    assert ask(store, name, "val", x="relative", range=(500.0, 600.0))[1]["x"].tolist() == [510.0]
    assert ask(store, name, x="relative", range=(5000.0, 290_000.0))[1]["x"][0] == 5000.0
    assert ask(store, name, "none yet", x="relative")[0]["start"] == 990.0, "live points are counted from it"
    assert ask(store, name, x="time")[0]["start"] is None


def test_without_a_start_time_two_metrics_count_from_the_earlier_one(store: Store) -> None:
    name, uid = f"run-{new_uid()}", new_uid()
    points = [
        SeriesPoints(metric, "{}", np.arange(2), np.array([first, first + 5]), np.arange(2.0))
        for metric, first in (("val", 1040.0), ("loss", 1000.0))
    ]
    store.apply(Batch(new_uid(), uid, 0, 8, open=ComponentCreate(name=name, uid=uid), points=points))
    wanted = [SeriesRef(name, metric) for metric in ("val", "loss", "nothing")]
    header, columns = parse(curve(store, CurveRequest(series=wanted, x="relative")))
    assert [one["x"].tolist() for one in columns] == [[40.0, 45.0], [0.0, 5.0], []]
    assert {one["start"] for one in header["series"]} == {1000.0}
    assert ask(store, name, "nothing", x="relative")[0]["start"] is None


def test_relative_time_starts_at_the_first_point_where_nobody_said_when_it_began(store: Store) -> None:
    name = put(store, np.arange(300_000.0))
    for ends, first in ((None, 0.0), ((5000.0, 290_000.0), 5000.0), ((10.0, 20.0), 10.0)):
        assert ask(store, name, x="relative", range=ends)[1]["x"][0] == first


def test_t06_a_clock_that_went_back_gives_an_axis_in_order(store: Store) -> None:
    ts = 1000.0 + np.arange(3000)
    ts[1500:] -= 86_400
    _, columns = ask(store, put(store, np.arange(3000.0), ts=ts), x="time", width=500)
    assert (np.diff(columns["x"]) >= 0).all()
    assert {0.0, 2999.0} <= set(columns["y"].tolist())


def test_smoothing_is_a_column_beside_the_raw_curve(store: Store) -> None:
    header, columns = ask(store, put(store, [1.0, math.nan, 1.0, 5.0]), smooth=0.5)
    assert header["columns"] == ["x", "y", "smooth"]
    expected = smooth(np.array([1.0, math.nan, 1.0, 5.0]), 0.5)
    assert columns["smooth"].tobytes() == expected.tobytes()
    assert expected[0] == 1.0, "debiased: it starts at the curve, not at zero"
    assert math.isnan(expected[1])
    assert expected[2] == pytest.approx(1.0)
    assert 1.0 < expected[3] < 5.0


def test_a_series_that_is_not_there_yet_is_an_empty_curve_a_component_is_an_error(store: Store) -> None:
    name = put(store, [1.0])
    header, columns = ask(store, name, "nope")
    assert (header["n"], header["total"], len(columns["x"])) == (0, 0, 0)
    with pytest.raises(NotFound):
        ask(store, "nobody")


def test_many_series_lie_one_behind_the_other(store: Store) -> None:
    name = put(store, [1.0, 2.0], acc=[3.0, 4.0])
    body = curve(store, CurveRequest(series=[SeriesRef(name, "loss"), SeriesRef(name, "x"), SeriesRef(name, "acc")]))
    header, columns = parse(body)
    assert [series["offset"] for series in header["series"]] == [0, 4, 4]
    assert [column["y"].tolist() for column in columns] == [[1.0, 2.0], [], [3.0, 4.0]]


@pytest.mark.parametrize("fields", [{"x": "wall"}, {"x": "metric:"}, {"range": (2.0, 1.0)}, {"range": (math.nan, 1.0)}])
def test_an_axis_or_range_that_is_none_is_refused(store: Store, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidField):
        ask(store, "any", **fields)


@pytest.mark.parametrize("ends", [(-math.inf, math.inf), (-1e300, 1e300)])
def test_an_endless_range_is_the_whole_curve(store: Store, ends: tuple[float, float]) -> None:
    assert ask(store, put(store, [1.0, 2.0]), range=ends)[0]["n"] == 2


def test_shrink_keeps_all_when_there_is_room() -> None:
    assert shrink(np.arange(3.0), np.arange(3.0), 4).tolist() == [0, 1, 2]


@given(
    x=st.lists(st.floats(-10, 10) | st.sampled_from([math.nan, math.inf, -math.inf, 3.0]), max_size=30),
    ends=st.none() | st.tuples(st.floats(-12, 3), st.floats(3, 12)),
    in_order=st.booleans(),
)
def test_a_range_is_cut_alike_with_and_without_order(
    x: list[float], ends: tuple[float, float] | None, in_order: bool
) -> None:
    axis = np.sort(np.array(x)) if in_order else np.array(x, dtype=np.float64)
    points = Points(
        np.arange(len(axis)), np.arange(len(axis), dtype=np.float64), np.arange(0, 3 * len(axis), 3, dtype=np.float64)
    )
    request = CurveRequest(series=[], range=ends)
    low, high = ends or (-math.inf, math.inf)
    wanted = sorted(
        (at for at, one in enumerate(axis) if math.isfinite(one) and low <= one <= high), key=lambda at: axis[at]
    )
    found, cut = curves._in_range(request, points, axis)
    assert found.steps.tolist() == wanted
    assert found.values.tolist() == [3.0 * at for at in wanted]
    assert cut.tolist() == axis[wanted].tolist()


@given(y=st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=400), width=st.integers(4, 60))
def test_points_are_chosen_once_and_in_order(y: list[float], width: int) -> None:
    chosen = curves.shrink(np.arange(float(len(y))), np.array(y), width)
    assert chosen.tolist() == np.unique(chosen).tolist()
    assert {0, len(y) - 1, int(np.argmin(y)), int(np.argmax(y))} <= set(chosen.tolist())


@pytest.mark.parametrize("n", [1_000, 5_000])
def test_points_are_chosen_as_the_library_would(n: int) -> None:
    from tsdownsample import MinMaxLTTBDownsampler

    x, y = np.arange(float(n)), np.random.default_rng(n).normal(size=n)
    maker: Any = MinMaxLTTBDownsampler
    library = set(maker().downsample(x, y, n_out=398).tolist())
    assert set(shrink(x, y, 400).tolist()) == library | {0, n - 1, int(y.argmin()), int(y.argmax())}
