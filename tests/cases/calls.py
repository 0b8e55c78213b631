"""Calling hours for tests, independent of the real time of day."""

from datetime import date, datetime, time, timedelta

from jieban.base.clock import local
from jieban.cases.models import CallingHours


def call_at_any_hour() -> None:
    """Sets calling hours round the clock."""
    _only(time(0), time(0))


def call_in_three_hours(at: datetime) -> None:
    """Sets calling hours that begin three hours after this time, at the full hour, for an hour."""
    begins = local(at) + timedelta(hours=3)
    _only(time(begins.hour), time((begins.hour + 1) % 24))


def _only(starts: time, ends: time) -> None:
    CallingHours.objects.all().delete()
    for days in CallingHours.Days:
        CallingHours.objects.create(
            days=days, starts=starts, ends=ends, valid_from=date(2019, 1, 1), source="试验"
        )
