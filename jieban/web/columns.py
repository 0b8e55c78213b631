"""The columns of the list of cases: which there are, and which a reader asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the address, its heading, and what of a table for other offices belongs to it."""

    key: str
    label: str | Promise
    exported: tuple[str, ...]


# The case itself always stands first.
FIRST = ("单号", "主题")
COLUMNS = (
    Column("state", _("状态"), ("状态",)),
    Column("clock", _("时限"), ("联系时限", "办结时限")),
    Column("place", _("地点"), ("街道", "社区")),
    Column("category", _("分类"), ("分类",)),
    Column("lead", _("主办"), ("主办单位",)),
    Column("received", _("受理"), ("受理时间",)),
    Column("kind", _("类型"), ("类型",)),
    Column("nature", _("性质"), ("性质",)),
    Column("channel", _("渠道"), ("渠道",)),
    Column("grade", _("难易"), ("难易",)),
    Column("urgency", _("紧急程度"), ("紧急程度",)),
    Column("reminded", _("催办次数"), ("催办次数",)),
    Column("reported", _("报结"), ("报结时间",)),
    Column("closed", _("结案"), ("结案时间",)),
)
USUAL = tuple(column.key for column in COLUMNS[:6])


def wanted(asked: Iterable[str]) -> list[Column]:
    """The columns asked for, in their order; the usual ones when none of them is known."""
    keys = set(asked)
    found = [column for column in COLUMNS if column.key in keys]
    return found or [column for column in COLUMNS if column.key in USUAL]


def is_usual(columns: list[Column]) -> bool:
    return tuple(column.key for column in columns) == USUAL


def exported(columns: list[Column]) -> list[str]:
    """The headings of the same columns in a table for other offices."""
    return [*FIRST, *(name for column in columns for name in column.exported)]
