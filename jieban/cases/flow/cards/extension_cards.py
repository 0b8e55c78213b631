"""Action cards of extensions and the account: requests of a unit, and decisions of the supervisor. Pure."""

from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card import EVERY_STATE, ActionCard, EventFacts, OnPage
from jieban.cases.flow.cards.card_fields import Choice, DateTime, Day, Label, Line, Text
from jieban.cases.flow.enums import AccountReason, RequestKind


def _extension_asked(event: EventFacts) -> Label:
    return _("申请延期至%s") % event.due("new_due_at")


def _account_asked(event: EventFacts) -> Label:
    return _("申请挂账：%s") % event.label("reason_code", AccountReason)


def _granted(event: EventFacts) -> Label:
    return _decided(event, _("同意"))


def _refused(event: EventFacts) -> Label:
    return _decided(event, _("不同意"))


def _decided(event: EventFacts, decision: Label) -> Label:
    return _("%(decision)s%(asked)s") % {
        "decision": decision,
        "asked": event.label("asks", RequestKind),
    }


CARDS = (
    ActionCard(
        action=Action.REQUEST_EXTENSION,
        fields=(
            DateTime("new_due_at", _("延至")),
            Text("reason", _("延期理由"), help=_("来电人会知道延期和新的时限。")),
        ),
        page=OnPage(200, _("申请延期"), key="E"),
        sentence=_extension_asked,
    ),
    ActionCard(
        action=Action.PUT_ON_ACCOUNT,
        fields=(
            Choice("reason_code", _("挂账原因"), of=AccountReason),
            Text("plan", _("下一步计划")),
            Line("responsible", _("责任人"), longest=60),
            Day("review_on", _("复核日期")),
        ),
        page=OnPage(210, _("提交挂账"), key="G"),
        sentence=_account_asked,
        notifies=("on_account",),
    ),
    ActionCard(
        action=Action.GRANT,
        fields=(Text("text", _("意见"), required=False),),
        page=OnPage(90, _("同意"), main_in=EVERY_STATE),
        sentence=_granted,
        requester_sees=True,
        notifies=("extended", "on_account"),
    ),
    ActionCard(
        action=Action.REFUSE,
        fields=(Text("text", _("内容")),),
        page=OnPage(100, _("不同意"), key="F"),
        sentence=_refused,
        notifies=("refused",),
    ),
    ActionCard(
        action=Action.REVIEW,
        fields=(Text("text", _("复核情况")), Day("review_on", _("下次复核日期"))),
        page=OnPage(130, _("记录复核"), main_in=EVERY_STATE),
    ),
    ActionCard(
        action=Action.RESUME,
        fields=(Text("text", _("内容")),),
        page=OnPage(140, _("恢复办理"), _("恢复后时限按挂账的时间顺延。")),
        requester_sees=True,
    ),
)
