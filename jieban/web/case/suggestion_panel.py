"""Suggestion panel: proposals read from a case's text, each with its key and the words that it is based on."""

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
    """Row of one field: each option with the form data that its button sends, and its key."""

    label: str | Promise
    choose: str | Promise
    options: list[tuple[ProposedValue, dict[str, str], str]]
    url: str


def doubt_text(one: Proposal) -> str | Promise:
    """Warning beside a proposal that must not be accepted without a choice; empty when it is sure."""
    if one.sure:
        return ""
    doubt = UNSURE if len(one.among) > 1 else DOUBTFUL
    return (
        _("%(said)s；%(how_far)s") % {"said": doubt, "how_far": confidence_text(one)}
        if one.calibration
        else doubt
    )


def confidence_text(one: Proposal) -> str:
    """The confidence in words, to a tenth; says so when it is an initial estimate."""
    tenths = str(TENTHS)
    tenth = tenths[min(max(round((one.confidence or 0) * 10), 1), len(tenths)) - 1]
    return (_("把握约%s成（初始估计）") if one.is_prior else _("把握约%s成")) % tenth


def readings_context(case: Case, actor: Actor, at: datetime, text: str, desk: str = "") -> dict[str, Any]:
    """Template context of the panel while the case waits for dispatch; empty for a post that may not change it."""
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
        "said_marked": highlight_words(text, offer.words),
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
    """Option to confirm that the case is as urgent as it was."""
    stays = ProposedValue(case.urgency, _("已核对，不改"), "")
    return stays, {"urgency": case.urgency, "text": _("已核对诉求内容，紧急程度不变")}, CALM_KEY


def _button_values(field: str, option: ProposedValue) -> dict[str, str]:
    sent = {field: option.value}
    # A danger is recorded with its reason, as somebody would who marks it by hand.
    return sent | {"text": option.ground or _("按诉求内容")} if field == "urgency" else sent


def _accept_all_values(proposals: Sequence[Proposal]) -> dict[str, str]:
    """The values that one key accepts together: those without a choice; danger to life is accepted by itself."""
    return {one.field: one.first.value for one in proposals if one.sure and one.field != "urgency"}


def _url(case: Case, do: Action, desk: str) -> str:
    url = reverse("act", args=[case.number, do.value])
    return f"{url}?{urlencode({'desk': desk})}" if desk else url
