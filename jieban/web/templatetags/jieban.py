"""Time, state and icons in templates. `now` is taken from the context where a view has set it."""

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
    """A time limit in words, with its exact instant on hover."""
    said = time_words.clock_words(due, _now(context), start=start, met_at=met_at, paused=paused)
    return components.clock(said, due, label)


@register.simple_tag(takes_context=True)
def case_clock(context: Context, case: Case) -> SafeString:
    """The limit of a case that runs now; nothing where none does."""
    return components.case_clock(case, _now(context))


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None) -> SafeString:
    """When something happened, in words; nothing where it has not."""
    return components.when(at, _now(context))


@register.simple_tag(takes_context=True)
def until(context: Context, due: datetime) -> SafeString:
    """The instant of a limit as running text, 11月28日 24:00, without tone."""
    return components.until(due, _now(context))


@register.simple_tag(takes_context=True)
def cells(context: Context, columns: Sequence[CaseColumn], case: Case) -> SafeString:
    """What a list says of a case in these columns: a template would ask for each cell which column it is in."""
    now = _now(context)
    return format_html_join(
        "", '<td class="{}">{}</td>\n', ((column.css, column.draw(case, now)) for column in columns)
    )
