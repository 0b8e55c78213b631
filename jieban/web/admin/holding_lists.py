"""What the pages of accounts and of posts share: how their lists are narrowed, and who held a post until when."""

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
    """Every unit of the day, and all of them."""
    return [ANY_OPTION, *choices.units_by_kind(Unit.Kind.values, on, key=key)]


def filter_values(form: PageForm) -> dict[str, Any]:
    """What the filter asks for; what does not fit is left out, and its field says so."""
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value}


class StaffFilter(PageForm):
    """Unit and role, to which a list is narrowed; each list says what its state may be."""

    unit = select_field(gettext_lazy("单位"), required=False)
    role = forms.ChoiceField(
        label=gettext_lazy("角色"), choices=[ANY_OPTION, *STAFF_ROLE_CHOICES], required=False
    )

    def __init__(self, data: Any, on: date) -> None:
        super().__init__(data)
        self.order_fields(["q", "unit", "role", "state"])
        self.fields["unit"].choices = unit_choices(on)  # type: ignore[attr-defined]


def holdings_table(
    held: Iterable[Holding], on: date, first: Any, name: Callable[[Holding], TableCell], empty: Any, hint: Any,
    do: Callable[[Holding], TableCell] | None = None,
) -> PageTable:  # fmt: skip
    """Holdings with their first and last day and their state; `do` says what may be done with one."""
    rows = [
        [
            name(one),
            TableCell(day_text(one.valid_from)),
            TableCell(_last_day(one.valid_to)),
            _validity_cell(one, on),
            *([do(one)] if do else []),
        ]
        for one in held
    ]
    columns = [first, _("自"), _("至（最后一天）"), _("状态"), *([_("办理")] if do else [])]
    return PageTable(columns, rows, _("任职"), empty, hint)


def _last_day(until: date | None) -> str:
    return day_text(until - timedelta(days=1)) if until else _("不限")


def _validity_cell(one: Holding, on: date) -> TableCell:
    """Past, present or to come."""
    if one.valid_to is not None and one.valid_to <= on:
        return TableCell(_("已结束"), tone="grey")
    return TableCell(_("在任"), tone="green") if one.valid_from <= on else TableCell(_("将开始"), tone="blue")
