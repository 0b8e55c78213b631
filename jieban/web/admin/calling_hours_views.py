"""Calling hours for requesters: past, present and future; new ones from a day on, with a preview."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.base.errors import NotFound
from jieban.cases.configuration import calling_changes, impact
from jieban.cases.configuration.calling_changes import NewHours, format_spans, rows_on, spans_of
from jieban.cases.models import CallingHours
from jieban.registry.changing.config_changes import ChangeContext, format_day
from jieban.registry.roles import Role
from jieban.web.admin.rule_views import validity_cell
from jieban.web.admin.weighed_forms import (
    ReasonForm,
    change_page,
    preview_and_change_page,
    set_hidden_values,
)
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import date_field as day_field
from jieban.web.page.fields import radio_field, time_field
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import Effect, PageTable, TableCell, day_text

Days = CallingHours.Days
ONE_DAY = timedelta(days=1)
MOST_SPANS = 3
DAY_MINUTES = 24 * 60
UNCHANGED_NOTICE = gettext_lazy(
    "回访员按这里的时间打电话；来电人约了时间的，按约定的时间打。新的时间最早从明天起用。"
)


@for_roles({Role.ADMIN})
@require_GET
def hours_list(request: HttpRequest) -> HttpResponse:
    """View of the hours of working days and of days off, with their source."""
    rows = CallingHours.objects.order_by("-days", "valid_from", "valid_to", "starts")
    context = {
        "title": _("回访时间"),
        "table": _table(list(rows), local_date(now())),
        "lead": UNCHANGED_NOTICE,
        "new_url": reverse("admin-calling-new"),
        "new_label": _("定新时间"),
    }
    return render(request, "admin/admin_table.html", context)


def _table(rows: Sequence[CallingHours], on: date) -> PageTable:
    cells = [
        _row(list(spans), on)
        for _key, spans in groupby(rows, lambda row: (row.days, row.valid_from, row.valid_to))
    ]
    columns = [_("哪些日子"), _("时间"), _("生效日"), _("失效日"), _("效力"), _("办理")]
    hint = _("没有时间就不能打回访电话，请定新时间。")
    return PageTable(columns, cells, _("回访时间"), _("还没有回访时间"), hint)


def _row(rows: Sequence[CallingHours], on: date) -> list[TableCell]:
    """Row of one set of hours, with its actions at the end."""
    row = rows[0]
    do = TableCell()
    if row.valid_from > on or (row.valid_to is not None and row.valid_to > on):
        do = TableCell(_("撤回将生效的"), url=reverse("admin-calling-withdraw", args=[row.days]))
    elif row.valid_to is None:
        do = TableCell(_("定新时间"), url=f"{reverse('admin-calling-new')}?days={row.days}")
    return [
        TableCell(row.get_days_display(), row.source, first=True),
        TableCell(format_spans(spans_of(rows))),
        TableCell(day_text(row.valid_from)),
        TableCell(day_text(row.valid_to)),
        validity_cell(row, on),
        do,
    ]


class HoursForm(ReasonForm):
    """Form of the calling hours from a day on."""

    days = radio_field(gettext_lazy("哪些日子"), Days.choices)
    starts_1 = time_field(gettext_lazy("第一段 从"), required=False)
    ends_1 = time_field(gettext_lazy("第一段 到"), required=False)
    starts_2 = time_field(gettext_lazy("第二段 从"), required=False)
    ends_2 = time_field(gettext_lazy("第二段 到"), required=False)
    starts_3 = time_field(gettext_lazy("第三段 从"), required=False)
    ends_3 = time_field(gettext_lazy("第三段 到"), required=False)
    none = forms.BooleanField(label=gettext_lazy("这些日子不打回访电话"), required=False)
    begins = day_field(gettext_lazy("从哪天起"))
    source = forms.CharField(label=gettext_lazy("依据（文件和条款）"), max_length=300)

    def clean(self) -> dict[str, Any]:
        """Checks that each span has both ends, and that there are either spans or the choice of none."""
        sent = super().clean() or {}
        for number in range(1, MOST_SPANS + 1):
            starts, ends = sent.get(f"starts_{number}"), sent.get(f"ends_{number}")
            if (starts is None) != (ends is None):
                missing = f"starts_{number}" if starts is None else f"ends_{number}"
                self.add_error(missing, _("每一段都要填从几点到几点。"))
        spans = any(sent.get(f"starts_{number}") is not None for number in range(1, MOST_SPANS + 1))
        if spans == bool(sent.get("none")):
            message = (
                _("填了时段，就不要选“不打回访电话”。") if spans else _("请填时段，或选“不打回访电话”。")
            )
            self.add_error("none", message)
        return sent

    def new(self) -> NewHours:
        """The hours that the fields describe."""
        sent = self.wanted()
        pairs = [(sent[f"starts_{number}"], sent[f"ends_{number}"]) for number in range(1, MOST_SPANS + 1)]
        spans = tuple((starts, ends) for starts, ends in pairs if starts is not None)
        return NewHours(sent["days"], spans, sent["source"], sent["begins"])


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """View: new calling hours from a day on."""
    form = HoursForm(request.POST if request.method == "POST" else None, initial=_initial(request))
    if form.is_bound and form.is_valid() and not form.data.get("seen"):
        set_hidden_values(form, seen=calling_changes.mark_of(form.cleaned_data["days"]))
    return preview_and_change_page(
        request,
        form,
        lambda step, **_sent: _preview(form.new(), step),
        lambda step, **_sent: calling_changes.replace(form.new(), step=step),
        back=reverse("admin-calling"),
        done=_("新的回访时间已定，到时自动使用。"),
        title=_("定新回访时间"),
        lead=UNCHANGED_NOTICE,
        full_fields=("days", "none", "source"),
    )


def _initial(request: HttpRequest) -> dict[str, Any]:
    """Initial values: today's hours."""
    days, today = request.GET.get("days", ""), local_date(now())
    begins = {"begins": today + ONE_DAY}
    if days not in Days.values:
        return begins
    rows = rows_on(days, today)[:MOST_SPANS]
    known = {f"starts_{number}": row.starts for number, row in enumerate(rows, 1)}
    known |= {f"ends_{number}": row.ends for number, row in enumerate(rows, 1)}
    return begins | known | {"days": days, "seen": calling_changes.mark_of(days)}


def _preview(new: NewHours, step: ChangeContext) -> Effect:
    """Preview: 现有 12 件等待回访，其中 3 件约了时间."""
    found = impact.calling_hours_impact(new, step=step)
    before = spans_of(rows_on(new.days, new.begins))
    words = {
        "day": format_day(new.begins),
        "days": Days(new.days).label,
        "new": _spans_text(new.spans),
        "old": _spans_text(before),
    }
    sentences = [
        _("自 %(day)s 起，%(days)s %(new)s（此前为 %(old)s）。") % words,
        _("现有 %(waiting)d 件诉求等待回访：%(own)d 件约了时间，仍按约定打；其余到时还没打的，按新的时间打。")
        % {"waiting": found.waiting, "own": found.with_preferred_time},
        _("回访时限不变。"),
    ]
    return Effect(
        sentences, None, _("件数很多，只看了最早到期的 %d 件。") % found.waiting if found.bounded else ""
    )


def _spans_text(spans: Sequence[tuple[time, time]]) -> str:
    """Spans in words: 09:00–12:00、14:00–20:00，共 9 小时."""
    minutes = sum(
        _minute_of_day(ends) % DAY_MINUTES + (ends == time(0)) * DAY_MINUTES - _minute_of_day(starts)
        for starts, ends in spans
    )
    words = format_spans(spans)
    return (
        _("%(words)s，共 %(hours)s 小时") % {"words": words, "hours": f"{minutes / 60:g}"} if spans else words
    )


def _minute_of_day(at: time) -> int:
    return at.hour * 60 + at.minute


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def withdraw(request: ActorRequest, days: str) -> HttpResponse:
    """View: withdraws hours that are not valid yet."""
    begins = calling_changes.next_change_on(days, local_date(now())) if days in Days.values else None
    if begins is None:
        raise NotFound(_("没有尚未生效的回访时间，它可能刚刚被撤回。"))
    form = ReasonForm(
        request.POST if request.method == "POST" else None, initial={"seen": calling_changes.mark_of(days)}
    )
    return change_page(
        request,
        form,
        lambda step: calling_changes.withdraw(days, step=step),
        back=reverse("admin-calling"),
        done=_("已撤回。"),
        beside=_coming_facts(days, begins),
        title=_("撤回尚未生效的回访时间"),
        lead=_("撤回后，现行的时间继续有效。"),
        button=_("撤回"),
    )


def _coming_facts(days: str, begins: date) -> list[Fact]:
    return [
        Fact(_("哪些日子"), str(Days(days).label)),
        Fact(_("时间"), format_spans(spans_of(rows_on(days, begins)))),
        Fact(_("生效日"), day_text(begins)),
    ]
