"""Action cards of the reception: receive, answer, decline, hand over, merge, split. Pure."""

from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card import EVERY_STATE, ActionCard, EventFacts, OnPage
from jieban.cases.flow.cards.card_fields import (
    ArticleRef,
    CaseRef,
    Choice,
    DateTime,
    Label,
    Matters,
    Text,
    Tick,
)
from jieban.cases.flow.enums import DeclineReason, EmergencyService
from jieban.cases.flow.states import Channel


def _received(event: EventFacts) -> Label:
    return _("受理（%s）") % Channel(event.channel).label


def _answered(event: EventFacts) -> Label:
    if not event.facts.get("article_title"):
        return Action.ANSWER_NOW.label
    return _("即时答复（知识库《%(title)s》第 %(number)s 版）") % {
        "title": event.facts["article_title"],
        "number": event.facts.get("article_version", ""),
    }


def _declined(event: EventFacts) -> Label:
    return _("不予受理：%s") % event.label("reason", DeclineReason)


def _handed_over(event: EventFacts) -> Label:
    return _("移交 %s") % str(event.facts.get("service", ""))


def _merged(event: EventFacts) -> Label:
    return _("并入 %s") % str(event.facts.get("primary", ""))


def _split(event: EventFacts) -> Label:
    return _("拆分为 %s") % "、".join(event.facts.get("children", ()))


CARDS = (
    ActionCard(
        action=Action.RECEIVE,
        sentence=_received,
        requester_sees=True,
        notifies=("received", "danger"),
    ),
    ActionCard(
        action=Action.ANSWER_NOW,
        fields=(
            Text("text", _("答复内容"), help=_("来电人会看到。")),
            ArticleRef("answer_article", argument="article", required=False, in_api=False),
        ),
        page=OnPage(10, _("答复并结束"), key="A", main_in=EVERY_STATE),
        sentence=_answered,
        requester_sees=True,
        requester_reads=True,
    ),
    ActionCard(
        action=Action.DECLINE,
        fields=(
            Choice("reason", _("不予受理的理由"), of=DeclineReason, as_list=True),
            Text("told", _("告知来电人"), help=_("写明应当找哪里、怎么办理。")),
            Tick("danger", _("有安全隐患，同时报告值班领导"), required=False),
        ),
        page=OnPage(250, _("不予受理"), key="X"),
        sentence=_declined,
        requester_sees=True,
        requester_reads=True,
        notifies=("declined", "danger"),
    ),
    ActionCard(
        action=Action.HAND_OVER,
        fields=(
            Choice("service", _("移交给"), of=EmergencyService),
            DateTime("called_at", _("通话时间")),
            Text("said", _("通话内容"), help=_("写明与谁通话、说了什么。")),
        ),
        page=OnPage(260, _("记录移交")),
        sentence=_handed_over,
        requester_sees=True,
        notifies=("danger",),
    ),
    ActionCard(
        action=Action.MERGE,
        fields=(CaseRef("primary", _("主件单号"), help=_("并入哪一件，例如 2026112300417-6。")),),
        page=OnPage(220, _("并入主件"), key="M"),
        sentence=_merged,
        requester_sees=True,
    ),
    ActionCard(
        action=Action.UNMERGE,
        page=OnPage(230, _("撤销并案")),
        requester_sees=True,
    ),
    ActionCard(
        action=Action.SPLIT,
        fields=(
            Matters(
                "matters",
                _("各个事项"),
                help=_("每个事项写一段，两个事项之间空一行。每段的第一行作为主题。"),
            ),
        ),
        page=OnPage(240, _("拆分"), key="S"),
        sentence=_split,
        requester_sees=True,
    ),
)
