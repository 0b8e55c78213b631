"""When somebody may be called: the district's hours by hand, and what requesters write."""

from datetime import date, datetime

import pytest

from jieban.base.clock import SHANGHAI
from jieban.cases.clocks.calling_hours import CallingSchedule, MinuteSpan, Wish, parse_wish
from jieban.cases.models import CallingHours
from jieban.cases.reception import calling_list

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def hours(db: None) -> CallingSchedule:
    """The hours with which a district begins."""
    return calling_list.current_schedule()


# Monday 2 March 2026; Saturday 7 March; 1 October is a festival; Saturday 10 October 2026 is a made-up working day.
@pytest.mark.parametrize(
    ("instant", "open_then", "opens"),
    [
        ("2026-03-02T08:59", False, "2026-03-02T09:00"),
        ("2026-03-02T09:00", True, "2026-03-02T14:00"),
        ("2026-03-02T11:59", True, "2026-03-02T14:00"),
        ("2026-03-02T12:00", False, "2026-03-02T14:00"),
        ("2026-03-02T19:59", True, "2026-03-03T09:00"),
        ("2026-03-02T20:00", False, "2026-03-03T09:00"),
        ("2026-03-07T09:30", False, "2026-03-07T10:00"),
        ("2026-03-07T10:00", True, "2026-03-07T14:00"),
        ("2026-03-06T21:00", False, "2026-03-07T10:00"),
        ("2026-10-01T09:30", False, "2026-10-01T10:00"),
        ("2026-10-10T09:30", True, "2026-10-10T14:00"),
    ],
)
def test_hours_of_working_days_and_days_off(
    hours: CallingSchedule, instant: str, open_then: bool, opens: str
) -> None:
    assert hours.open_at(at(instant)) is open_then
    assert hours.opens_at(at(instant)) == at(opens)


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        ("2026-03-02T08:00", "09:00 以前不打回访电话。"),
        ("2026-03-02T12:30", "12:00–14:00 休息时间不打回访电话。"),
        ("2026-03-02T21:00", "20:00 以后不打回访电话。"),
        ("2026-03-07T09:30", "今天是休息日，10:00 以前不打回访电话。"),
    ],
)
def test_why_nobody_is_called_is_said(hours: CallingSchedule, instant: str, words: str) -> None:
    assert hours.why_closed(at(instant)) == words


def test_a_later_row_holds_from_its_day_on(hours: CallingSchedule) -> None:
    CallingHours.objects.filter(days="work").update(valid_to=date(2026, 4, 1))
    CallingHours.objects.create(
        days="work", starts="08:00", ends="12:00", valid_from=date(2026, 4, 1), source="通知"
    )
    changed = calling_list.current_schedule()
    assert not changed.open_at(at("2026-03-31T08:30"))
    assert changed.open_at(at("2026-04-01T08:30"))


def test_without_rows_calling_never_begins() -> None:
    CallingHours.objects.all().delete()
    closed = calling_list.current_schedule()
    assert (closed.open_at(at("2026-03-02T10:00")), closed.opens_at(at("2026-03-02T10:00"))) == (False, None)
    assert closed.why_closed(at("2026-03-02T10:00")) == "今天不打回访电话。"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("晚上7点后", Wish(MinuteSpan(19 * 60, 22 * 60))),
        ("请晚上七点以后打", Wish(MinuteSpan(19 * 60, 22 * 60))),
        ("19:30之后", Wish(MinuteSpan(19 * 60 + 30, 22 * 60))),
        ("下午2点到5点", Wish(MinuteSpan(14 * 60, 17 * 60))),
        ("14:00-16:30", Wish(MinuteSpan(14 * 60, 16 * 60 + 30))),
        ("上午10点半以前", Wish(MinuteSpan(0, 10 * 60 + 30))),
        ("下午三点左右", Wish(MinuteSpan(15 * 60, 16 * 60))),
        ("5点后", Wish(MinuteSpan(17 * 60, 22 * 60))),
        ("周末上午", Wish(MinuteSpan(9 * 60, 12 * 60), "rest")),
        ("工作日中午", Wish(MinuteSpan(12 * 60, 14 * 60), "work")),
        ("周末", Wish(MinuteSpan(0, 24 * 60), "rest")),
        ("电话", None),
        ("短信联系", None),
        ("不要上午打", None),
        ("25:70后", None),
        ("", None),
    ],
)
def test_a_written_wish_is_understood_or_left_alone(text: str, wish: Wish | None) -> None:
    assert parse_wish(text) == wish


def test_a_wish_on_days_off_waits_for_them(hours: CallingSchedule) -> None:
    wish = parse_wish("周末上午")
    assert wish is not None
    assert not hours.wish_fits(wish, at("2026-03-02T10:00"))
    assert hours.next_wish_at(wish, at("2026-03-02T10:00")) == at("2026-03-07T09:00")
    assert hours.wish_fits(wish, at("2026-03-07T09:00"))
