"""History search: who did what to which case when, and whether its hash chain is intact. Texts stay hidden."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jieban.base.clock import local, local_date, now
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import State
from jieban.cases.integrity import audit_search
from jieban.cases.integrity.audit_search import EventPage
from jieban.cases.models import CaseEvent
from jieban.registry.models import Unit
from jieban.registry.roles import REQUESTER_ROLES, Role
from jieban.web.audit.csv_export import MOST_EXPORTED, csv_response, export_notice
from jieban.web.audit.span_search import SpanForm, filter_values
from jieban.web.page import choices
from jieban.web.page.access import for_roles
from jieban.web.page.fields import select_field
from jieban.web.page.tables import ListQuery, PageTable, TableCell

ANY_OPTION = ("", gettext_lazy("全部"))


class EventFilter(SpanForm):
    """Filter form of the history."""

    number = forms.CharField(label=gettext_lazy("单号"), required=False, max_length=40)
    person = forms.CharField(label=gettext_lazy("用户名或姓名"), required=False, max_length=60)
    unit = select_field(gettext_lazy("单位"), required=False)
    action = forms.ChoiceField(
        label=gettext_lazy("事项"), choices=[ANY_OPTION, *Action.choices], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = choices.units_by_kind(Unit.Kind.values, local_date(now()), key="code")
        self.fields["unit"].choices = [ANY_OPTION, *units]  # type: ignore[attr-defined]


@for_roles({Role.AUDITOR})
@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """View of the events, the newest first."""
    query = ListQuery.of(request)
    filters = EventFilter(query.filters)
    chosen = filter_values(filters)
    if "export" in query.sent:
        rows = audit_search.events_for_export(chosen, size=MOST_EXPORTED)
        return csv_response("events", _columns(), map(_csv_row, rows))
    page = audit_search.event_page(chosen, after=query.after)
    context = {
        "now": now(),
        "title": _("办理记录"),
        "filters": filters,
        "table": _table(page),
        "export_url": query.with_export(),
        "lead": _("诉求和办理的文字不显示。“完好”表示这件诉求的全部记录现在与写入时一致。") + export_notice(),
    }
    return render(request, "admin/admin_table.html", context | query.context(page.next))


def _columns() -> list[str]:
    return [
        _("记录时间"), _("发生时间"), _("单号"), _("序号"), _("事项"), _("原状态"), _("新状态"), _("谁"), _("用户名"),
        _("单位"), _("记录指纹"),
    ]  # fmt: skip


def _csv_row(event: CaseEvent) -> list[str]:
    return [
        f"{local(event.recorded_at):%Y-%m-%d %H:%M:%S}", f"{local(event.at):%Y-%m-%d %H:%M:%S}",
        event.case.number, str(event.seq), str(Action(event.action).label), _state(event.before), _state(event.after),
        *_who(event), event.unit.name if event.unit else "", bytes(event.hash).hex(),
    ]  # fmt: skip


def _state(state: str) -> str:
    return str(State(state).label) if state else ""


def _who(event: CaseEvent) -> tuple[str, str]:
    """Name and user name; a requester's name is contact data and stays hidden."""
    if event.role in REQUESTER_ROLES:
        return _("诉求人"), ""
    return (event.person.name, event.person.username) if event.person else (_("系统"), "")


def _table(page: EventPage) -> PageTable:
    cells = [
        [
            TableCell(
                str(Action(event.action).label),
                f"{event.case.number} · {_('第 %d 条') % event.seq}",
                f"{reverse('audit-events')}?number={event.case.number}",
                first=True,
            ),
            TableCell(_state_change_text(event)),
            TableCell(_who(event)[0], _who(event)[1]),
            TableCell(event.unit.name if event.unit else "—"),
            TableCell(f"{local(event.recorded_at):%Y-%m-%d %H:%M:%S}", _late_record_text(event)),
            TableCell(bytes(event.hash).hex()[:12]),
            TableCell(_("完好"), tone="green")
            if page.sound[event.case_id]
            else TableCell(_("不一致"), tone="red"),
        ]
        for event in page.events
    ]
    columns = [_("事项"), _("状态变化"), _("谁"), _("单位"), _("记录时间"), _("记录指纹"), _("整件核对")]
    hint = _("可减少条件，或核对单号、用户名后再查。")
    return PageTable(columns, cells, _("办理记录"), _("没有符合条件的记录"), hint)


def _state_change_text(event: CaseEvent) -> str:
    before, after = _state(event.before), _state(event.after)
    return f"{before} → {after}" if before and before != after else after


def _late_record_text(event: CaseEvent) -> str:
    """When it happened, where it was recorded later."""
    late = event.recorded_at - event.at
    return _("发生于 %s") % f"{local(event.at):%Y-%m-%d %H:%M}" if late.total_seconds() >= 60 else ""
