"""Access log: search, and alerts about unusually many looks at contact data."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local, now
from jieban.base.errors import Invalid, WrongState
from jieban.cases.access import unmasking
from jieban.cases.integrity import audit_search
from jieban.cases.models import AccessLog, UnmaskAlert
from jieban.registry.administration.admin_lists import key_of, keyset_page
from jieban.registry.roles import Right, Role, roles_with
from jieban.web.audit.csv_export import MOST_EXPORTED, csv_response, export_notice
from jieban.web.audit.span_search import SpanForm, filter_values
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import text_field
from jieban.web.page.forms import PageForm
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import ActionLink, ListQuery, PageTable, TableCell

ANY_OPTION = ("", gettext_lazy("全部"))
WATCHERS = roles_with(Right.REVIEW_ALERTS)


class AccessFilter(SpanForm):
    """Filter form of the access log."""

    person = forms.CharField(label=gettext_lazy("用户名或姓名"), required=False, max_length=60)
    number = forms.CharField(label=gettext_lazy("单号"), required=False, max_length=40)
    words = forms.CharField(label=gettext_lazy("理由中的字"), required=False, max_length=60)
    how = forms.ChoiceField(
        label=gettext_lazy("方式"), choices=[ANY_OPTION, *AccessLog.How.choices], required=False
    )


@for_roles({Role.AUDITOR})
@require_GET
def access(request: HttpRequest) -> HttpResponse:
    """View of the access log: who looked at whose contact data, the newest first."""
    query, at = ListQuery.of(request), now()
    filters = AccessFilter(query.filters)
    chosen = filter_values(filters)
    if "export" in query.sent:
        rows = audit_search.access_page(chosen, at=at, size=MOST_EXPORTED).looks
        return csv_response("access", _columns(), map(_csv_row, rows))
    page = audit_search.access_page(chosen, at=at, after=query.after)
    context = {
        "now": at,
        "title": _("查看记录"),
        "filters": filters,
        "table": _table(page.looks),
        "export_url": query.with_export(),
        "lead": _("每次查看联系方式都在这里，一次一行；联系方式本身不显示。只按理由中的字查时，查近 31 天。")
        + export_notice(),
    }
    return render(request, "admin/admin_table.html", context | query.context(page.next))


def _columns() -> list[str]:
    return [_("时间"), _("谁"), _("用户名"), _("岗位"), _("单号"), _("方式"), _("理由")]


def _csv_row(look: AccessLog) -> list[str]:
    return [
        f"{local(look.at):%Y-%m-%d %H:%M:%S}", look.person.name, look.person.username, _post(look),
        look.case.number, look.get_how_display(), look.reason,
    ]  # fmt: skip


def _post(look: AccessLog) -> str:
    if look.post is None:
        return ""
    return f"{look.post.unit.name} {look.post.name}" if look.post.unit else look.post.name


def _table(looks: list[AccessLog]) -> PageTable:
    cells = [
        [
            TableCell(
                look.person.name, look.person.username, _person_filter_url(look.person.username), first=True
            ),
            TableCell(_post(look) or "—"),
            TableCell(look.case.number, url=f"{reverse('audit-access')}?number={look.case.number}"),
            TableCell(look.get_how_display()),
            TableCell(look.reason),
            TableCell(f"{local(look.at):%Y-%m-%d %H:%M:%S}"),
        ]
        for look in looks
    ]
    columns = [_("谁"), _("岗位"), _("单号"), _("方式"), _("理由"), _("时间")]
    hint = _("可减少条件，或核对单号、用户名后再查。")
    return PageTable(columns, cells, _("查看记录"), _("没有符合条件的查看记录"), hint)


def _person_filter_url(username: str) -> str:
    return f"{reverse('audit-access')}?person={username}"


@for_roles(WATCHERS)
@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """View of the alerts: the open ones, or all."""
    query = ListQuery.of(request)
    rows = unmasking.alerts(open_only="all" not in query.sent)
    page = keyset_page(rows.filter(pk__lt=key_of(query.after)) if query.after else rows, "-id")
    context = {
        "now": now(),
        "title": _("查看预警"),
        "table": _alert_table(page.rows),
        "new_url": "" if "all" in query.sent else f"{reverse('audit-alerts')}?all=1",
        "new_label": _("连同已核查的"),
        "new_plain": True,
        "lead": _(
            "一人一小时内查看联系方式超过限额，每人每小时预警一次；来电时按号码带出的不计。限额由管理员按日期规定。"
        ),
    }
    return render(request, "admin/admin_table.html", context | query.context(page.next))


def _alert_table(rows: list[UnmaskAlert]) -> PageTable:
    cells = [
        [
            TableCell(
                _("%(name)s一小时内查看 %(count)d 次") % {"name": row.person.name, "count": row.count},
                row.person.username,
                reverse("audit-alert", args=[row.pk]),
                first=True,
            ),
            TableCell(at=row.at),
            TableCell(_("已核查"), tone="green") if row.looked_at else TableCell(_("待核查"), tone="red"),
            TableCell(row.note, row.looked_by.name) if row.looked_by else TableCell("—"),
        ]
        for row in rows
    ]
    columns = [_("预警"), _("时间"), _("状态"), _("核查情况")]
    hint = _("查看联系方式的次数异常时，会出现在这里。")
    return PageTable(columns, cells, _("查看预警"), _("没有待核查的预警"), hint)


class AlertReviewForm(PageForm):
    """Form for the outcome of an alert's review."""

    note = text_field(
        gettext_lazy("核查情况"), help_text=gettext_lazy("问了谁、是什么工作需要、怎么处理；不超过 300 字。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].max_length = unmasking.LONGEST_NOTE  # type: ignore[attr-defined]


@for_roles(WATCHERS)
@require_http_methods(["GET", "POST"])
def alert(request: ActorRequest, pk: int) -> HttpResponse:
    """View of one alert: who, how often, when; and the outcome of its review."""
    actor, at = request.actor, now()
    found = unmasking.get_alert(pk)
    form, status = AlertReviewForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = Invalid.status
        if form.is_valid():
            try:
                unmasking.review_alert(pk, actor=actor, at=at, note=form.cleaned_data["note"])
                found, status = unmasking.get_alert(pk), 200
            except (Invalid, WrongState) as refused:
                form.refuse(refused.fields, refused.message)
                status = refused.status
    return render(request, "audit/alert.html", _alert_context(found, form, actor.role, at), status=status)


def _alert_context(found: UnmaskAlert, form: AlertReviewForm, role: Role, at: datetime) -> dict[str, Any]:
    words = {"name": found.person.name, "count": found.count}
    address = f"{reverse('audit-access')}?person={found.person.username}"
    return {
        "now": at,
        "title": _("%(name)s一小时内查看联系方式 %(count)d 次") % words,
        "alert": found,
        "facts": [
            Fact(_("用户名"), found.person.username),
            Fact(_("发现于"), f"{local(found.at):%Y-%m-%d %H:%M:%S}"),
        ],
        "looks": ActionLink(_("看他（她）的全部查看记录"), address) if role == Role.AUDITOR else None,
        "form": form,
        "button": _("登记核查情况"),
    }
