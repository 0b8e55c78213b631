"""HTML components: icons, badges, time limits and times. Template tags use them, and views that build long lists."""

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


# Cached: every row of a list uses the same few.
@lru_cache(maxsize=500)
def icon(name: str) -> SafeString:
    """An icon of the SVG sprite; it stands beside words and means nothing without them."""
    return _svg_use("icon", static("vendor/icons.svg"), name)


@lru_cache(maxsize=500)
def shape(name: str, css: str = "shape") -> SafeString:
    """The shape that belongs to a tone."""
    return _svg_use(css, static("jieban/shapes.svg"), name)


def _svg_use(css: str, file: str, name: str) -> SafeString:
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, file, name)


def badge(text: Any, tone: str = "grey") -> SafeString:
    """A badge: a few words in one of the five tones."""
    return _cached_badge(str(text), tone)


@lru_cache(maxsize=500)
def _cached_badge(text: str, tone: str) -> SafeString:
    return format_html(
        '<span class="state tone-{}">{}{}</span>', tone, shape(time_words.TONE_SHAPES[tone]), text
    )


def state_badge(state: str) -> SafeString:
    """The badge of a case's state."""
    return badge(*state_tones.label_and_tone(state))


def urgency(case: Case) -> SafeString:
    """The badge of an urgent case or of one where lives are in danger; else empty."""
    tone = {Urgency.LIFE: "red", Urgency.URGENT: "amber"}.get(Urgency(case.urgency))
    return badge(case.get_urgency_display(), tone) if tone else EMPTY_HTML


def supervised(case: Case) -> SafeString:
    """The badge of a case with a supervision order; else empty."""
    return badge(_("督办"), "amber") if case.supervised else EMPTY_HTML


def reopened(case: Case) -> SafeString:
    """The badge of a reopened case; else empty."""
    return badge(_("重办"), "amber") if case.reopened_count else EMPTY_HTML


def clock(toned: time_words.TonedText, due: datetime | None, label: str = "") -> SafeString:
    """A time limit in words, with its exact time on hover."""
    inner = format_html("{}{}{}", shape(toned.shape), f"{label} " if label else "", toned.text)
    if due is None:
        return format_html('<span class="state tone-{}">{}</span>', toned.tone, inner)
    return format_html(
        '<time class="state tone-{}" datetime="{}" title="{}">{}</time>',
        toned.tone,
        base_clock.local(due).isoformat(),
        time_words.exact_due_words(due),
        inner,
    )


def case_clock(case: Case, now: datetime) -> SafeString:
    """The time limit of a case that is running now; empty when none is."""
    limit = state_tones.running_limit(case)
    if limit is None:
        return EMPTY_HTML
    toned = time_words.clock_words(limit.due, now, start=limit.start, paused=limit.paused)
    return clock(toned, limit.due, limit.label)


def when(at: datetime | None, now: datetime) -> SafeString:
    """When something happened, in words; empty when it has not happened."""
    if at is None:
        return EMPTY_HTML
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        base_clock.local(at).isoformat(),
        time_words.exact_words(at),
        time_words.when_words(at, now),
    )


def until(due: datetime, now: datetime) -> SafeString:
    """The time of a limit as plain text, 11月28日 24:00, without a tone."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        base_clock.local(due).isoformat(),
        time_words.exact_due_words(due),
        time_words.due_words(due, now),
    )
