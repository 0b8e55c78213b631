"""Shifts of the duty roster: past, present and future; changes from a day on, with a preview."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.base.text.cleaning import clean_line
from jieban.cases.configuration import impact
from jieban.registry.administration import shift_changes
from jieban.registry.administration.shift_changes import NewShift, span_text
from jieban.registry.changing.config_changes import ChangeContext, format_day
from jieban.registry.models import ShiftKind
from jieban.registry.roles import Role
from jieban.web.admin.directory_views import EndRowForm
from jieban.web.admin.rule_views import validity_cell
from jieban.web.admin.weighed_forms import ReasonForm, preview_and_change_page
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import date_field as day_field
from jieban.web.page.fields import time_field
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import Effect, PageTable, TableCell, day_text

ONE_DAY = timedelta(days=1)
UNCHANGED_NOTICE = gettext_lazy(
    "已排的值班不变，仍按排班时的时间。新的班次最早从明天起用，各单位的值班表都按它排。"
)


@for_roles({Role.ADMIN})
@require_GET
def shift_list(request: HttpRequest) -> HttpResponse:
    """View of every shift by its first day, with its actions."""
    context = {
        "title": _("班次"),
        "table": _table(local_date(now())),
        "lead": UNCHANGED_NOTICE,
        "new_url": reverse("admin-shift-new"),
        "new_label": _("新增班次"),
    }
    return render(request, "admin/admin_table.html", context)


def _table(on: date) -> PageTable:
    rows = ShiftKind.objects.order_by("valid_from", "starts", "pk")
    cells = [
        [
            TableCell(row.name, first=True),
            TableCell(span_text(row)),
            TableCell(day_text(row.valid_from)),
            TableCell(day_text(row.valid_to)),
            validity_cell(row, on),
            *_action_cells(row),
        ]
        for row in rows
    ]
    columns = [_("班次"), _("时间"), _("生效日"), _("失效日"), _("效力"), _("更改"), _("停用")]
    hint = _("没有班次就不能排班，请新增班次。")
    return PageTable(columns, cells, _("班次"), _("还没有班次"), hint)


def _action_cells(row: ShiftKind) -> list[TableCell]:
    if row.valid_to is not None:
        return [TableCell(), TableCell()]
    change, stop = (reverse(f"admin-shift-{name}", args=[row.pk]) for name in ("change", "end"))
    return [TableCell(_("改时间"), url=change), TableCell(_("停用"), url=stop)]


class ShiftForm(ReasonForm):
    """Form of a shift from a day on."""

    name = forms.CharField(label=gettext_lazy("班次"), max_length=20)
    begins = day_field(gettext_lazy("从哪天起"))
    starts = time_field(gettext_lazy("几点开始"))
    ends = time_field(gettext_lazy("几点结束"), help_text=gettext_lazy("不晚于开始的，到次日这个时间结束"))

    def new(self) -> NewShift:
        """The shift that the fields describe."""
        sent = self.wanted()
        return NewShift(clean_line(sent["name"]), sent["starts"], sent["ends"], sent["begins"])


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """View: a new shift from a day on."""
    initial = {"begins": local_date(now()) + ONE_DAY, "seen": shift_changes.version_tag_of(None)}
    form = ShiftForm(request.POST if request.method == "POST" else None, initial=initial)
    return preview_and_change_page(
        request, form,
        lambda step, **_sent: _preview_new(form.new(), step),
        lambda step, **_sent: shift_changes.add(form.new(), step=step),
        back=reverse("admin-shifts"), done=_("新班次已定，到时可以排班。"), title=_("新增班次"), lead=UNCHANGED_NOTICE,
    )  # fmt: skip


def _preview_new(new: NewShift, step: ChangeContext) -> Effect:
    words = {"day": format_day(new.begins), "name": new.name, "new": span_text(new)}
    begins = _("自 %(day)s 起，可以排“%(name)s”（%(new)s）。") % words
    return _effect(begins, None, new.begins, lambda: shift_changes.add(new, step=step))


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, pk: int) -> HttpResponse:
    """View: other times of a shift from a day on."""
    found = shift_changes.shift(pk)
    initial = {
        "name": found.name, "starts": found.starts, "ends": found.ends, "begins": _earliest(found),
        "seen": shift_changes.version_tag_of(found),
    }  # fmt: skip
    form = ShiftForm(request.POST if request.method == "POST" else None, initial=initial)
    return preview_and_change_page(
        request, form,
        lambda step, **_sent: _preview_change(found, form.new(), step),
        lambda step, **_sent: shift_changes.replace(found, form.new(), step=step),
        back=reverse("admin-shifts"), done=_("已保存，到时自动使用。"), title=_("更改班次：%s") % found.name,
        lead=UNCHANGED_NOTICE, beside=_facts(found),
    )  # fmt: skip


def _earliest(row: ShiftKind) -> date:
    return max(local_date(now()) + ONE_DAY, row.valid_from)


def _facts(row: ShiftKind) -> list[Fact]:
    return [
        Fact(_("班次"), row.name), Fact(_("时间"), span_text(row)), Fact(_("生效日"), day_text(row.valid_from)),
    ]  # fmt: skip


def _preview_change(row: ShiftKind, new: NewShift, step: ChangeContext) -> Effect:
    words = {
        "day": format_day(new.begins), "old": f"{row.name} {span_text(row)}", "new": f"{new.name} {span_text(new)}",
    }  # fmt: skip
    begins = _("自 %(day)s 起，“%(old)s”改为“%(new)s”。") % words
    return _effect(begins, row, new.begins, lambda: shift_changes.replace(row, new, step=step))


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def end(request: ActorRequest, pk: int) -> HttpResponse:
    """View: ends a shift from a day on."""
    found = shift_changes.shift(pk)
    initial = {"seen": shift_changes.version_tag_of(found), "ends_on": _earliest(found)}
    form = EndRowForm(request.POST if request.method == "POST" else None, initial=initial)
    return preview_and_change_page(
        request,
        form,
        lambda step, ends_on: _preview_end(found, ends_on, step),
        lambda step, ends_on: shift_changes.end(found, ends_on, step=step),
        back=reverse("admin-shifts"),
        done=_("已登记停用。"),
        title=_("停用班次：%s") % found.name,
        lead=UNCHANGED_NOTICE,
        beside=_facts(found),
    )


def _preview_end(row: ShiftKind, ends_on: date, step: ChangeContext) -> Effect:
    begins = _("自 %(day)s 起，不再排“%(name)s”。") % {"day": format_day(ends_on), "name": row.name}
    return _effect(begins, row, ends_on, lambda: shift_changes.end(row, ends_on, step=step))


def _effect(begins: str, row: ShiftKind | None, on: date, do: Any) -> Effect:
    """Preview: who stays on the roster with the old times, and hours without any shift."""
    found = impact.shift_impact(row, on, do)
    old_times = _("自那天起已排的 %d 班仍按原来的时间；要按新的时间，请撤下重排。") % found.planned
    holes = "、".join(f"{_clock_text(starts)}–{_clock_text(ends)}" for starts, ends in found.uncovered)
    no_gaps = _("各班次合起来覆盖全天。")
    return Effect(
        [
            begins,
            *([old_times] if found.planned else []),
            _("请注意：%s 没有班次，排不了值班。") % holes if holes else no_gaps,
            _("诉求不变，共 0 件受影响。"),
        ]
    )


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
