"""Calling hours: the district's schedule, and a parser of the requester's preferred time. Pure functions."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from jieban.base.clock import SHANGHAI, local
from jieban.cases.models import CallingHours
from jieban.worktime.calendar import Calendar

DAY_MINUTES = 24 * 60  # minutes
LATEST = 22 * 60  # "after seven" does not mean midnight
NOON = 12
DAYS_AHEAD = 15  # days in which the next opening is searched; the longest holidays are shorter
DAY_PARTS = {
    "上午": (9, 12), "早上": (8, 10), "早晨": (8, 10), "中午": (12, 14), "下午": (14, 18), "傍晚": (17, 19),
    "晚上": (18, 21), "晚间": (18, 21),
}  # fmt: skip
AFTERNOON = frozenset({"下午", "傍晚", "晚上", "晚间"})
NUMERALS = {figure: value for value, figure in enumerate("零一二三四五六七八九十")} | {
    "两": 2,
    "十一": 11,
    "十二": 12,
}
_PART = "|".join(DAY_PARTS)
_TIME = re.compile(
    rf"({_PART})?(?:的)?\s*(\d{{1,2}}|十[一二]?|[一二两三四五六七八九])(?:[:：](\d{{2}})|[点时](半|\d{{1,2}})?分?)"
)
_NOT = re.compile(r"不要|别|勿|除|不方便|不行|不接|没空")
_REST = re.compile(r"周末|休息日|节假日|星期[六日天]|周[六日]")
_WORK = re.compile(r"工作日|平日|周一[至到]周五")


@dataclass(frozen=True, slots=True)
class MinuteSpan:
    """Span of a day in local time, in minutes since midnight, without `end`."""

    begin: int
    end: int

    def __contains__(self, minute: int) -> bool:
        return self.begin <= minute < self.end


@dataclass(frozen=True, slots=True)
class Wish:
    """Preferred time of the requester: a span, and on which days ("" for all)."""

    span: MinuteSpan
    days: str = ""

    def on(self, day: date, calendar: Calendar) -> list[MinuteSpan]:
        return [self.span] if self.days in {"", days_of(day, calendar)} else []


def parse_wish(text: str) -> Wish | None:
    """Parses a written preference; None where it is not understood or says when not to call.

    Worked examples: 晚上7点后 is 19:00 to 22:00; 下午2点到5点 is 14:00 to 17:00; 周末上午 is 9:00 to 12:00 on days off.
    """
    if _NOT.search(text):
        return None
    days = "rest" if _REST.search(text) else "work" if _WORK.search(text) else ""
    found = list(_TIME.finditer(text))
    span = _by_times(text, found) if found else _by_part(text)
    if span is None:
        return Wish(MinuteSpan(0, DAY_MINUTES), days) if days else None
    return Wish(span, days) if span.begin < span.end else None


def _by_part(text: str) -> MinuteSpan | None:
    part = next((name for name in DAY_PARTS if name in text), "")
    return MinuteSpan(DAY_PARTS[part][0] * 60, DAY_PARTS[part][1] * 60) if part else None


def _by_times(text: str, found: list[re.Match[str]]) -> MinuteSpan | None:
    begin = _minute(found[0])
    if begin is None or len(found) > 2:
        return None
    if len(found) == 2:
        end = _minute(found[1])
        if end is not None and end <= begin and end < NOON * 60:
            end += NOON * 60
        return MinuteSpan(begin, end) if end is not None else None
    after = text[found[0].end() :]
    if re.match(r"\s*(以前|之前|前)", after):
        return MinuteSpan(0, begin)
    if re.match(r"\s*(以后|之后|后|起|左右)", after):
        return MinuteSpan(begin, min(begin + 60, DAY_MINUTES) if "左右" in after else max(LATEST, begin))
    return None


def _minute(found: re.Match[str]) -> int | None:
    part, hour_text, minutes, words = found.groups()
    hour = NUMERALS[hour_text] if hour_text in NUMERALS else int(hour_text)
    minute = 30 if words == "半" else int(minutes or words or 0)
    early = hour < 7 and not part  # 5点 is five in the afternoon
    if hour < NOON and (part in AFTERNOON or early or (part == "中午" and hour < 3)):
        hour += NOON
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def days_of(day: date, calendar: Calendar) -> str:
    """Kind of day (working day or day off), as in the rows."""
    return str(CallingHours.Days.WORK if calendar.is_workday(day) else CallingHours.Days.REST)


def spans_on(rows: Iterable[CallingHours], day: date, calendar: Calendar) -> list[MinuteSpan]:
    """The district's spans of a day, the earliest first."""
    kind = days_of(day, calendar)
    valid = [
        row
        for row in rows
        if row.days == kind and row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
    ]
    spans = [
        MinuteSpan(_minutes(row.starts), DAY_MINUTES if row.ends == time(0) else _minutes(row.ends))
        for row in valid
    ]
    return sorted(spans, key=lambda span: span.begin)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def minute_of(at: datetime) -> int:
    return _minutes(local(at).time())


def is_within(spans: Iterable[MinuteSpan], at: datetime) -> bool:
    return any(minute_of(at) in span for span in spans)


@dataclass(frozen=True)
class CallingSchedule:
    """Schedule: the district's calling hours of all days, with the working-day calendar."""

    rows: Sequence[CallingHours]
    calendar: Calendar

    def open_at(self, at: datetime) -> bool:
        return is_within(self._on(local(at).date()), at)

    def opens_at(self, at: datetime) -> datetime | None:
        """Next opening after `at`; None when there is none."""
        return next(_starts(self._on, at), None)

    def wish_fits(self, wish: Wish, at: datetime) -> bool:
        return is_within(wish.on(local(at).date(), self.calendar), at)

    def next_wish_at(self, wish: Wish, at: datetime) -> datetime | None:
        """Next begin of the requester's preferred time."""
        return next(_starts(lambda day: wish.on(day, self.calendar), at), None)

    def why_closed(self, at: datetime) -> str:
        """Reason why nobody is called now, in words, with the hours of the day."""
        day = local(at).date()
        spans, minute = self._on(day), minute_of(at)
        name = self.calendar.name(day)
        off = days_of(day, self.calendar) == CallingHours.Days.REST
        today = _("今天是休息日%s，") % (f"（{name}）" if name else "") if off else ""
        if not spans:
            return today + _("今天不打回访电话。")
        if minute < spans[0].begin:
            return today + _("%s 以前不打回访电话。") % _clock_text(spans[0].begin)
        if minute >= spans[-1].end:
            return today + _("%s 以后不打回访电话。") % _clock_text(spans[-1].end)
        before = max(span.end for span in spans if span.end <= minute)
        after = min(span.begin for span in spans if span.begin > minute)
        return today + _("%(begin)s–%(end)s 休息时间不打回访电话。") % {
            "begin": _clock_text(before), "end": _clock_text(after),
        }  # fmt: skip

    def _on(self, day: date) -> list[MinuteSpan]:
        return spans_on(self.rows, day, self.calendar)


def _starts(spans_of: Callable[[date], list[MinuteSpan]], at: datetime) -> Iterator[datetime]:
    first = local(at).date()
    for number in range(DAYS_AHEAD):
        day = first + timedelta(days=number)
        for span in spans_of(day):
            begins = datetime.combine(day, time(0), SHANGHAI) + timedelta(minutes=span.begin)
            if begins > at:
                yield begins


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
