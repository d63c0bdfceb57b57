"""When a cron expression comes next, over both changes of the clock, and what cannot be read."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_requests import CronQuery
from mlstudio.jobs.cron import explained, next_at, times, zone

BERLIN = "Europe/Berlin"


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 10**6


def shown(cron: str, after: str, count: int, where: str = BERLIN) -> list[str]:
    found = times(cron, where, micros(after), count)
    return [datetime.fromtimestamp(one / 1e6, ZoneInfo(where)).isoformat() for one in found]


def test_a_time_that_spring_skips_comes_after_the_gap_and_once() -> None:
    assert shown("30 2 * * *", "2026-03-28T12:00:00+01:00", 2) == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_a_time_that_autumn_has_twice_comes_once() -> None:
    assert shown("30 2 * * *", "2026-10-24T12:00:00+02:00", 2) == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]
    assert shown("30 2 * * *", "2026-10-25T02:30:00+02:00", 1) == ["2026-10-26T02:30:00+01:00"], "asked in between"
    assert shown("30 2 * * *", "2026-10-25T02:15:00+01:00", 1) == ["2026-10-26T02:30:00+01:00"], "in the second hour"


def test_every_hour_is_every_hour_that_there_is() -> None:
    autumn = shown("0 * * * *", "2026-10-25T01:30:00+02:00", 3)
    assert autumn == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"]


def test_a_time_is_later_than_the_one_asked_for() -> None:
    noon = micros("2026-06-01T12:00:00+00:00")
    assert next_at("0 12 * * *", "UTC", noon) == noon + 86400 * 10**6
    assert next_at("0 12 * * *", "UTC", noon - 1) == noon


def test_an_expression_is_told_in_words_with_its_next_three_times() -> None:
    reply = explained(CronQuery(cron="0 3 * * 1-5", timezone=BERLIN), now=micros("2026-11-20T12:00:00+00:00"))
    assert reply.text == "At 03:00 on Monday through Friday"
    assert [datetime.fromtimestamp(one / 1e6, ZoneInfo(BERLIN)).day for one in reply.next] == [23, 24, 25]


@pytest.mark.parametrize(
    "cron",
    ["x", "@daily", "60 * * * *", "0 0 0 3 * *", "* * * *", "0 0 30 2 *", "*/0 * * * *", "² * * * *", "0 0 * * 8"],
)
def test_what_cannot_be_read_is_refused_with_an_example(cron: str) -> None:
    with pytest.raises(InvalidField, match="minute hour day month weekday") as refused:
        explained(CronQuery(cron=cron))
    assert refused.value.field == "cron"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "/etc/passwd", "a\0b", "x" * 300, "."])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidField) as refused:
        zone(name)
    assert refused.value.field == "timezone"


def test_no_zone_is_the_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert str(zone("")) == "Asia/Tokyo"


def test_a_clock_at_the_end_of_all_dates_has_no_next_time() -> None:
    assert next_at("0 3 * * *", "UTC", 10**18) is None
