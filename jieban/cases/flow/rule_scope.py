"""Scope and basis of a deadline rule: for which cases it holds, and how its time is counted. Pure; no database."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Self, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.base.labelled import LabelledEnum

Row = TypeVar("Row")


class Basis(LabelledEnum):
    """How the time of a rule is counted; `jieban.cases.clocks.deadlines.due_at` does."""

    HOURS = "hours", gettext_lazy("小时")
    SAME_DAY = "same_day", gettext_lazy("当日 24:00")
    DAYS = "days", gettext_lazy("自然日，至 24:00")
    WORKDAYS = "workdays", gettext_lazy("工作日，至 24:00")


def amount_text(basis: Basis, amount: int) -> str:
    """5 个自然日，至 24:00."""
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
    """2 小时内办结, 日清日结, 5 日内办结: a limit as a requester reads it."""
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
    """The attributes of a case by which its rules are chosen, the weightiest last. Empty: whatever it is.

    Of a case each is filled. A further attribute is a field here and a column of the same name in `DeadlineRule`:
    what a rule is for, its page, its preview and the cache of a batch of receipts follow from these fields.
    """

    grade: str = ""
    kind: str = ""

    @classmethod
    def of(cls, row: Any) -> Self:
        """The scope of a case, of a rule, or of anything that has these attributes."""
        return cls(*(getattr(row, name) for name in DIMENSIONS))

    def covers(self, case: "RuleScope") -> bool:
        """Whether a rule of this scope holds for a case of that one."""
        return all(getattr(self, name) in {"", getattr(case, name)} for name in DIMENSIONS)

    @property
    def weight(self) -> tuple[bool, ...]:
        """A rule that names a weightier attribute goes before one that does not."""
        return tuple(bool(getattr(self, name)) for name in reversed(DIMENSIONS))


DIMENSIONS = tuple(field.name for field in fields(RuleScope))


def most_specific(rows: Iterable[Row], case: RuleScope) -> Row | None:
    """Of the rules that hold for a case of this scope the one that names the weightiest attribute.

    Worked example: for a complex case of an enterprise the rule complex · enterprise goes before complex · any kind.
    """
    covering = [row for row in rows if RuleScope.of(row).covers(case)]
    return max(covering, key=lambda row: RuleScope.of(row).weight, default=None)
