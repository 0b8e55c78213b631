"""Small pieces of a page as HTML: icons, badges, limits and moments. The tags of templates and long lists use them."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jieban.base import clock as base_clock
from jieban.cases.flow.states import Urgency
from jieban.cases.models import Case
from jieban.web.page import state_tones, time_words

EMPTY_HTML = SafeString("")


# The same few stand at every row of a list.
@lru_cache(maxsize=500)
def icon(name: str) -> SafeString:
    """A drawing of the sprite beside words; it says nothing by itself."""
    return _svg_use("icon", static("vendor/icons.svg"), name)


@lru_cache(maxsize=500)
def shape(name: str, css: str = "shape") -> SafeString:
    """The shape that goes with a tone."""
    return _svg_use(css, static("jieban/shapes.svg"), name)


def _svg_use(css: str, file: str, name: str) -> SafeString:
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, file, name)


def badge(text: Any, tone: str = "grey") -> SafeString:
    """A few words in one of the five tones."""
    return _cached_badge(str(text), tone)


@lru_cache(maxsize=500)
def _cached_badge(text: str, tone: str) -> SafeString:
    return format_html(
        '<span class="state tone-{}">{}{}</span>', tone, shape(time_words.TONE_SHAPES[tone]), text
    )


def state_badge(state: str) -> SafeString:
    """The state of a case."""
    return badge(*state_tones.label_and_tone(state))


def urgency(case: Case) -> SafeString:
    """A badge where the case is urgent or a life is in danger."""
    tone = {Urgency.LIFE: "red", Urgency.URGENT: "amber"}.get(Urgency(case.urgency))
    return badge(case.get_urgency_display(), tone) if tone else EMPTY_HTML


def supervised(case: Case) -> SafeString:
    """A badge where the supervisor has given an order."""
    return badge(_("督办"), "amber") if case.supervised else EMPTY_HTML


def reopened(case: Case) -> SafeString:
    """A badge where the case was taken up again."""
    return badge(_("重办"), "amber") if case.reopened_count else EMPTY_HTML


def clock(said: time_words.TonedText, due: datetime | None, label: str = "") -> SafeString:
    """A time limit in words, with its exact instant on hover."""
    inner = format_html("{}{}{}", shape(said.shape), f"{label} " if label else "", said.text)
    if due is None:
        return format_html('<span class="state tone-{}">{}</span>', said.tone, inner)
    return format_html(
        '<time class="state tone-{}" datetime="{}" title="{}">{}</time>',
        said.tone,
        base_clock.local(due).isoformat(),
        time_words.exact_due_words(due),
        inner,
    )


def case_clock(case: Case, now: datetime) -> SafeString:
    """The limit of a case that runs now; nothing where none does."""
    limit = state_tones.running_limit(case)
    if limit is None:
        return EMPTY_HTML
    said = time_words.clock_words(limit.due, now, start=limit.start, paused=limit.paused)
    return clock(said, limit.due, limit.label)


def when(at: datetime | None, now: datetime) -> SafeString:
    """When something happened, in words; nothing where it has not."""
    if at is None:
        return EMPTY_HTML
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        base_clock.local(at).isoformat(),
        time_words.exact_words(at),
        time_words.when_words(at, now),
    )


def until(due: datetime, now: datetime) -> SafeString:
    """The instant of a limit as running text, 11月28日 24:00, without tone."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        base_clock.local(due).isoformat(),
        time_words.exact_due_words(due),
        time_words.due_words(due, now),
    )
