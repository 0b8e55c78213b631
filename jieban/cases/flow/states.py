"""Enumerations of kinds, states and natures of a case, and sets of states used by rules. Pure; no database.

Source: the domain book, section 3.1.
"""

from typing import Final

from django.utils.translation import gettext_lazy as _

from jieban.base.labelled import LabelledEnum


class CaseKind(LabelledEnum):
    APPEAL = "appeal", _("群众诉求")
    ENTERPRISE = "enterprise", _("企业诉求")
    PATROL = "patrol", _("巡查案件")


class State(LabelledEnum):
    RECEIVED = "received", _("已受理")
    DECLINED = "declined", _("不予受理")
    ANSWERED = "answered", _("即时答复")
    DISPATCHED = "dispatched", _("已派单")
    HANDLING = "handling", _("办理中")
    ON_ACCOUNT = "on_account", _("挂账")
    REPORTED = "reported", _("已报结")
    CLOSED = "closed", _("已结案")
    MERGED = "merged", _("已并案")
    SPLIT = "split", _("已拆分")
    WITHDRAWN = "withdrawn", _("已撤诉")


class Nature(LabelledEnum):
    CONSULT = "consult", _("咨询")
    HELP = "help", _("求助")
    COMPLAINT = "complaint", _("投诉")
    REPORT = "report", _("举报")
    SUGGESTION = "suggestion", _("建议")
    PRAISE = "praise", _("表扬")


class Urgency(LabelledEnum):
    NORMAL = "normal", _("一般")
    URGENT = "urgent", _("紧急")
    LIFE = "life", _("危及生命安全")


class Channel(LabelledEnum):
    PHONE = "phone", _("电话")
    WEB = "web", _("网页")
    WECHAT = "wechat", _("微信")
    API = "api", _("接口")
    IMPORT = "import", _("文件导入")
    PATROL = "patrol", _("巡查")


FINAL_STATES: Final = frozenset({State.DECLINED, State.ANSWERED, State.CLOSED, State.WITHDRAWN})
NONFINAL_STATES: Final = frozenset(State) - FINAL_STATES
# The states in which exactly one unit leads.
LED_STATES: Final = frozenset({State.DISPATCHED, State.HANDLING, State.ON_ACCOUNT, State.REPORTED})
# The states in which the clocks of contact and finish run.
RUNNING_STATES: Final = frozenset({State.RECEIVED, State.DISPATCHED, State.HANDLING})
# States in which the office still has work.
OPEN_STATES: Final = RUNNING_STATES | LED_STATES
# States of cases that may be public: open or solved.
PUBLISHABLE_STATES: Final = OPEN_STATES | {State.CLOSED}
ALL_KINDS: Final = frozenset(CaseKind)
KINDS_WITH_REQUESTER: Final = frozenset({CaseKind.APPEAL, CaseKind.ENTERPRISE})
