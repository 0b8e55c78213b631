"""Holiday calendar: the announced years; import of a year's official notice from a file, with a preview."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.base.errors import Invalid
from jieban.cases.configuration import impact, rule_changes
from jieban.registry.changing.config_changes import ChangeContext, version_tag
from jieban.registry.roles import Role
from jieban.web.admin.weighed_forms import ReasonForm, preview_and_change_page, set_hidden_values
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.tables import (
    ActionLink,
    Effect,
    PageTable,
    TableCell,
    TableSection,
    day_text,
)
from jieban.worktime.announcement import COLUMNS, MOST_BYTES, read_days
from jieban.worktime.calendar import load_calendar
from jieban.worktime.calendar_gaps import calendar_gaps
from jieban.worktime.models import CalendarDay, CalendarYear

FILE_EXTENSIONS = (".csv", ".xlsx")
LONGEST_TEXT = 200_000


@for_roles({Role.ADMIN})
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """View of the known years with their notices, and the days on which a notice overrides the week."""
    on = local_date(now())
    context = {
        "title": _("日历"),
        "table": _years(range(on.year + 1, on.year - 3, -1)),
        "sections": [TableSection(_("通知单独规定的日子"), _days())],
        "lead": _(
            "每年 11 月前后国务院办公厅公布下一年放假安排，公布后请尽快录入；录入前，涉及该年的工作日时限是暂定的。"
        ),
        "told": [ActionLink(gap, "", tone="amber") for gap in calendar_gaps(on)],
        "new_url": reverse("admin-calendar-load"),
        "new_label": _("录入放假安排"),
    }
    return render(request, "admin/admin_table.html", context)


def _years(years: range) -> PageTable:
    known, loaded = load_calendar(), {row.year: row for row in CalendarYear.objects.filter(year__in=years)}
    cells = []
    for year in years:
        row = loaded.get(year)
        notice = row.notice if row else _("软件自带") if known.known(year) else _("尚未录入，暂按周一至周五")
        state = (
            TableCell(_("已齐全"), tone="green") if known.known(year) else TableCell(_("暂定"), tone="amber")
        )
        cells.append(
            [
                TableCell(_("%d 年") % year, first=True),
                TableCell(notice),
                TableCell(row.source if row else "—"),
                state,
            ]
        )
    return PageTable([_("年份"), _("依据"), _("来源文件"), _("状态")], cells, _("年份"))


def _days() -> PageTable:
    rows = CalendarDay.objects.order_by("-day")[:60]
    cells = [
        [
            TableCell(day_text(row.day), row.name, first=True),
            TableCell(_("上班"), tone="blue") if row.is_workday else TableCell(_("放假"), tone="grey"),
            TableCell(row.notice),
        ]
        for row in rows
    ]
    hint = _("录入放假安排后，会列在这里。")
    return PageTable(
        [_("日期"), _("上班或放假"), _("依据")], cells, _("日子"), _("还没有单独录入的日子"), hint
    )


class NoticeForm(ReasonForm):
    """Form with the file of a notice; the rows read from it are sent along until they are confirmed."""

    file = forms.FileField(
        label=gettext_lazy("文件"),
        required=False,
        help_text=gettext_lazy("CSV 或 xlsx，第一行为 day,is_workday,name,notice"),
    )
    days = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_TEXT, strip=False)
    name = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)

    def clean(self) -> dict[str, Any]:
        """A newly sent file replaces the rows that were read before."""
        sent = super().clean() or {}
        upload = sent.pop("file", None)
        if upload is not None:
            try:
                sent["days"], sent["name"] = _read_rows(upload), _csv_name(upload)
            except Invalid as refused:
                self.add_error("file", refused.message)
        elif not sent.get("days"):
            self.add_error("file", _("请选择文件。"))
        return sent


def _csv_name(upload: "UploadedFile[Any]") -> str:
    return Path(upload.name or "").stem[:60].replace("\0", "") + ".csv"


def _read_rows(upload: "UploadedFile[Any]") -> str:
    """The rows of an uploaded file, read as `load-calendar` reads them. Raises BadCalendar or BadFile."""
    ending = Path(upload.name or "").suffix.lower()
    if ending not in FILE_EXTENSIONS or (upload.size or 0) > MOST_BYTES:
        raise Invalid(_("请选择不超过 2 MB 的 .csv 或 .xlsx 文件。"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"calendar{ending}"
        path.write_bytes(upload.read())
        days = read_days(path)
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(COLUMNS)
    writer.writerows([row.day.isoformat(), int(row.is_workday), row.name, row.notice] for row in days)
    return rows.getvalue()


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def load(request: ActorRequest) -> HttpResponse:
    """View: imports the days of a notice after a preview."""
    form = NoticeForm(
        *((request.POST, request.FILES) if request.method == "POST" else ()),
        initial={"seen": _page_fingerprint()},
    )
    if form.is_bound and form.is_valid():
        set_hidden_values(form, days=form.cleaned_data["days"], name=form.cleaned_data["name"])
    return preview_and_change_page(
        request,
        form,
        lambda step, days, name: preview_calendar(days, step),
        lambda step, days, name: rule_changes.announce_calendar(days, step=step, name=name),
        back=reverse("admin-calendar"),
        done=_("放假安排已录入；暂定的时限今夜重算。"),
        title=_("录入放假安排"),
        lead=_("每行一天：日期、是否上班（1 或 0）、节日、通知文号。与命令 load-calendar 相同。"),
        multipart=True,
    )


def _page_fingerprint() -> str:
    return version_tag(list(CalendarYear.objects.order_by("year").values_list("year", "notice")))


def preview_calendar(text: str, step: ChangeContext) -> Effect:
    """Preview: which years become known, which days change, and how many provisional limits become certain."""
    effect = impact.calendar_impact(text, step=step)
    announced = effect.announced
    sentences = [_("录入 %d 天。") % announced.rows]
    sentences += [_("%d 年的放假安排将齐全。") % year for year in announced.years]
    sentences += [_("%d 天与原来不同。") % len(announced.changed)] if announced.changed else []
    sentences += (
        [_("%d 天在新文件中没有，将撤销。") % len(announced.withdrawn)] if announced.withdrawn else []
    )
    sentences.append(
        _("现有 %d 件诉求的暂定时限将确定，今夜重算。") % effect.certain
        if effect.certain
        else _("没有因此确定的暂定时限。")
    )
    rows = [
        [
            TableCell(day_text(one.day), one.name, first=True),
            TableCell(_("改为上班") if one.is_workday else _("改为休息")),
        ]
        for one in announced.changed[:40]
    ]
    return Effect(sentences, PageTable([_("日期"), _("改变")], rows, _("改变的日子")) if rows else None)
