"""Action cards of a responsible unit: visits, answers, the reported result, notes and files. Pure."""

from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card import EVERY_STATE, ActionCard, EventFacts, OnPage, choice_label
from jieban.cases.flow.cards.card_fields import Choice, Choices, Files, Label, Mark, Papers, Text
from jieban.cases.flow.enums import VisitKind, VisitWay

PAPERS = Papers("papers", _("照片或文件"), required=False, in_api=False)


def _visited(event: EventFacts) -> Label:
    kinds = "、".join(choice_label(VisitKind, kind) for kind in event.facts.get("kinds", ()))
    return f"{kinds}（{event.label('way', VisitWay)}）"


CARDS = (
    ActionCard(
        action=Action.RECORD_VISIT,
        fields=(
            Choices("kinds", _("哪一访"), of=VisitKind),
            Choice("way", _("方式"), of=VisitWay, initial=VisitWay.PHONE),
            Text("said", _("来电人怎么说"), help=_("写原话的意思。")),
            PAPERS,
        ),
        page=OnPage(60, _("保存见面记录"), key="V"),
        sentence=_visited,
        requester_sees=True,
    ),
    ActionCard(
        action=Action.CO_REPORT,
        fields=(
            Text("text", _("协办回复"), help=_("写明结果；没有办完的，写明原因和办到哪一步。")),
            PAPERS,
        ),
        page=OnPage(70, _("回复主办单位"), main_in=EVERY_STATE),
        company_reads=True,
        notifies=("co_reported",),
    ),
    ActionCard(
        action=Action.REPORT_RESULT,
        fields=(
            Text(
                "text",
                _("办理结果"),
                rows=6,
                help=_("写明做了什么、谁做的、什么时候、依据是什么。来电人会看到。"),
            ),
            PAPERS,
            # "yes" for a text that began as a machine's draft; recorded in the history.
            Mark("drafted", required=False, in_api=False),
        ),
        page=OnPage(80, _("报结"), key="B"),
        requester_sees=True,
        requester_reads=True,
        company_reads=True,
        notifies=("result_reported",),
    ),
    ActionCard(
        action=Action.ADD_NOTE,
        fields=(Text("text", _("内容")), PAPERS),
        page=OnPage(340, _("保存备注"), _("备注不给来电人看。"), key="N"),
    ),
    ActionCard(
        action=Action.ATTACH,
        fields=(Files("file", _("照片或文件"), argument="files"),),
        page=OnPage(330, _("上传"), key="P"),
        function="attach_all",
    ),
)
