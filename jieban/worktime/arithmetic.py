"""Working-time arithmetic in Asia/Shanghai: adding and measuring office time, exact to the microsecond.

Datetimes are aware; results are in UTC. A day ends at its 24:00, which is the instant 00:00 of the next day:
an act at that instant meets the deadline that ends then (`in_time`); a case received at it belongs to the next
day. Every function raises ValueError for a naive datetime, and for a negative amount.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from jieban.base.clock import SHANGHAI
from jieban.worktime.calendar import Calendar

Amount = int | Decimal | Fraction  # never a float: 0.1 hours would not be six minutes

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MICROSECONDS_OF_HOUR = 3_600_000_000


@dataclass(frozen=True)
class DueTime:
    """Due time. Provisional: it was counted over a year whose holidays are not announced yet (weekends only)."""

    at: datetime
    provisional: bool


@dataclass(frozen=True)
class DaySpans:
    """Office hours of a working day as spans: morning and afternoon with a break, or one."""

    spans: tuple[tuple[time, time], ...]

    def __post_init__(self) -> None:
        edges = [edge for span in self.spans for edge in span]
        ordered = all(before < after for before, after in zip(edges, edges[1:], strict=False))
        if not edges or not ordered or any(edge.tzinfo for edge in edges):
            raise ValueError("office hours must be spans of local time that follow each other")


# Source: a decision of this project (domain book, [D]); districts with other hours pass their own.
OFFICE_HOURS = DaySpans(spans=((time(9), time(17, 30)),))


def in_time(act: datetime, limit: datetime) -> bool:
    """Whether an act at this instant meets the limit; at exactly the limit it does."""
    return _utc(act) <= _utc(limit)


def end_of_day(day: date) -> datetime:
    """End of a day (24:00): the instant at which the next day begins, in UTC."""
    return _instant(day + _DAY, time())


def add_hours(start: datetime, hours: Amount) -> datetime:
    """Adds hours round the clock. Units: calendar hours, fractions allowed, not negative."""
    return _utc(start) + _duration(hours)


def add_calendar_days_end(start: datetime, days: int) -> datetime:
    """Adds calendar days: 24:00 of the n-th day after the day of the start; with 0 of that day itself."""
    return end_of_day(_day(start) + _not_negative(days) * _DAY)


def add_workdays_end(calendar: Calendar, start: datetime, days: int) -> DueTime:
    """Adds working days: 24:00 of the n-th one after the day of the start, which never counts; with 0 of that day.

    Units: working days. Worked example: received on Saturday 14 February 2026, a make-up day; the first
    working day after it is Tuesday the 24th, because the 15th to the 23rd are off.
    """
    first = day = _day(start)
    left = _not_negative(days)
    while left:
        day += _DAY
        left -= calendar.is_workday(day)
    return DueTime(end_of_day(day), calendar.provisional(first, day))


def same_day_end(start: datetime, cut_off: time) -> datetime:
    """Same-day deadline (日清日结): 24:00 of the day of receipt; from the cut-off on, 24:00 of the next day."""
    if cut_off.tzinfo:
        raise ValueError("the cut-off is a time on the clock of Asia/Shanghai, without a zone")
    local = _utc(start).astimezone(SHANGHAI)
    return end_of_day(local.date() + (_DAY if local.time() >= cut_off else 0 * _DAY))


def add_working_hours(
    calendar: Calendar, start: datetime, hours: Amount, office: DaySpans = OFFICE_HOURS
) -> DueTime:
    """Adds working hours; a result at the end of a day is its closing time, not the next opening.

    Units: working hours. With 0 hours the result is the start itself, inside office hours or not.
    """
    at = _utc(start)
    first = day = _day(start)
    left = _duration(hours)
    while left:
        for opens, closes in _open_spans(calendar, day, office):
            began = max(opens, at)
            if began < closes:
                if left <= closes - began:
                    return DueTime(began + left, calendar.provisional(first, day))
                left -= closes - began
        day += _DAY
    return DueTime(at, calendar.provisional(first, day))


def working_seconds_between(
    calendar: Calendar, begin: datetime, end: datetime, office: DaySpans = OFFICE_HOURS
) -> int:
    """Office time between two instants, in whole working seconds; negative when the end is earlier."""
    if _utc(end) < _utc(begin):
        return -working_seconds_between(calendar, end, begin, office)
    at, until = _utc(begin), _utc(end)
    day, last = _day(begin), _day(end)
    passed = timedelta()
    while day <= last:
        for opens, closes in _open_spans(calendar, day, office):
            passed += max(min(closes, until) - max(opens, at), timedelta())
        day += _DAY
    return passed // _SECOND


def calendar_seconds_between(begin: datetime, end: datetime) -> int:
    """Time between two instants, in whole calendar seconds; negative when the end is earlier."""
    passed = _utc(end) - _utc(begin)
    return passed // _SECOND if passed >= timedelta() else -(-passed // _SECOND)


def _open_spans(calendar: Calendar, day: date, office: DaySpans) -> Iterator[tuple[datetime, datetime]]:
    if calendar.is_workday(day):
        for opens, closes in office.spans:
            yield _instant(day, opens), _instant(day, closes)


def _utc(at: datetime) -> datetime:
    # Python subtracts two datetimes of one zone by wall time, not as instants; in UTC both are the same.
    if at.utcoffset() is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(UTC)


def _day(at: datetime) -> date:
    return _utc(at).astimezone(SHANGHAI).date()


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def _duration(hours: Amount) -> timedelta:
    if isinstance(hours, float):
        raise ValueError("hours must be exact: a whole number, a Decimal or a Fraction")
    if hours < 0:
        raise ValueError("hours must not be negative")
    return timedelta(microseconds=round(Fraction(hours) * _MICROSECONDS_OF_HOUR))


def _not_negative(days: int) -> int:
    if days < 0:
        raise ValueError("days must not be negative")
    return days
