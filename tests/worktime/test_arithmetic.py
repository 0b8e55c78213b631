from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieban.base.clock import SHANGHAI
from jieban.worktime import arithmetic
from jieban.worktime.arithmetic import DaySpans, DueTime
from jieban.worktime.calendar import calendar_of

# 2026 follows 国办发明电〔2025〕7号: off 15 to 23 February; worked on Saturday 14 and Saturday 28 February.
CALENDAR = calendar_of([])
WITH_BREAK = DaySpans(spans=((time(9), time(12)), (time(13, 30), time(17, 30))))
CUT_OFF = time(18)


def at(text: str) -> datetime:
    """An instant written as the clock in China shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-20 17:59", "2026-11-21 00:00"),  # a Friday: 24:00 of the same day
        ("2026-11-20 17:59:59.999999", "2026-11-21 00:00"),
        ("2026-11-20 18:00", "2026-11-22 00:00"),  # at the cut-off: 24:00 of Saturday, weekends count
        ("2026-11-20 18:01", "2026-11-22 00:00"),
        ("2026-11-20 23:59:59", "2026-11-22 00:00"),
        ("2026-11-21 00:00", "2026-11-22 00:00"),  # 24:00 of Friday is the beginning of Saturday
        ("2026-02-16 17:59", "2026-02-17 00:00"),  # the eve of the Spring Festival is a day like others
        ("2026-12-31 18:00", "2027-01-02 00:00"),
        ("2028-02-28 19:00", "2028-03-01 00:00"),  # 29 February
    ],
)
def test_same_day_end_worked_by_hand(received: str, due: str) -> None:
    """日清日结 (domain book 3.4): 24:00 of the day; from 18:00 on, 24:00 of the next."""
    assert arithmetic.same_day_end(at(received), CUT_OFF) == at(due)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-11-20 17:59", 5, "2026-11-26 00:00"),  # Friday the 20th: 24:00 of Wednesday the 25th
        ("2026-11-20 23:59:59", 5, "2026-11-26 00:00"),
        ("2026-11-21 00:00", 5, "2026-11-27 00:00"),
        ("2026-02-16 10:00", 5, "2026-02-22 00:00"),  # festival days count as any other
        ("2026-12-29 10:00", 5, "2027-01-04 00:00"),
        ("2026-11-20 08:00", 0, "2026-11-21 00:00"),
    ],
)
def test_add_calendar_days_end_worked_by_hand(received: str, days: int, due: str) -> None:
    """5日办结 in calendar days (domain book 3.4): 24:00 of the fifth day after the day received."""
    assert arithmetic.add_calendar_days_end(at(received), days) == at(due)


@pytest.mark.parametrize(
    ("received", "days", "due", "provisional"),
    [
        # Friday: Mon 23, Tue 24, Wed 25, Thu 26, Fri 27 November.
        ("2026-11-20 17:59", 5, "2026-11-28 00:00", False),
        ("2026-11-20 23:59:59", 5, "2026-11-28 00:00", False),
        # Saturday and Sunday do not count, nor move anything: the same five days.
        ("2026-11-21 00:00", 5, "2026-11-28 00:00", False),
        ("2026-11-22 12:00", 5, "2026-11-28 00:00", False),
        # Friday the 13th: Sat 14 (made up), Tue 24, Wed 25, Thu 26, Fri 27 February.
        ("2026-02-13 10:00", 5, "2026-02-28 00:00", False),
        # The make-up Saturday itself: Tue 24, Wed 25, Thu 26, Fri 27, Sat 28 (made up).
        ("2026-02-14 23:59:59", 5, "2026-03-01 00:00", False),
        # The eve of the Spring Festival, Monday the 16th: the same.
        ("2026-02-16 10:00", 5, "2026-03-01 00:00", False),
        # The day before National Day: Thu 8, Fri 9, Sat 10 (made up), Mon 12, Tue 13 October.
        ("2026-09-30 16:00", 5, "2026-10-14 00:00", False),
        # Two days stay in 2026, Wed 30 and Thu 31 December; the third is in a year not announced.
        ("2026-12-29 10:00", 2, "2027-01-01 00:00", False),
        ("2026-12-29 10:00", 3, "2027-01-02 00:00", True),
        ("2027-06-01 10:00", 1, "2027-06-03 00:00", True),
        ("2026-02-16 10:00", 0, "2026-02-17 00:00", False),
    ],
)
def test_add_workdays_end_worked_by_hand(received: str, days: int, due: str, provisional: bool) -> None:
    """5日办结 in working days; holidays of 2026 by 国办发明电〔2025〕7号."""
    assert arithmetic.add_workdays_end(CALENDAR, at(received), days) == DueTime(at(due), provisional)


def test_announced_year_is_no_longer_provisional() -> None:
    calendar = calendar_of([(date(2027, 1, 1), False, "元旦", True)])
    due = arithmetic.add_workdays_end(calendar, at("2026-12-29 10:00"), 3)
    assert due == DueTime(
        at("2027-01-05 00:00"), False
    )  # Wed, Thu, not New Year, not the weekend, Mon 4 January


@pytest.mark.parametrize(
    ("start", "hours", "due", "provisional"),
    [
        ("2026-11-20 09:00", 8, "2026-11-20 17:00", False),
        ("2026-11-20 09:00", Decimal("8.5"), "2026-11-20 17:30", False),  # the whole day: its closing time
        ("2026-11-20 09:00", 9, "2026-11-23 09:30", False),  # half an hour is left for Monday
        ("2026-11-20 17:29:59", 1, "2026-11-23 09:59:59", False),
        ("2026-11-20 18:01", 2, "2026-11-23 11:00", False),
        ("2026-11-20 06:00", 2, "2026-11-20 11:00", False),
        ("2026-11-21 12:00", 2, "2026-11-23 11:00", False),
        (
            "2026-02-14 16:30",
            2,
            "2026-02-24 10:00",
            False,
        ),  # make-up Saturday: one hour; then Tuesday the 24th
        ("2026-02-16 10:00", 0, "2026-02-16 10:00", False),
        ("2026-11-20 09:00", Fraction(1, 3), "2026-11-20 09:20", False),
        ("2026-12-31 17:00", 1, "2027-01-01 09:30", True),
    ],
)
def test_add_working_hours_worked_by_hand(
    start: str, hours: int | Decimal | Fraction, due: str, provisional: bool
) -> None:
    """Working hours 9:00 to 17:30 without a break: decision of this project."""
    assert arithmetic.add_working_hours(CALENDAR, at(start), hours) == DueTime(at(due), provisional)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-20 11:00", 2, "2026-11-20 14:30"),
        ("2026-11-20 12:00", 1, "2026-11-20 14:30"),
        ("2026-11-20 12:30", 1, "2026-11-20 14:30"),
        ("2026-11-20 09:00", 3, "2026-11-20 12:00"),
        ("2026-11-20 09:00", 8, "2026-11-23 10:00"),
    ],
)
def test_add_working_hours_with_a_break_worked_by_hand(start: str, hours: int, due: str) -> None:
    assert arithmetic.add_working_hours(CALENDAR, at(start), hours, WITH_BREAK) == DueTime(at(due), False)


@pytest.mark.parametrize(
    ("begin", "end", "seconds"),
    [
        ("2026-11-20 17:00", "2026-11-23 09:30", 3600),
        ("2026-11-20 00:00", "2026-11-21 00:00", 8 * 3600 + 1800),
        ("2026-02-14 00:00", "2026-02-24 00:00", 8 * 3600 + 1800),  # only the make-up Saturday
        ("2026-02-15 00:00", "2026-02-24 00:00", 0),
        ("2026-11-20 10:00", "2026-11-20 10:00:00.999999", 0),
        ("2026-11-20 10:00", "2026-11-20 10:00", 0),
    ],
)
def test_working_seconds_worked_by_hand(begin: str, end: str, seconds: int) -> None:
    assert arithmetic.working_seconds_between(CALENDAR, at(begin), at(end)) == seconds
    assert arithmetic.working_seconds_between(CALENDAR, at(end), at(begin)) == -seconds


def test_hours_round_the_clock() -> None:
    assert arithmetic.add_hours(at("2026-02-16 23:00"), 2) == at("2026-02-17 01:00")
    assert arithmetic.add_hours(at("2026-02-16 23:00"), Decimal("0.1")) == at("2026-02-16 23:06")
    assert arithmetic.calendar_seconds_between(at("2026-02-16 23:00"), at("2026-02-17 01:00")) == 7200
    assert arithmetic.calendar_seconds_between(at("2026-02-17 01:00"), at("2026-02-16 23:00")) == -7200
    almost = at("2026-02-16 23:00:00.999999")
    assert arithmetic.calendar_seconds_between(at("2026-02-16 23:00"), almost) == 0
    assert arithmetic.calendar_seconds_between(almost, at("2026-02-16 23:00")) == 0


def test_act_at_the_limit_is_in_time() -> None:
    limit = arithmetic.end_of_day(date(2026, 11, 20))
    assert arithmetic.in_time(at("2026-11-20 23:59:59"), limit)
    assert arithmetic.in_time(at("2026-11-21 00:00"), limit)
    assert not arithmetic.in_time(at("2026-11-21 00:00:00.000001"), limit)


def test_end_of_day_is_in_utc() -> None:
    end = arithmetic.end_of_day(date(2026, 11, 20))
    assert (end, end.tzinfo) == (datetime(2026, 11, 20, 16, tzinfo=UTC), UTC)


def test_elapsed_time_is_true_where_the_clock_was_once_put_forward() -> None:
    """China last had summer time in 1991; on 14 April the clock went from 2:00 to 3:00 (tz database, PRC)."""
    before, after = at("1991-04-14 00:30"), at("1991-04-14 12:30")
    assert arithmetic.calendar_seconds_between(before, after) == 11 * 3600
    assert arithmetic.add_hours(before, 11) == after


NAIVE = datetime(2026, 11, 20, 10)  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    "call",
    [
        lambda: arithmetic.add_hours(NAIVE, 1),
        lambda: arithmetic.add_calendar_days_end(NAIVE, 1),
        lambda: arithmetic.add_workdays_end(CALENDAR, NAIVE, 1),
        lambda: arithmetic.same_day_end(NAIVE, CUT_OFF),
        lambda: arithmetic.add_working_hours(CALENDAR, NAIVE, 1),
        lambda: arithmetic.working_seconds_between(CALENDAR, NAIVE, at("2026-11-20 10:00")),
        lambda: arithmetic.working_seconds_between(CALENDAR, at("2026-11-20 10:00"), NAIVE),
        lambda: arithmetic.calendar_seconds_between(NAIVE, NAIVE),
        lambda: arithmetic.in_time(NAIVE, at("2026-11-20 10:00")),
        lambda: arithmetic.in_time(at("2026-11-20 10:00"), NAIVE),
        lambda: arithmetic.add_hours(at("2026-11-20 10:00"), 0.5),
        lambda: arithmetic.add_hours(at("2026-11-20 10:00"), -1),
        lambda: arithmetic.add_calendar_days_end(at("2026-11-20 10:00"), -1),
        lambda: arithmetic.add_workdays_end(CALENDAR, at("2026-11-20 10:00"), -1),
        lambda: arithmetic.same_day_end(at("2026-11-20 10:00"), time(18, tzinfo=UTC)),
        lambda: DaySpans(spans=()),
        lambda: DaySpans(spans=((time(9), time(9)),)),
        lambda: DaySpans(spans=((time(9), time(12)), (time(11), time(17)))),
        lambda: DaySpans(spans=((time(9, tzinfo=UTC), time(12, tzinfo=UTC)),)),
    ],
)
def test_what_cannot_be_meant_is_refused(call: object) -> None:
    with pytest.raises(ValueError):
        call()  # type: ignore[operator]


instants = st.datetimes(
    min_value=datetime(2019, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, SHANGHAI]),
)
amounts = st.integers(0, 200 * 3600).map(lambda seconds: Fraction(seconds, 3600))
offices = st.sampled_from([arithmetic.OFFICE_HOURS, WITH_BREAK])


@given(instants, amounts, offices)
def test_working_hours_added_measure_the_same(start: datetime, hours: Fraction, office: DaySpans) -> None:
    due = arithmetic.add_working_hours(CALENDAR, start, hours, office).at
    assert due.tzinfo is UTC
    assert arithmetic.working_seconds_between(CALENDAR, start, due, office) == hours * 3600


@given(instants, amounts)
def test_hours_added_measure_the_same(start: datetime, hours: Fraction) -> None:
    due = arithmetic.add_hours(start, hours)
    assert arithmetic.calendar_seconds_between(start, due) == hours * 3600


@given(instants, instants, instants)
def test_working_time_of_parts_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    begin, middle, end = (moment.replace(microsecond=0) for moment in sorted([one, two, three]))

    def measure(first: datetime, last: datetime) -> int:
        return arithmetic.working_seconds_between(CALENDAR, first, last)

    assert measure(begin, middle) + measure(middle, end) == measure(begin, end)


@given(instants, instants, amounts, amounts, st.integers(0, 30), st.integers(0, 30))
def test_later_start_or_more_time_is_never_due_earlier(
    one: datetime, two: datetime, hours: Fraction, more_hours: Fraction, days: int, more_days: int
) -> None:
    start, later = sorted([one, two])
    for first, second in [
        (
            arithmetic.add_working_hours(CALENDAR, start, hours).at,
            arithmetic.add_working_hours(CALENDAR, later, hours + more_hours).at,
        ),
        (arithmetic.add_hours(start, hours), arithmetic.add_hours(later, hours + more_hours)),
        (
            arithmetic.add_workdays_end(CALENDAR, start, days).at,
            arithmetic.add_workdays_end(CALENDAR, later, days + more_days).at,
        ),
        (
            arithmetic.add_calendar_days_end(start, days),
            arithmetic.add_calendar_days_end(later, days + more_days),
        ),
        (arithmetic.same_day_end(start, CUT_OFF), arithmetic.same_day_end(later, CUT_OFF)),
    ]:
        assert start <= first <= second


@given(instants, st.integers(1, 30))
def test_workdays_counted_back_are_as_many(start: datetime, days: int) -> None:
    end = arithmetic.add_workdays_end(CALENDAR, start, days).at.astimezone(SHANGHAI).date()
    first = start.astimezone(SHANGHAI).date()
    between = [first + timedelta(days=number) for number in range(1, (end - first).days)]
    assert sum(map(CALENDAR.is_workday, between)) == days
    assert CALENDAR.is_workday(between[-1])


@given(instants)
def test_zone_of_the_instant_changes_nothing(start: datetime) -> None:
    here, utc = start.astimezone(SHANGHAI), start.astimezone(UTC)
    assert arithmetic.add_workdays_end(CALENDAR, here, 5) == arithmetic.add_workdays_end(CALENDAR, utc, 5)
    assert arithmetic.add_working_hours(CALENDAR, here, 5) == arithmetic.add_working_hours(CALENDAR, utc, 5)
    assert arithmetic.same_day_end(here, CUT_OFF) == arithmetic.same_day_end(utc, CUT_OFF)
