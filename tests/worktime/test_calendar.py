from dataclasses import FrozenInstanceError
from datetime import date, timedelta
from typing import Any

import chinese_calendar
import pytest

from jieban.worktime.calendar import calendar_of, load_calendar
from jieban.worktime.calendar_gaps import calendar_gaps
from jieban.worktime.models import CalendarDay, CalendarYear


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def add_day(day: date, *, is_workday: bool = False, name: str = "元旦") -> CalendarDay:
    return CalendarDay.objects.create(day=day, is_workday=is_workday, name=name, notice="试1号")


def test_every_day_agrees_with_the_library() -> None:
    calendar = calendar_of([])
    wrong = [
        day
        for day in days(date(2004, 1, 1), date(2026, 12, 31))
        if calendar.is_workday(day) != chinese_calendar.is_workday(day)
    ]
    assert wrong == []


def test_2026_agrees_with_the_notice() -> None:
    """国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）, day by day."""
    off = [
        *days(date(2026, 1, 1), date(2026, 1, 3)),
        *days(date(2026, 2, 15), date(2026, 2, 23)),
        *days(date(2026, 4, 4), date(2026, 4, 6)),
        *days(date(2026, 5, 1), date(2026, 5, 5)),
        *days(date(2026, 6, 19), date(2026, 6, 21)),
        *days(date(2026, 9, 25), date(2026, 9, 27)),
        *days(date(2026, 10, 1), date(2026, 10, 7)),
    ]
    made_up = {date(2026, month, day) for month, day in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]}
    calendar = calendar_of([])
    for day in days(date(2026, 1, 1), date(2026, 12, 31)):
        expected = day in made_up or (day.weekday() < 5 and day not in off)
        assert calendar.is_workday(day) == expected, day


def test_names_are_chinese() -> None:
    calendar = calendar_of([(date(2026, 3, 2), False, "区庆", False)])
    assert calendar.name(date(2026, 2, 16)) == "春节"
    assert calendar.name(date(2026, 2, 14)) == "春节"
    assert calendar.name(date(2026, 3, 2)) == "区庆"
    assert calendar.name(date(2026, 3, 3)) == ""


def test_library_ends_with_2026() -> None:
    """When this fails a newer library knows the next year: take its notice into the tests beside this one."""
    calendar = calendar_of([])
    assert [year for year in range(2000, 2040) if calendar.known(year)] == list(range(2004, 2027))


def test_unknown_year_works_from_monday_to_friday() -> None:
    calendar = calendar_of([])
    for day in days(date(2027, 1, 1), date(2028, 12, 31)):
        assert calendar.is_workday(day) == (day.weekday() < 5)
    assert calendar.provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert calendar.provisional(date(2027, 1, 1), date(2027, 1, 1))
    assert not calendar.provisional(date(2025, 1, 1), date(2026, 12, 31))


def test_calendar_cannot_be_changed() -> None:
    calendar = calendar_of([(date(2027, 1, 1), False, "元旦", True)])
    with pytest.raises(FrozenInstanceError):
        calendar.announced = frozenset()  # type: ignore[misc]
    with pytest.raises(TypeError):
        calendar.overrides[date(2027, 1, 2)] = (False, "元旦")  # type: ignore[index]


@pytest.mark.django_db
def test_override_goes_before_the_library_and_is_seen_by_the_next_call() -> None:
    assert load_calendar().is_workday(date(2026, 3, 2))
    row = add_day(date(2026, 3, 2), name="区庆")
    assert not load_calendar().is_workday(date(2026, 3, 2))
    row.is_workday = True
    row.save()
    assert load_calendar().is_workday(date(2026, 3, 2))
    row.delete()
    assert load_calendar().name(date(2026, 3, 2)) == ""


@pytest.mark.django_db
def test_calendar_is_one_query_and_built_once(django_assert_num_queries: Any) -> None:
    for number in range(30):
        add_day(date(2027, 1, 1) + timedelta(days=number))
    CalendarYear.objects.create(year=2027, notice="试1号", source="2027.csv")
    with django_assert_num_queries(1):
        first = load_calendar()
    with django_assert_num_queries(1):
        assert load_calendar() is first


@pytest.mark.django_db
def test_year_is_known_when_announced_with_its_days() -> None:
    add_day(date(2027, 1, 1))
    assert not load_calendar().known(2027)
    CalendarYear.objects.create(year=2028, notice="试2号", source="2028.csv")
    assert not load_calendar().known(2028)
    CalendarYear.objects.create(year=2027, notice="试1号", source="2027.csv")
    assert load_calendar().known(2027)


@pytest.mark.django_db
def test_gaps_name_this_and_the_next_year_until_they_are_known() -> None:
    assert calendar_gaps(date(2025, 12, 31)) == []
    (gap,) = calendar_gaps(date(2026, 11, 24))
    assert gap == (
        "2027年的放假安排尚未录入，工作日暂按周一至周五计算。国务院办公厅公布后（一般在上年11月），"
        "请运行 python -m jieban load-calendar 文件.csv 录入。"
    )
    assert [gap[:4] for gap in calendar_gaps(date(2027, 1, 1))] == ["2027", "2028"]
    add_day(date(2027, 1, 1))
    CalendarYear.objects.create(year=2027, notice="试1号", source="2027.csv")
    assert calendar_gaps(date(2026, 11, 24)) == []
