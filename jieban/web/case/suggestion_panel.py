"""What was read in a case's words, on its page: what to take over with a key, and the words that led there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jieban.cases.access import offers
from jieban.cases.checks.proposal import Proposal, ProposedValue
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import State
from jieban.cases.models import Case
from jieban.cases.suggestions import readings
from jieban.registry.identity.posts import Actor
from jieban.web.page.highlight import highlight_words

FIELD_LABELS: dict[str, str | Promise] = {
    "place": gettext_lazy("地点"), "category": gettext_lazy("分类"), "nature": gettext_lazy("性质"),
    "urgency": gettext_lazy("紧急程度"), "sensitive": gettext_lazy("知悉范围"), "grade": gettext_lazy("难易"),
    "is_property": gettext_lazy("物业"),
}  # fmt: skip
UNSURE, DOUBTFUL = gettext_lazy("不确定，请选一个"), gettext_lazy("不确定，请核对")
TENTHS = gettext_lazy("一二三四五六七八九")
ALL_KEY, URGENT_KEY, CALM_KEY = "Y", "Z", "Q"


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A field with what may stand there: each option with what its button sends, and the key that presses it."""

    label: str | Promise
    choose: str | Promise
    options: list[tuple[ProposedValue, dict[str, str], str]]
    url: str


def doubt_text(one: Proposal) -> str | Promise:
    """What is said where the first option may not stand alone."""
    if one.sure:
        return ""
    said = UNSURE if len(one.among) > 1 else DOUBTFUL
    return (
        _("%(said)s；%(how_far)s") % {"said": said, "how_far": confidence_text(one)}
        if one.calibration
        else said
    )


def confidence_text(one: Proposal) -> str:
    """The confidence in words, to a tenth, and whether it is one that is only expected."""
    tenths = str(TENTHS)
    said = tenths[min(max(round((one.confidence or 0) * 10), 1), len(tenths)) - 1]
    return (_("把握约%s成（初始估计）") if one.is_prior else _("把握约%s成")) % said


def readings_context(case: Case, actor: Actor, at: datetime, said: str, desk: str = "") -> dict[str, Any]:
    """What the page offers to take over while the case waits to be dispatched; nothing for who may not."""
    if case.state != State.RECEIVED or not offers.is_possible(Action.RECLASSIFY, case, actor, at):
        return {}
    offer = readings.open_proposals(case)
    lines = [_reading_row(case, one, desk) for one in offer.proposals]
    together = _accept_all_values(offer.proposals)
    return {
        "read_lines": lines,
        "read_all": together,
        "read_all_url": _url(case, Action.RECLASSIFY, desk),
        "read_all_key": ALL_KEY,
        "said_marked": highlight_words(said, offer.words),
    }


def _reading_row(case: Case, one: Proposal, desk: str) -> ReadingRow:
    label, urgent = FIELD_LABELS[one.field], one.field == "urgency"
    do = Action.MARK_URGENT if urgent else Action.RECLASSIFY
    options = [(option, _button_values(one.field, option), "") for option in one.options]
    if urgent:
        option, sent, _key = options[0]
        options = [(option, sent, URGENT_KEY), _unchanged_option(case)]
    return ReadingRow(label, doubt_text(one), options, _url(case, do, desk))


def _unchanged_option(case: Case) -> tuple[ProposedValue, dict[str, str], str]:
    """Somebody has looked, and the case is as urgent as it was."""
    stays = ProposedValue(case.urgency, _("已核对，不改"), "")
    return stays, {"urgency": case.urgency, "text": _("已核对诉求内容，紧急程度不变")}, CALM_KEY


def _button_values(field: str, option: ProposedValue) -> dict[str, str]:
    sent = {field: option.value}
    # Danger is said with its reason, as by whoever writes it by hand.
    return sent | {"text": option.ground or _("按诉求内容")} if field == "urgency" else sent


def _accept_all_values(found: Sequence[Proposal]) -> dict[str, str]:
    """What one key takes over: all that needs no choice and is no cry of danger, which is looked at by itself."""
    return {one.field: one.first.value for one in found if one.sure and one.field != "urgency"}


def _url(case: Case, do: Action, desk: str) -> str:
    url = reverse("act", args=[case.number, do.value])
    return f"{url}?{urlencode({'desk': desk})}" if desk else url
