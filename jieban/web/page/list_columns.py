"""Columns of the list of cases: all there are, and those that a reader has chosen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jieban.cases.models import Case
from jieban.web.page import components

SOFT, SHORT, LONG = "cell-soft", "nowrap cell-soft", "cell-wide cell-soft"


@dataclass(frozen=True, slots=True)
class CaseColumn:
    """A column: its key in the URL, its heading, its headings in an exported table, and its cell."""

    key: str
    label: str | Promise
    exported: tuple[str, ...]
    draw: Callable[[Case, datetime], str]
    css: str = SHORT


def _place(case: Case, _now: datetime) -> SafeString:
    more = format_html('<span class="place-more">{}</span>', case.community.name) if case.community else ""
    return format_html("{}{}", case.street.name if case.street else gettext("地点待核实"), more)


def _reminded(case: Case, _now: datetime) -> str:
    return gettext("催 %d 次") % case.reminded_count if case.reminded_count else ""


# The columns of the case itself always come first.
FIXED_HEADINGS = ("单号", "主题")
COLUMNS = (
    CaseColumn("state", _("状态"), ("状态",), lambda case, _at: components.state_badge(case.state), "nowrap"),
    CaseColumn("clock", _("时限"), ("联系时限", "办结时限"), components.case_clock, "nowrap cell-clock"),
    CaseColumn("place", _("地点"), ("街道", "社区"), _place, LONG),
    CaseColumn(
        "category", _("分类"), ("分类",),
        lambda case, _at: case.category.path if case.category else gettext("未分类"), LONG,
    ),
    CaseColumn(
        "lead", _("主办"), ("主办单位",), lambda case, _at: case.lead.name if case.lead else gettext("未派单"), SOFT
    ),
    CaseColumn("received", _("受理"), ("受理时间",), lambda case, at: components.when(case.received_at, at)),
    CaseColumn("kind", _("类型"), ("类型",), lambda case, _at: case.get_kind_display()),
    CaseColumn("nature", _("性质"), ("性质",), lambda case, _at: case.get_nature_display()),
    CaseColumn("channel", _("渠道"), ("渠道",), lambda case, _at: case.get_channel_display()),
    CaseColumn("grade", _("难易"), ("难易",), lambda case, _at: case.get_grade_display()),
    CaseColumn("urgency", _("紧急程度"), ("紧急程度",), lambda case, _at: case.get_urgency_display()),
    CaseColumn("reminded", _("催办次数"), ("催办次数",), _reminded, "nowrap cell-soft figures"),
    CaseColumn("reported", _("报结"), ("报结时间",), lambda case, at: components.when(case.reported_at, at)),
    CaseColumn("closed", _("结案"), ("结案时间",), lambda case, at: components.when(case.closed_at, at)),
)  # fmt: skip
DEFAULT_COLUMNS = tuple(column.key for column in COLUMNS[:6])


def requested_columns(chosen_keys: Iterable[str]) -> list[CaseColumn]:
    """The chosen columns in the order of COLUMNS; the default ones when no chosen key is known."""
    keys = set(chosen_keys)
    columns = [column for column in COLUMNS if column.key in keys]
    return columns or [column for column in COLUMNS if column.key in DEFAULT_COLUMNS]


def is_default(columns: list[CaseColumn]) -> bool:
    return tuple(column.key for column in columns) == DEFAULT_COLUMNS


def exported(columns: list[CaseColumn]) -> list[str]:
    """The headings of these columns in an exported table."""
    return [*FIXED_HEADINGS, *(name for column in columns for name in column.exported)]
