"""Template tags for time, state and icons. They take `now` from the context where a view has set it."""

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.template.context import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from jieban.base import clock as base_clock
from jieban.cases.models import Case
from jieban.web.page import components, time_words
from jieban.web.page.list_columns import CaseColumn

register = template.Library()
SIMPLE_TAGS = (
    components.icon, components.shape, components.badge, components.state_badge, components.urgency,
    components.supervised, components.reopened,
)  # fmt: skip
for piece in SIMPLE_TAGS:
    register.simple_tag(piece)


def _now(context: Context) -> datetime:
    now = context.get("now")
    return now if isinstance(now, datetime) else base_clock.now()


@register.simple_tag(takes_context=True)
def clock(
    context: Context,
    due: datetime | None,
    start: datetime | None = None,
    met_at: datetime | None = None,
    paused: bool = False,
    label: str = "",
) -> SafeString:
    """Tag: a time limit in words, with its exact time on hover."""
    toned = time_words.clock_words(due, _now(context), start=start, met_at=met_at, paused=paused)
    return components.clock(toned, due, label)


@register.simple_tag(takes_context=True)
def case_clock(context: Context, case: Case) -> SafeString:
    """Tag: the time limit of a case that is running now; empty when none is."""
    return components.case_clock(case, _now(context))


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None) -> SafeString:
    """Tag: when something happened, in words; empty when it has not happened."""
    return components.when(at, _now(context))


@register.simple_tag(takes_context=True)
def until(context: Context, due: datetime) -> SafeString:
    """Tag: the time of a limit as plain text, 11月28日 24:00, without a tone."""
    return components.until(due, _now(context))


@register.simple_tag(takes_context=True)
def cells(context: Context, columns: Sequence[CaseColumn], case: Case) -> SafeString:
    """Tag: the table cells of a case, one for each column; a template would have to find the column of each cell."""
    now = _now(context)
    return format_html_join(
        "", '<td class="{}">{}</td>\n', ((column.css, column.draw(case, now)) for column in columns)
    )
