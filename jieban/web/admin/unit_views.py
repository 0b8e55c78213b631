"""Units: the tree, renaming, and closing from a day on."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.cases.routing import closing_units
from jieban.registry.administration import admin_lists, unit_changes
from jieban.registry.models import Unit
from jieban.registry.roles import Role
from jieban.web.admin.holding_lists import ANY_OPTION, filter_values
from jieban.web.admin.weighed_forms import ReasonForm, change_page
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import date_field as day_field
from jieban.web.page.forms import PageForm
from jieban.web.page.page_models import Fact
from jieban.web.page.tables import (
    ActionLink,
    ListQuery,
    PageTable,
    TableCell,
    TableSection,
    day_text,
)


class UnitFilter(PageForm):
    """Filter form of the units."""

    q = forms.CharField(label=gettext_lazy("名称、简称或代码"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=gettext_lazy("类型"), choices=[ANY_OPTION, *Unit.Kind.choices], required=False
    )
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        choices=[("", gettext_lazy("现有")), ("closed", gettext_lazy("已撤销或未启用"))],
        required=False,
    )
    parent = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)


@for_roles({Role.ADMIN})
@require_GET
def unit_list(request: HttpRequest) -> HttpResponse:
    """View of the units by code; a link leads to the units below each."""
    query, on = ListQuery.of(request), local_date(now())
    filters = UnitFilter(query.filters)
    page = admin_lists.units(filter_values(filters), on, query.after)
    context = {"title": _("单位"), "filters": filters, "table": _table(page.rows)}
    return render(request, "admin/admin_table.html", context | query.context(page.next))


def _table(rows: list[Any]) -> PageTable:
    cells = [
        [
            TableCell(unit.name, unit.code, reverse("admin-unit", args=[unit.code]), first=True),
            TableCell(unit.short_name),
            TableCell(unit.get_kind_display()),
            TableCell(unit.parent.name if unit.parent else "—"),
            TableCell(_("下属 %d 个") % unit.below, url=f"{reverse('admin-units')}?parent={unit.code}")
            if unit.below
            else TableCell("—"),
            TableCell(_("%s 撤销") % day_text(unit.closed_on), tone="amber")
            if unit.closed_on
            else TableCell(_("在用"), tone="green"),
        ]
        for unit in rows
    ]
    columns = [_("单位"), _("简称"), _("类型"), _("上级"), _("下属"), _("状态")]
    return PageTable(
        columns, cells, _("单位"), _("没有符合条件的单位"), _("可减少条件，或核对名称、代码后再查。")
    )


@for_roles({Role.ADMIN})
@require_GET
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """View of one unit: its place in the tree, the number of open cases it leads, the units below."""
    found, on = admin_lists.unit(code), local_date(now())
    below = admin_lists.units({"parent": code}, on)
    names = ["rename"] if found.closed_on is not None else ["rename", "close"]
    context = {
        "title": found.name,
        "first_line": _first_line(found),
        "facts": _facts(found),
        "sections": [TableSection(_("下属单位"), _table(below.rows))] if below.rows else [],
        "doors": [
            ActionLink(ACTION_LABELS[name], reverse("admin-unit-" + name, args=[code])) for name in names
        ],
        "back": reverse("admin-units"),
        "back_label": _("单位"),
    }
    return render(request, "admin/admin_record.html", context)


def _first_line(unit: Unit) -> str:
    if unit.closed_on is not None:
        return _("%s 起不再存在。") % day_text(unit.closed_on)
    return _("在用；现主办 %d 件未办结的诉求。") % closing_units.open_cases_of(unit.pk)


ACTION_LABELS = {"rename": gettext_lazy("改名称或简称"), "close": gettext_lazy("撤销单位")}


def _facts(unit: Unit) -> list[Fact]:
    return [
        Fact(_("代码"), unit.code),
        Fact(_("简称"), unit.short_name or "—"),
        Fact(_("类型"), unit.get_kind_display()),
        Fact(_("上级"), unit.parent.name if unit.parent else "—"),
        Fact(_("辖区"), unit.place.name if unit.place else "—"),
        Fact(_("启用日"), day_text(unit.opened_on)),
    ]


class RenameUnitForm(ReasonForm):
    """Form for a unit's new name."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    short_name = forms.CharField(label=gettext_lazy("简称"), max_length=40, required=False)


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def rename(request: ActorRequest, code: str) -> HttpResponse:
    """View: renames a unit; its code stays."""
    found = admin_lists.unit(code)
    initial = {"seen": unit_changes.version_tag_of(found), "name": found.name, "short_name": found.short_name}
    form = RenameUnitForm(request.POST if request.method == "POST" else None, initial=initial)
    return change_page(
        request,
        form,
        lambda **sent: unit_changes.rename(found.pk, **sent),
        back=reverse("admin-unit", args=[code]),
        done=_("名称已改。"),
        title=_("改名称或简称：%s") % found.name,
        lead=_("改的是显示的名称；代码和以往的记录不变。"),
    )


class CloseUnitForm(ReasonForm):
    """Form for the day from which a unit is closed."""

    closed_on = day_field(gettext_lazy("撤销日"), help_text=gettext_lazy("从这一天起不再存在"))


@for_roles({Role.ADMIN})
@require_http_methods(["GET", "POST"])
def close(request: ActorRequest, code: str) -> HttpResponse:
    """View: closes a unit from a day on."""
    found = admin_lists.unit(code)
    form = CloseUnitForm(
        request.POST if request.method == "POST" else None,
        initial={"seen": unit_changes.version_tag_of(found), "closed_on": local_date(now())},
    )
    return change_page(
        request,
        form,
        lambda **sent: closing_units.close_unit(found.pk, **sent),
        back=reverse("admin-unit", args=[code]),
        done=_("已登记撤销。"),
        **_close_words(found),
    )


def _close_words(unit: Unit) -> dict[str, str]:
    lead = _(
        "从撤销日起，它的岗位不能再办理，诉求也不能再派给它。仍主办未办结诉求、仍有下属单位或仍在派单目录中的，不能撤销。"
    )
    return {"title": _("撤销单位：%s") % unit.name, "lead": lead, "button": _("撤销单位")}
