"""Shared parts of the pages of accounts and posts: filters, and tables of who held which post until when."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.registry.models import Holding, Unit
from jieban.registry.roles import STAFF_ROLES, Role
from jieban.web.page import choices
from jieban.web.page.fields import select_field
from jieban.web.page.forms import PageForm
from jieban.web.page.tables import PageTable, TableCell, day_text

ANY_OPTION = ("", gettext_lazy("全部"))
STAFF_ROLE_CHOICES = [(role.value, role.label) for role in Role if role in STAFF_ROLES]


def unit_choices(on: date, *, key: str = "code") -> list[Any]:
    """Every unit of the day as options, and an option for all."""
    return [ANY_OPTION, *choices.units_by_kind(Unit.Kind.values, on, key=key)]


def filter_values(form: PageForm) -> dict[str, Any]:
    """The filter's values; invalid ones are left out, and their field shows an error."""
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value}


class StaffFilter(PageForm):
    """Base filter form by unit and role; each list defines its own states."""

    unit = select_field(gettext_lazy("单位"), required=False)
    role = forms.ChoiceField(
        label=gettext_lazy("角色"), choices=[ANY_OPTION, *STAFF_ROLE_CHOICES], required=False
    )

    def __init__(self, data: Any, on: date) -> None:
        super().__init__(data)
        self.order_fields(["q", "unit", "role", "state"])
        self.fields["unit"].choices = unit_choices(on)  # type: ignore[attr-defined]


def holdings_table(
    holdings: Iterable[Holding], on: date, first: Any, name: Callable[[Holding], TableCell], empty: Any, hint: Any,
    do: Callable[[Holding], TableCell] | None = None,
) -> PageTable:  # fmt: skip
    """Table of holdings with first day, last day and state; `do` makes the cell with the actions of a holding."""
    rows = [
        [
            name(one),
            TableCell(day_text(one.valid_from)),
            TableCell(_last_day(one.valid_to)),
            _validity_cell(one, on),
            *([do(one)] if do else []),
        ]
        for one in holdings
    ]
    columns = [first, _("自"), _("至（最后一天）"), _("状态"), *([_("办理")] if do else [])]
    return PageTable(columns, rows, _("任职"), empty, hint)


def _last_day(until: date | None) -> str:
    return day_text(until - timedelta(days=1)) if until else _("不限")


def _validity_cell(one: Holding, on: date) -> TableCell:
    """State of a holding: past, current or future."""
    if one.valid_to is not None and one.valid_to <= on:
        return TableCell(_("已结束"), tone="grey")
    return TableCell(_("在任"), tone="green") if one.valid_from <= on else TableCell(_("将开始"), tone="blue")
