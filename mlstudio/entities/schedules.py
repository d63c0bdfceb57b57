"""Schedules: a job that is submitted again and again, by cron.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from mlstudio.entities.jobs import JobSpec
from mlstudio.entities.wire import Count, Int, Time

Cron = Annotated[str, Meta(min_length=1, max_length=200)]
"""Five fields (minute hour day month weekday), as cronsim reads them."""


class ScheduleCreate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new schedule. `spec.name` is the beginning of its jobs' names."""

    name: str
    cron: Cron
    spec: JobSpec
    timezone: str = "UTC"
    """A name of the tz database; "" is the host's."""
    catch_up: bool = False
    """Run once, late, for all the times that were missed while nothing was running; else they are skipped."""
    keep: Annotated[int, Meta(ge=1, le=10000)] = 30
    """How many of its ended jobs are kept."""


class ScheduleUpdate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Fields to change; `version`, when given, must be the present one."""

    cron: Cron | UnsetType = UNSET
    spec: JobSpec | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    catch_up: bool | UnsetType = UNSET
    keep: Annotated[int, Meta(ge=1, le=10000)] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    next_at: int | UnsetType | None = UNSET
    version: int | None = None


class Schedule(Struct, frozen=True, kw_only=True):
    """A schedule that was kept."""

    uid: str
    name: str
    cron: str
    spec: JobSpec
    timezone: str
    catch_up: bool
    keep: Int
    enabled: bool = True
    owner: str
    created_at: Time
    modified_at: Time
    next_at: Time | None = None
    """When it runs next; None: disabled, or its cron never comes."""
    last_at: Time | None = None
    last_job: str | None = None
    last_error: str | None = None
    """Why the last submission was refused; None when it was not."""
    runs: Count = 0
    version: Int = 1


class ScheduleList(Struct, frozen=True):
    """Schedules by name."""

    items: list[Schedule]
