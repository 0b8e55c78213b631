"""Time, state and icons in templates. `now` is taken from the context where a view has set it."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jieban.base import clock as base_clock
from jieban.cases.models import Case
from jieban.web import states, words

register = template.Library()


def _now(context: Context) -> datetime:
    now = context.get("now")
    return now if isinstance(now, datetime) else base_clock.now()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing of the sprite beside words; it says nothing by itself."""
    return _drawing("icon", static("vendor/icons.svg"), name)


@register.simple_tag
def shape(name: str, css: str = "shape") -> SafeString:
    """The shape that goes with a tone."""
    return _drawing(css, static("jieban/shapes.svg"), name)


@lru_cache(maxsize=500)
def _drawing(css: str, file: str, name: str) -> SafeString:
    """The same few stand at every row of a list."""
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, file, name)


@register.simple_tag
def badge(text: Any, tone: str = "grey") -> SafeString:
    """A few words in one of the five tones."""
    return format_html('<span class="state tone-{}">{}{}</span>', tone, shape(words.SHAPES[tone]), text)


@register.simple_tag
def state_badge(state: str) -> SafeString:
    """The state of a case."""
    return badge(*states.shown(state))


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
    said = words.clock_words(due, _now(context), start=start, met_at=met_at, paused=paused)
    inner = format_html("{}{}{}", shape(said.shape), f"{label} " if label else "", said.text)
    if due is None:
        return format_html('<span class="state tone-{}">{}</span>', said.tone, inner)
    return format_html(
        '<time class="state tone-{}" datetime="{}" title="{}">{}</time>',
        said.tone,
        base_clock.local(due).isoformat(),
        words.exact_due_words(due),
        inner,
    )


@register.simple_tag(takes_context=True)
def case_clock(context: Context, case: Case) -> SafeString:
    """The limit of a case that runs now; nothing where none does."""
    limit = states.limit_of(case)
    if limit is None:
        return SafeString("")
    return clock(context, limit.due, limit.start, paused=limit.paused, label=limit.label)


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None) -> SafeString:
    """When something happened, in words; nothing where it has not."""
    if at is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        base_clock.local(at).isoformat(),
        words.exact_words(at),
        words.when_words(at, _now(context)),
    )


@register.simple_tag(takes_context=True)
def until(context: Context, due: datetime) -> SafeString:
    """The instant of a limit as running text, 11月28日 24:00, without tone."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        base_clock.local(due).isoformat(),
        words.exact_due_words(due),
        words.due_words(due, _now(context)),
    )
