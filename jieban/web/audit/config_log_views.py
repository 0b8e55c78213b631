"""Configuration log, for the auditor and the administrator."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jieban.base.clock import local
from jieban.registry.administration import admin_lists
from jieban.registry.models import ConfigChange
from jieban.registry.roles import Role
from jieban.web.audit.csv_export import MOST_EXPORTED, csv_response, export_notice
from jieban.web.audit.span_search import SpanForm, filter_values
from jieban.web.page.access import for_roles
from jieban.web.page.tables import ListQuery, PageTable, TableCell

ANY_OPTION = ("", gettext_lazy("全部"))


class ChangeFilter(SpanForm):
    """Filter form of the configuration log."""

    person = forms.CharField(label=gettext_lazy("谁改的（用户名）"), required=False, max_length=60)
    area = forms.ChoiceField(
        label=gettext_lazy("类别"), choices=[ANY_OPTION, *ConfigChange.Area.choices], required=False
    )
    key = forms.CharField(label=gettext_lazy("代码或用户名"), required=False, max_length=120)


@for_roles({Role.ADMIN, Role.AUDITOR})
@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """View of the log: what was changed, by whom, when, from what to what, and why."""
    query = ListQuery.of(request)
    filters = ChangeFilter(query.filters)
    chosen = filter_values(filters)
    if "export" in query.sent:
        return csv_response(
            "changes", _columns(), map(_csv_row, admin_lists.changes(chosen, size=MOST_EXPORTED).rows)
        )
    page = admin_lists.changes(chosen, query.after)
    context: dict[str, Any] = {
        "title": _("变更记录"),
        "filters": filters,
        "table": change_table(page.rows, _("变更记录")),
        "export_url": query.with_export(),
        "lead": export_notice(),
    }
    return render(request, "admin/admin_table.html", context | query.context(page.next))


def _columns() -> list[str]:
    return [
        _("时间"), _("谁"), _("用户名"), _("类别"), _("对象"), _("代码"), _("做了什么"), _("原来"),
        _("改为"), _("理由"),
    ]  # fmt: skip


def _csv_row(change: ConfigChange) -> list[str]:
    names = (change.person.name, change.person.username) if change.person else (_("系统"), "")
    return [
        f"{local(change.at):%Y-%m-%d %H:%M:%S}", *names, change.get_area_display(), change.label, change.key,
        change.what, values_text(change.before), values_text(change.after), change.reason,
    ]  # fmt: skip


def values_text(values: dict[str, str]) -> str:
    return "；".join(f"{label}：{value}" for label, value in values.items() if value)


def change_table(rows: list[ConfigChange], caption: str) -> PageTable:
    """Changes as a table."""
    cells = [
        [
            TableCell(change.what, f"{change.get_area_display()} · {change.label}", first=True),
            TableCell(values_text(change.before) or "—"),
            TableCell(values_text(change.after) or "—"),
            TableCell(change.reason),
            TableCell(change.person.name if change.person else _("系统")),
            TableCell(at=change.at),
        ]
        for change in rows
    ]
    columns = [_("做了什么"), _("原来"), _("改为"), _("理由"), _("谁"), _("时间")]
    return PageTable(
        columns, cells, caption, _("没有变更记录"), _("每次修改配置都会记在这里，不能更改或删除。")
    )
