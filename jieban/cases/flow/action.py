"""Enumeration of the actions on a case, and of the ties between actor and case that they require. Pure; no database."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from jieban.base.labelled import LabelledEnum


class Action(LabelledEnum):
    """Every action on a case. The value is its name in the API."""

    RECEIVE = "receive", _("受理")
    ANSWER_NOW = "answer_now", _("即时答复")
    DECLINE = "decline", _("不予受理")
    HAND_OVER = "hand_over", _("移交紧急服务")
    MERGE = "merge", _("并案")
    UNMERGE = "unmerge", _("撤销并案")
    SPLIT = "split", _("拆分")
    DISPATCH = "dispatch", _("派单")
    SIGN = "sign", _("签收")
    HAND_DOWN = "hand_down", _("下派")
    WHISTLE = "whistle", _("吹哨")
    ARRIVE = "arrive", _("报到")
    CO_REPORT = "co_report", _("协办回复")
    DISPUTE = "dispute", _("退单")
    SETTLE = "settle", _("裁定")
    RECORD_VISIT = "record_visit", _("记录见面")
    REQUEST_EXTENSION = "request_extension", _("申请延期")
    PUT_ON_ACCOUNT = "put_on_account", _("挂账")
    GRANT = "grant", _("同意申请")
    REFUSE = "refuse", _("不同意申请")
    REVIEW = "review", _("挂账复核")
    RESUME = "resume", _("恢复办理")
    REPORT_RESULT = "report_result", _("报结")
    SEND_BACK = "send_back", _("退回重办")
    VISIT_BACK = "visit_back", _("回访")
    CHECK = "check", _("现场核查")
    CLOSE = "close", _("结案")
    REOPEN = "reopen", _("重新办理")
    REMIND = "remind", _("催办")
    SUPERVISE = "supervise", _("督办")
    ESCALATE = "escalate", _("提级")
    TAKE_OVER = "take_over", _("提办")
    RECLASSIFY = "reclassify", _("更正分类")
    MARK_URGENT = "mark_urgent", _("标为紧急")
    ADD_NOTE = "add_note", _("备注")
    ATTACH = "attach", _("添加附件")
    WITHDRAW = "withdraw", _("撤诉")
    SUPPLEMENT = "supplement", _("补充情况")
    PUBLISH = "publish", _("公开诉求")
    UNPUBLISH = "unpublish", _("撤下公开")
    SUPPORT = "support", _("支持诉求")
    WARN = "warn", _("时限提醒")
    RECOMPUTE_DUE = "recompute_due", _("重算时限")
    ERASE = "erase", _("清除个人信息")


class Requires(StrEnum):
    """Tie that an action requires between the actor and the case, besides the role."""

    NONE = "none"
    REQUESTER = "requester"
    LEAD = "lead"
    SIGNER = "signer"  # the new lead where a reassignment waits for its signature, else the lead
    SHARE = "share"  # co-handler, child unit or property company
    HANDLER = "handler"  # the lead or any who share the work
    WHISTLED = "whistled"
    TAKER = "taker"  # the operator who received it, in the same call
    LEAD_OR_NOT_UNIT = "lead_or_not_unit"  # handling units need a part in the case
