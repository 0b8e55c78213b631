"""Action cards that do not change the state: reminders, orders, corrections, supplements. Pure."""

from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card import ActionCard, EventFacts, OnPage
from jieban.cases.flow.cards.card_fields import (
    CategoryRef,
    Choice,
    DateTime,
    GradeChoice,
    Label,
    PlaceRef,
    Text,
    YesNo,
)
from jieban.cases.flow.enums import TakeOverBy
from jieban.cases.flow.states import Nature, Urgency


def _taken_over(event: EventFacts) -> Label:
    return _("提办：%s") % event.label("by", TakeOverBy)


def _marked_urgent(event: EventFacts) -> Label:
    if not event.facts.get("urgency"):
        return Action.MARK_URGENT.label
    return _("紧急程度：%s") % event.label("urgency", Urgency)


CARDS = (
    ActionCard(
        action=Action.REMIND,
        fields=(Text("text", _("内容")),),
        page=OnPage(290, _("催办"), key="R"),
        requester_sees=True,
        requester_reads=True,
        notifies=("remind",),
    ),
    ActionCard(
        action=Action.SUPERVISE,
        fields=(Text("text", _("督办要求")), DateTime("answer_by", _("反馈时限"), required=False)),
        page=OnPage(300, _("下达督办"), key="D"),
        notifies=("supervise",),
    ),
    ActionCard(
        action=Action.ESCALATE,
        fields=(Text("text", _("内容")),),
        page=OnPage(310, _("提级"), key="L"),
        notifies=("escalate",),
    ),
    ActionCard(
        action=Action.TAKE_OVER,
        fields=(Choice("by", _("由谁提办"), of=TakeOverBy), Text("text", _("要求"))),
        page=OnPage(320, _("提办"), key="O"),
        sentence=_taken_over,
        notifies=("take_over",),
    ),
    ActionCard(
        action=Action.RECLASSIFY,
        fields=(
            CategoryRef("category", _("分类"), required=False, from_case=True),
            PlaceRef("place", _("地点"), required=False, from_case=True),
            Choice("nature", _("性质"), of=Nature, as_list=True, required=False, from_case=True),
            GradeChoice(
                "grade",
                _("难易"),
                required=False,
                from_case=True,
                help=_("改了难易程度，时限按新的程度从受理时起算。"),
            ),
            YesNo("sensitive", _("敏感，控制知悉范围"), required=False, from_case=True),
            YesNo("is_property", _("涉物业服务"), required=False, from_case=True),
            Text("reason", _("更正理由"), required=False),
        ),
        page=OnPage(270, _("保存更正"), key="C"),
    ),
    ActionCard(
        action=Action.MARK_URGENT,
        fields=(
            Choice("urgency", _("紧急程度"), of=Urgency, from_case=True),
            Text("text", _("理由"), help=_("标为“危及生命安全”时，系统立即报告值班领导。")),
        ),
        page=OnPage(280, _("保存"), key="U"),
        sentence=_marked_urgent,
        notifies=("danger",),
    ),
    ActionCard(
        action=Action.SUPPLEMENT,
        fields=(Text("text", _("内容")),),
        page=OnPage(360, _("保存补充")),
        requester_sees=True,
        requester_reads=True,
        notifies=("supplemented",),
    ),
)
