"""Scope and unit of a deadline rule: which cases it covers, and how its time is counted. Pure; no database."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Self, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.labelled import LabelledEnum

Row = TypeVar("Row")


class Basis(LabelledEnum):
    """Unit in which a rule's time is counted; `jieban.cases.clocks.deadlines.due_at` computes it."""

    HOURS = "hours", gettext_lazy("小时")
    SAME_DAY = "same_day", gettext_lazy("当日 24:00")
    DAYS = "days", gettext_lazy("自然日，至 24:00")
    WORKDAYS = "workdays", gettext_lazy("工作日，至 24:00")


def amount_text(basis: Basis, amount: int) -> str:
    """Label of a rule's amount: 5 个自然日，至 24:00."""
    match basis:
        case Basis.HOURS:
            return _("%d 小时") % amount
        case Basis.SAME_DAY:
            return _("当日 24:00")
        case Basis.DAYS:
            return _("%d 个自然日，至 24:00") % amount
        case Basis.WORKDAYS:
            return _("%d 个工作日，至 24:00") % amount


def finish_text(basis: Basis, amount: int) -> str:
    """Label of a finish limit for a requester: 2 小时内办结, 日清日结, 5 日内办结."""
    match basis:
        case Basis.HOURS:
            return _("%d 小时内办结") % amount
        case Basis.SAME_DAY:
            return _("日清日结")
        case Basis.DAYS:
            return _("%d 日内办结") % amount
        case Basis.WORKDAYS:
            return _("%d 个工作日内办结") % amount


@dataclass(frozen=True, slots=True)
class RuleScope:
    """Attributes of a case by which its rules are chosen, in ascending weight. In a rule an empty one matches all.

    A case has all of them. A new attribute is one field here and one column of the same name in `DeadlineRule`: the
    rule pages, the preview and the cache of a batch of receipts follow from these fields.
    """

    grade: str = ""
    kind: str = ""

    @classmethod
    def of(cls, row: Any) -> Self:
        """The scope of a case, a rule, or any object with these attributes."""
        return cls(*(getattr(row, name) for name in DIMENSIONS))

    def covers(self, case: "RuleScope") -> bool:
        """Whether a rule of this scope applies to a case of that one."""
        return all(getattr(self, name) in {"", getattr(case, name)} for name in DIMENSIONS)

    @property
    def weight(self) -> tuple[bool, ...]:
        """Sort key: rules that name a weightier attribute come first."""
        return tuple(bool(getattr(self, name)) for name in reversed(DIMENSIONS))


DIMENSIONS = tuple(field.name for field in fields(RuleScope))


def most_specific(rows: Iterable[Row], case: RuleScope) -> Row | None:
    """The rule that applies to a case and names the weightiest attribute; None without one.

    Worked example: for a complex case of an enterprise, the rule complex · enterprise wins over complex · any kind.
    """
    covering = [row for row in rows if RuleScope.of(row).covers(case)]
    return max(covering, key=lambda row: RuleScope.of(row).weight, default=None)
