"""Message types about cases; each is declared once, and passed to the outbox where it is sent."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from jieban.channels.message_types import MessageType, Recipient, Wordings, bilingual, register

STAFF = frozenset({Recipient.STAFF})
REQUESTER = frozenset({Recipient.REQUESTER})
# Followers called about somebody else's case: they get text messages about it, but cannot open it.
FOLLOWERS = frozenset({Recipient.REQUESTER, Recipient.FOLLOWER})

# Escalation messages for the person who answers for a unit, by the message that found nobody on duty there.
UNATTENDED: dict[MessageType, MessageType] = {}


def _declare(
    code: str,
    recipients: frozenset[Recipient],
    sentence: str | Promise,
    tone: str,
    label: str | Promise = "",
    **texts: Wordings,
) -> MessageType:
    worded = {Recipient(name): wordings for name, wordings in texts.items()}
    return register(MessageType(code, recipients, sentence, tone, worded, label=label))


def _declare_task(
    code: str,
    sentence: str | Promise,
    tone: str,
    recipients: frozenset[Recipient] = STAFF,
    label: str | Promise = "",
    **texts: Wordings,
) -> MessageType:
    """Declares a message that needs a reaction also outside office hours, and its escalation when nobody is on duty."""
    kind = _declare(code, recipients, sentence, tone, label, **texts)
    unattended = format_lazy(_("{}；该单位此时无人值班，请您处置"), sentence)
    UNATTENDED[kind] = _declare(f"no_duty.{code}", STAFF, unattended, "red")
    return kind


DANGER = _declare("danger", STAFF, _("有生命或安全危险，请立即处置"), "red")
DISPATCHED = _declare_task(
    "dispatched", _("派来一件，请签收"), "blue", STAFF | FOLLOWERS, _("已派单"),
    requester=bilingual(
        "【接办】您的诉求（{单号}）已派给承办单位，工作人员会与您联系。",
        "[Jieban] Your request {单号} has been assigned to the responsible unit. Staff will contact you.",
    ),
    follower=bilingual(
        "【接办】您来电反映的事项（{单号}）已派给承办单位，正在办理。",
        "[Jieban] The matter you called about ({单号}) has been assigned to the responsible unit and is being handled.",
    ),
)  # fmt: skip
HANDED_DOWN = _declare_task("handed_down", _("下派一件，请办理"), "blue")
WHISTLED = _declare_task("whistled", _("街道吹哨，请报到"), "amber")
SENT_BACK = _declare_task("sent_back", _("退回重办"), "amber")
REOPENED = _declare_task("reopened", _("重新办理"), "amber")
REMIND = _declare_task("remind", _("催办"), "amber")
SUPERVISE = _declare_task("supervise", _("督办"), "amber")
ESCALATE = _declare_task("escalate", _("提级"), "amber")
TAKE_OVER = _declare_task("take_over", _("提办"), "amber")
CO_REPORTED = _declare("co_reported", STAFF, _("协办单位已回复"), "grey")
REFUSED = _declare("refused", STAFF, _("申请没有同意"), "amber")
SUPPLEMENTED = _declare("supplemented", STAFF, _("诉求人补充了情况"), "amber")

RECEIVED = _declare(
    "received", REQUESTER, _("已受理"), "grey",
    requester=bilingual(
        "【接办】您的诉求已受理，单号{单号}。凭单号和手机号可在网页查询，或拨打12345。",
        "[Jieban] Your request is received, No. {单号}. Check it online with this number and your mobile number, "
        "or call 12345.",
    ),
)  # fmt: skip
DECLINED = _declare("declined", REQUESTER, _("不予受理"), "grey")
ON_ACCOUNT = _declare("on_account", REQUESTER, _("暂时解决不了，已挂账"), "grey")
EXTENDED = _declare("extended", REQUESTER, _("办理时间延长"), "grey")
RESULT_REPORTED = _declare(
    "result_reported", FOLLOWERS, _("单位已报结，等待回访"), "grey",
    requester=bilingual(
        "【接办】您的诉求（{单号}）已有办理结果，请在网页查看并评价，或等候回访。",
        "[Jieban] Your request {单号} has a result. Please see and rate it online, or wait for our follow-up call.",
    ),
    follower=bilingual(
        "【接办】您来电反映的事项（{单号}）已有办理结果，可拨打12345了解。",
        "[Jieban] The matter you called about ({单号}) has a result. Call 12345 to learn more.",
    ),
)  # fmt: skip
CLOSED = _declare(
    "closed", FOLLOWERS, _("已结案"), "grey",
    requester=bilingual(
        "【接办】您的诉求（{单号}）已结案。如仍有问题，可在网页或拨打12345要求重新办理。",
        "[Jieban] Your request {单号} is closed. If the problem remains, ask to reopen it online or by calling 12345.",
    ),
    follower=bilingual(
        "【接办】您来电反映的事项（{单号}）已结案。如仍有问题，请拨打12345。",
        "[Jieban] The matter you called about ({单号}) is closed. If the problem remains, please call 12345.",
    ),
)  # fmt: skip
SUPPORTED_CLOSED = _declare(
    "supported_closed", frozenset({Recipient.FOLLOWER}), _("支持的公开诉求已结案"), "grey",
    follower=bilingual(
        "【接办】您支持的公开诉求（{单号}）已结案，结果可在网页查看。",
        "[Jieban] The public request you supported ({单号}) is closed. You can see the result online.",
    ),
)  # fmt: skip

# By the key of a due warning; all that come before the limit have the same sentence.
WARNINGS = {
    key: _declare(f"warn.{key}", STAFF, sentence, tone)
    for key, sentence, tone in (
        ("contact.half", _("时限提醒"), "amber"),
        ("contact.fifths", _("时限提醒"), "amber"),
        ("contact.overdue", _("超过联系时限"), "red"),
        ("finish.half", _("时限提醒"), "amber"),
        ("finish.fifths", _("时限提醒"), "amber"),
        ("finish.overdue", _("超过办结时限"), "red"),
        ("visit_back.due", _("时限提醒"), "amber"),
        ("visit_back.overdue", _("超过回访时限"), "red"),
        ("review.due", _("时限提醒"), "amber"),
        ("review.overdue", _("超过复核日期"), "red"),
        ("auto_close.due", _("时限提醒"), "amber"),
    )
}
