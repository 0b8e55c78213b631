"""Action cards of responsibility: dispatch, signature, handing down, whistle, dispute and settlement. Pure."""

from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card import EVERY_STATE, ActionCard, EventFacts, OnPage
from jieban.cases.flow.cards.card_fields import (
    Choice,
    DateTime,
    Label,
    Line,
    Text,
    UnitGroup,
    UnitRef,
    UnitRefs,
)
from jieban.cases.flow.enums import SettleOutcome, WhistleKind


def _dispatched(event: EventFacts) -> Label:
    sentence = _("派单给%s") % event.unit("lead")
    sentence += _("，协办：%s") % event.units("co_handlers") if event.facts.get("co_handlers") else ""
    return sentence + (_("，同时派给%s") % event.unit("property") if event.unit("property") else "")


def _signed(event: EventFacts) -> Label:
    return _("签收（超过签收时限）") if event.facts.get("late") else _("签收")


def _handed_down(event: EventFacts) -> Label:
    return _("下派给%s") % event.unit("unit")


def _whistled(event: EventFacts) -> Label:
    return _("吹哨（%(kind)s），请%(units)s报到") % {
        "kind": event.label("kind", WhistleKind),
        "units": event.units("units"),
    }


def _disputed(event: EventFacts) -> Label:
    return _("退单，建议由%s办理") % event.unit("proposed") if event.unit("proposed") else _("退单")


def _settled(event: EventFacts) -> Label:
    reassigned = event.facts.get("outcome") == SettleOutcome.REASSIGN
    who = event.unit("lead") if reassigned else event.units("co_handlers")
    sentence = _("裁定：%(outcome)s") % {"outcome": event.label("outcome", SettleOutcome)}
    return sentence + (f"（{who}）" if who else "")


CARDS = (
    ActionCard(
        action=Action.DISPATCH,
        fields=(
            UnitRef("lead", _("主办单位"), group=UnitGroup.MAY_LEAD),
            UnitRefs(
                "co_handlers",
                _("协办单位"),
                group=UnitGroup.MAY_LEAD,
                required=False,
                help=_("可选多个。"),
            ),
            UnitRef("property", _("同时派给物业"), group=UnitGroup.COMPANIES, required=False),
            Text("note", _("派单意见"), required=False),
        ),
        page=OnPage(20, _("派单"), main_in=EVERY_STATE, in_bulk=True),
        sentence=_dispatched,
        requester_sees=True,
        company_reads=True,
        notifies=("dispatched",),
    ),
    ActionCard(
        action=Action.SIGN,
        page=OnPage(
            30,
            _("签收"),
            _("签收后由本单位负责到底。不属于本单位职责的，请退单。"),
            main_in=EVERY_STATE,
        ),
        sentence=_signed,
        requester_sees=True,
    ),
    ActionCard(
        action=Action.HAND_DOWN,
        fields=(
            UnitRef("unit", _("下派给"), group=UnitGroup.CHILDREN),
            DateTime("due_at", _("要求完成时间"), required=False, help=_("不填则按本件剩余时间折算。")),
            Text("note", _("要求"), required=False),
        ),
        page=OnPage(170, _("下派"), key="H"),
        sentence=_handed_down,
        company_reads=True,
        notifies=("handed_down",),
    ),
    ActionCard(
        action=Action.WHISTLE,
        fields=(
            Choice("kind", _("吹哨类型"), of=WhistleKind),
            UnitRefs("units", _("请哪些部门报到"), group=UnitGroup.MAY_BE_CALLED, help=_("可选多个。")),
            Line("place", _("集合地点")),
            DateTime("meet_at", _("集合时间")),
        ),
        page=OnPage(180, _("吹哨"), key="W"),
        sentence=_whistled,
        notifies=("whistled",),
    ),
    ActionCard(
        action=Action.ARRIVE,
        fields=(Line("place", _("报到地点")),),
        page=OnPage(50, _("报到"), main_in=EVERY_STATE),
    ),
    ActionCard(
        action=Action.DISPUTE,
        fields=(
            Text(
                "reason",
                _("退单理由"),
                help=_("写明为什么不属于本单位职责，依据是什么。裁定前仍须继续办理。"),
            ),
            UnitRef("proposed", _("建议由哪个单位办理"), group=UnitGroup.MAY_LEAD, required=False),
        ),
        page=OnPage(190, _("提出退单"), key="T"),
        sentence=_disputed,
    ),
    ActionCard(
        action=Action.SETTLE,
        fields=(
            Choice("outcome", _("裁定结果"), of=SettleOutcome),
            UnitRef(
                "lead",
                _("改派给"),
                group=UnitGroup.MAY_LEAD,
                required=False,
                help=_("选“改派”时填写；不填则用退单单位建议的单位。"),
            ),
            UnitRefs(
                "co_handlers",
                _("协办单位"),
                group=UnitGroup.MAY_LEAD,
                required=False,
                help=_("选“联办”时填写。"),
            ),
            Text("text", _("裁定理由")),
        ),
        page=OnPage(40, _("作出裁定"), main_in=EVERY_STATE),
        sentence=_settled,
        notifies=("dispatched",),
    ),
)
