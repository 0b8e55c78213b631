"""Changes of the calling hours from a day on: those of working days or of days off, all spans of the day at once.

The earliest day is tomorrow, because today's list is called by today's hours; only one change may be pending.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, NotFound
from jieban.cases.models import CallingHours
from jieban.registry.changing import config_changes
from jieban.registry.changing.config_changes import (
    Area,
    ChangeContext,
    Subject,
    format_day,
    version_tag,
)
from jieban.registry.models import holds_on

Days = CallingHours.Days
ONE_DAY = timedelta(days=1)
Spans = Sequence[tuple[time, time]]


@dataclass(frozen=True, slots=True)
class NewHours:
    """New calling hours: spans of working days, or of days off, from a day on; without spans nobody is called."""

    days: str
    spans: tuple[tuple[time, time], ...]
    source: str
    begins: date


def format_spans(spans: Iterable[tuple[time, time]]) -> str:
    """Spans as text: 09:00–12:00、14:00–20:00; a sentence that nobody is called where there is none."""
    texts = [f"{starts:%H:%M}–{'24:00' if ends == time(0) else f'{ends:%H:%M}'}" for starts, ends in spans]
    return "、".join(texts) or _("不打回访电话")


def rows_on(days: str, on: date) -> list[CallingHours]:
    """Rows of working days or of days off that are valid on a day, the earliest span first."""
    return list(CallingHours.objects.filter(holds_on(on), days=days).order_by("starts"))


def spans_of(rows: Iterable[CallingHours]) -> list[tuple[time, time]]:
    return [(row.starts, row.ends) for row in rows]


def next_change_on(days: str, today: date) -> date | None:
    """First day of the pending change; None when there is none."""
    rows = CallingHours.objects.filter(days=days)
    begin = rows.filter(valid_from__gt=today).order_by("valid_from").values_list("valid_from", flat=True)
    end = rows.filter(valid_to__gt=today).order_by("valid_to").values_list("valid_to", flat=True)
    return min((on for on in (begin.first(), end.first()) if on is not None), default=None)


def mark_of(days: str) -> str:
    rows = CallingHours.objects.filter(days=days).order_by("valid_from", "starts")
    return version_tag(list(rows.values_list("pk", "valid_from", "valid_to")))


def _subject(days: str) -> Subject:
    return Subject(Area.CALLING, days, _("%s的回访时间") % Days(days).label)


@transaction.atomic
def replace(new: NewHours, *, step: ChangeContext) -> list[CallingHours]:
    """Replaces the hours from a day on; the current ones end then. Raises Invalid where they do not fit."""
    config_changes.lock_configuration()
    today = local_date(step.at)
    config_changes.check_unchanged(step, _subject(new.days), mark_of(new.days))
    config_changes.check_begins(new.begins, today + ONE_DAY, "begins")
    _check_spans(new.spans)
    _check_alone(new.days, today)
    before = rows_on(new.days, new.begins)
    _check_other(new, before)
    CallingHours.objects.filter(pk__in=[row.pk for row in before]).update(valid_to=new.begins)
    made = [
        CallingHours.objects.create(
            days=new.days, starts=starts, ends=ends, source=new.source, valid_from=new.begins
        )
        for starts, ends in new.spans
    ]
    old = {_("时间"): format_spans(spans_of(before)), _("依据"): before[0].source if before else ""}
    after = {
        _("时间"): format_spans(new.spans), _("依据"): new.source, _("生效日"): format_day(new.begins),
    }  # fmt: skip
    config_changes.record(step, _subject(new.days), _("定新回访时间"), before=old, after=after)
    return made


def _check_spans(spans: Spans) -> None:
    """Checks the spans. Raises Invalid when one ends before it begins, or overlaps the one before."""
    last: time | None = None
    for number, (starts, ends) in enumerate(spans, 1):
        if ends != time(0) and ends <= starts:
            message = _("结束须晚于开始；到午夜的，结束填 00:00。")
            raise Invalid(message, fields={f"ends_{number}": message})
        if number > 1 and (last == time(0) or last is None or starts < last):
            message = _("各时段请从早到晚填写，互不重叠。")
            raise Invalid(message, fields={f"starts_{number}": message})
        last = ends


def _check_alone(days: str, today: date) -> None:
    already = next_change_on(days, today)
    if already is not None:
        message = _("已定从 %s 起改用别的时间。请先撤回它，再定新的时间。") % format_day(already)
        raise Invalid(message, fields={"begins": message})


def _check_other(new: NewHours, before: Sequence[CallingHours]) -> None:
    """Checks the change. Raises Invalid when nothing would change, or when requesters could never be called."""
    if list(new.spans) == spans_of(before) and (not before or before[0].source == new.source):
        message = _("与现行时间相同，不必修改。")
        raise Invalid(message, fields={"starts_1": message})
    other = Days.REST if new.days == Days.WORK else Days.WORK
    if not new.spans and not rows_on(other, new.begins):
        message = _("%s也不打回访电话，那就无法回访了。请至少留一个时段。") % other.label
        raise Invalid(message, fields={"starts_1": message})


@transaction.atomic
def withdraw(days: str, *, step: ChangeContext) -> None:
    """Withdraws the pending change; the current hours stay. Raises NotFound when there is none."""
    config_changes.lock_configuration()
    subject = _subject(days)
    config_changes.check_unchanged(step, subject, mark_of(days))
    begins = next_change_on(days, local_date(step.at))
    if begins is None:
        raise NotFound(_("没有尚未生效的回访时间，它可能刚刚被撤回。"))
    before = {_("时间"): format_spans(spans_of(rows_on(days, begins))), _("生效日"): format_day(begins)}
    CallingHours.objects.filter(days=days, valid_from=begins).delete()
    CallingHours.objects.filter(days=days, valid_to=begins).update(valid_to=None)
    config_changes.record(step, subject, _("撤回未生效的回访时间"), before=before, after={})
