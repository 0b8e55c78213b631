"""Working-day calendar: the chinesecalendar library, overridden by the rows of CalendarDay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from chinese_calendar import constants
from django.db.models import Exists, OuterRef, QuerySet

from jieban.base.sql.prepared import Prepared
from jieban.worktime.models import CalendarDay, CalendarYear

SATURDAY = 5
_LIBRARY_YEARS = range(min(constants.holidays).year, max(constants.holidays).year + 1)
_LIBRARY_NAMES = {holiday.value: holiday.chinese for holiday in constants.Holiday}

# day, whether it is a working day, name, whether its year is announced
Row = tuple[date, bool, str, bool]


@dataclass(frozen=True)
class Calendar:
    """Calendar of working days, immutable; `load_calendar` returns the current one."""

    overrides: Mapping[date, tuple[bool, str]]
    announced: frozenset[int]

    def is_workday(self, day: date) -> bool:
        """Whether the day is a working day. In a year that is not `known`: Monday to Friday."""
        override = self.overrides.get(day)
        if override is not None:
            return override[0]
        return day in constants.workdays or (day.weekday() < SATURDAY and day not in constants.holidays)

    def name(self, day: date) -> str:
        """Chinese name of the festival for which the day is off or a make-up day; empty on an ordinary day."""
        override = self.overrides.get(day)
        if override is not None:
            return override[1]
        holiday = constants.workdays.get(day) or constants.holidays.get(day)
        return _LIBRARY_NAMES[holiday] if holiday else ""

    def known(self, year: int) -> bool:
        """Whether the year's holidays are announced: in the library, or loaded from a notice.

        A notice may still change the last days of the year before (29 December 2018 was made a working day by
        the notice for 2019); such days come with that notice's file.
        """
        return year in _LIBRARY_YEARS or year in self.announced

    def provisional(self, first: date, last: date) -> bool:
        """Whether a working time counted over these days may still change by a future notice."""
        return not all(self.known(year) for year in range(first.year, last.year + 1))


def calendar_of(rows: Iterable[Row]) -> Calendar:
    """Builds the calendar from the library and these rows."""
    rows = tuple(rows)
    return Calendar(
        overrides=MappingProxyType({day: (is_workday, name) for day, is_workday, name, _announced in rows}),
        announced=frozenset(day.year for day, _is_workday, _name, announced in rows if announced),
    )


_cached_calendar = lru_cache(maxsize=4)(calendar_of)


def load_calendar() -> Calendar:
    """Loads the current calendar; one query. Unchanged rows give the same (cached) object.

    A CalendarYear makes its year known only while it has days: a notice without days has no content.
    """
    return _cached_calendar(tuple(_ANNOUNCED_DAYS.rows()))


def _announced_days() -> QuerySet[CalendarDay, tuple[Any, ...]]:
    announced = Exists(CalendarYear.objects.filter(year=OuterRef("day__year")))
    rows = CalendarDay.objects.annotate(announced=announced).order_by("day")
    return rows.values_list("day", "is_workday", "name", "announced")


_ANNOUNCED_DAYS = Prepared(_announced_days)  # runs for every deadline that is set or shown
