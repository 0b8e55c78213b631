"""Times and time limits in words: when something happened, how much time is left.

Pure functions: each takes `now`. Clock times are Chinese wall-clock time.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from jieban.base.clock import local

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEKDAYS = (
    gettext_noop("星期一"), gettext_noop("星期二"), gettext_noop("星期三"), gettext_noop("星期四"),
    gettext_noop("星期五"), gettext_noop("星期六"), gettext_noop("星期日"),
)  # fmt: skip
MONTHS = (
    gettext_noop("1月"), gettext_noop("2月"), gettext_noop("3月"), gettext_noop("4月"), gettext_noop("5月"),
    gettext_noop("6月"), gettext_noop("7月"), gettext_noop("8月"), gettext_noop("9月"), gettext_noop("10月"),
    gettext_noop("11月"), gettext_noop("12月"),
)  # fmt: skip
# Each tone has its own shape, so that colour is never the only sign.
TONE_SHAPES = {"red": "triangle", "amber": "diamond", "green": "disc", "blue": "ring", "grey": "bar"}


@dataclass(frozen=True, slots=True)
class TonedText:
    """A short text with its tone (red, amber, green, blue, grey) and the shape of that tone."""

    text: str
    tone: str
    shape: str


def toned_text(text: str, tone: str) -> TonedText:
    """The text in a tone, with the shape that belongs to the tone."""
    return TonedText(text, tone, TONE_SHAPES[tone])


def clock_words(
    due: datetime | None,
    now: datetime,
    *,
    start: datetime | None = None,
    met_at: datetime | None = None,
    paused: bool = False,
) -> TonedText:
    """A time limit in words, with its tone.

    Grey until half of the time from `start` to `due` has gone, amber with an open diamond from half, amber
    with a full one from four fifths, red once it is over. Without `start`, amber in the last hour. A limit
    that was met is green, met too late grey; a paused one grey.
    """
    if due is None:
        return toned_text(_("未定时限"), "grey")
    if met_at is not None:
        return _met_words(due, met_at)
    if paused:
        return toned_text(_("时限暂停"), "grey")
    if now > due:
        return toned_text(overdue_words(now - due), "red")
    tone, shape = _nearness(due, now, start)
    return TonedText(until_words(due, now), tone, shape)


def _met_words(due: datetime, met_at: datetime) -> TonedText:
    if met_at <= due:
        return toned_text(_("按时完成"), "green")
    return toned_text(_("超时 %(span)s完成") % {"span": span_words(met_at - due)}, "grey")


def _nearness(due: datetime, now: datetime, start: datetime | None) -> tuple[str, str]:
    if start is None or start >= due:
        return ("amber", "diamond") if due - now < HOUR else ("grey", "bar")
    elapsed = (now - start) / (due - start)
    if elapsed >= 0.8:
        return "amber", "diamond"
    return ("amber", "diamond-open") if elapsed >= 0.5 else ("grey", "bar")


def until_words(due: datetime, now: datetime) -> str:
    """Time left: 剩 38 分钟 in the last hour, else 今天 14:20 前, 明天 24:00 前, 11月28日 24:00 前."""
    left = due - now
    if timedelta(0) <= left < MINUTE:
        return _("剩不到 1 分钟")
    if MINUTE <= left < HOUR:
        return _("剩 %(count)d 分钟") % {"count": left // MINUTE}
    return _("%(when)s 前") % {"when": due_words(due, now)}


def due_words(due: datetime, now: datetime) -> str:
    """The time of a limit; midnight is shown as 24:00 of the day that it ends."""
    day, clock = _day_and_clock(due)
    return f"{_day_words(day, local(now).date())} {clock}"


def overdue_words(late: timedelta) -> str:
    """Time by which a limit is exceeded: 已超 3 小时."""
    return _("刚超时") if late < MINUTE else _("已超 %(span)s") % {"span": span_words(late)}


def span_words(span: timedelta) -> str:
    """A duration in its largest whole unit, rounded down: 38 分钟, 3 小时, 2 天."""
    if span < HOUR:
        return _("%(count)d 分钟") % {"count": max(span // MINUTE, 1)}
    if span < DAY:
        return _("%(count)d 小时") % {"count": span // HOUR}
    return _("%(count)d 天") % {"count": span // DAY}


def when_words(at: datetime, now: datetime) -> str:
    """A past or future time: 刚刚, 12 分钟前, 今天 14:02, 昨天 09:10, 11月16日 10:20."""
    elapsed = now - at
    if timedelta(0) <= elapsed < MINUTE:
        return _("刚刚")
    if MINUTE <= elapsed < HOUR:
        return _("%(count)d 分钟前") % {"count": elapsed // MINUTE}
    wall = local(at)
    return f"{_day_words(wall.date(), local(now).date())} {wall:%H:%M}"


def exact_words(at: datetime) -> str:
    """The exact time for hovering and screen readers: 2026年11月23日 星期一 14:02:05."""
    wall = local(at)
    return _exact_words(wall.date(), f"{wall:%H:%M:%S}")


def exact_due_words(due: datetime) -> str:
    """The exact time of a limit: 2026年11月23日 星期一 24:00."""
    day, clock = _day_and_clock(due)
    return _exact_words(day, clock)


def _exact_words(day: date, clock: str) -> str:
    return _("%(day)s %(weekday)s %(clock)s") % {
        "day": full_day_words(day), "weekday": _(WEEKDAYS[day.weekday()]), "clock": clock,
    }  # fmt: skip


def _day_and_clock(due: datetime) -> tuple[date, str]:
    wall = local(due)
    if wall.time() == time(0):
        return wall.date() - DAY, "24:00"
    return wall.date(), f"{wall:%H:%M}"


def _day_words(day: date, today: date) -> str:
    near = {-1: _("昨天"), 0: _("今天"), 1: _("明天")}.get((day - today).days)
    if near:
        return near
    return day_words(day) if day.year == today.year else full_day_words(day)


def day_words(day: date) -> str:
    """A day of the year: 11月28日."""
    return _("%(month)s%(day)d日") % {"month": _(MONTHS[day.month - 1]), "day": day.day}


def full_day_words(day: date) -> str:
    """A day with its year: 2026年11月28日."""
    return _("%(year)d年%(month)s%(day)d日") % {
        "year": day.year, "month": _(MONTHS[day.month - 1]), "day": day.day,
    }  # fmt: skip


def duration_words(length: timedelta) -> str:
    """A duration to the second: 3 分 20 秒, 1 小时 0 分 5 秒."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    words = _("%(minutes)d 分 %(seconds)d 秒") if minutes or hours else _("%(seconds)d 秒")
    if hours:
        words = _("%(hours)d 小时 ") + words
    return words % {"hours": hours, "minutes": minutes, "seconds": seconds}
