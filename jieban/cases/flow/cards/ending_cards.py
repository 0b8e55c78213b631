"""Action cards after the report: visit-back, check, closing, reopening, withdrawal, erasure. Pure."""

from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card import EVERY_STATE, ActionCard, EventFacts, OnPage
from jieban.cases.flow.cards.card_fields import Answer, Choice, Code, Label, Line, Photo, Text
from jieban.cases.flow.enums import Contacted, Satisfied, Solved
from jieban.cases.flow.states import State


def _visited_back(event: EventFacts) -> Label:
    if not event.facts.get("reached"):
        unreachable = event.facts.get("unreachable")
        return _("回访三次未联系上，记为无法联系") if unreachable else _("回访，无人接听")
    return _("回访：%(solved)s，%(satisfied)s") % {
        "solved": event.label("solved", Solved),
        "satisfied": event.label("satisfied", Satisfied),
    }


def _checked(event: EventFacts) -> Label:
    return _("现场核查：已解决") if event.facts.get("passed") else _("现场核查：没有解决")


CARDS = (
    ActionCard(
        action=Action.SEND_BACK,
        fields=(Text("reason", _("理由")),),
        page=OnPage(150, _("退回重办")),
        requester_sees=True,
        notifies=("sent_back",),
    ),
    # Callers and requesters have their own pages for it.
    ActionCard(
        action=Action.VISIT_BACK,
        fields=(
            Answer("reached", _("接通")),
            Choice("contacted", _("是否联系"), of=Contacted, required=False),
            Choice("solved", _("是否解决"), of=Solved, required=False),
            Choice("satisfied", _("是否满意"), of=Satisfied, required=False),
            Text("remark", _("备注"), required=False),
            Code("recording", _("录音编号"), required=False),
            Text("off_hours", _("非时段回访原因"), required=False, in_api=False),
        ),
        sentence=_visited_back,
        requester_sees=True,
        requester_reads=True,
    ),
    ActionCard(
        action=Action.CHECK,
        fields=(
            Answer("passed", _("核查结论"), yes=_("已解决"), no=_("没有解决")),
            Text("text", _("核查情况")),
            Photo("photo", _("现场照片")),
        ),
        page=OnPage(120, _("提交核查"), main_in=EVERY_STATE),
        sentence=_checked,
        function="check_with_photo",
    ),
    ActionCard(
        action=Action.CLOSE,
        page=OnPage(110, _("结案"), main_in=EVERY_STATE),
        requester_sees=True,
        notifies=("closed", "supported_closed"),
    ),
    ActionCard(
        action=Action.REOPEN,
        fields=(Text("text", _("哪里还没有解决")),),
        page=OnPage(160, _("重新办理"), main_in=frozenset({State.CLOSED})),
        requester_sees=True,
        requester_reads=True,
        notifies=("reopened",),
    ),
    ActionCard(
        action=Action.WITHDRAW,
        fields=(Text("reason", _("撤诉原因"), required=False),),
        page=OnPage(350, _("撤诉"), _("撤诉后不再办理。")),
        requester_sees=True,
        requester_reads=True,
    ),
    ActionCard(
        action=Action.ERASE,
        fields=(Line("ground", _("清除依据"), help=_("清除后不能恢复。")),),
        page=OnPage(390, _("清除个人信息")),
    ),
)
