"""Enumerations of what actions record: relations, visits, answers, reasons. Pure; no database."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from jieban.base.labelled import LabelledEnum


class Relation(LabelledEnum):
    """A unit's responsibility in a case."""

    LEAD = "lead", _("主办")
    NEXT_LEAD = "next_lead", _("改派待签收")
    CO_HANDLER = "co_handler", _("协办")
    CHILD = "child", _("下派承办")
    PROPERTY = "property", _("双派物业")


# Relations of units that do a share of the work without leading it.
SHARE_RELATIONS: Final = frozenset({Relation.CO_HANDLER, Relation.CHILD, Relation.PROPERTY})


class VisitKind(LabelledEnum):
    NEEDS = "needs", _("访需求")
    OPINION = "opinion", _("访意见")
    EFFECT = "effect", _("访效果")


class VisitWay(LabelledEnum):
    IN_PERSON = "in_person", _("当面")
    PHONE = "phone", _("电话")
    MESSAGE = "message", _("消息")


class Contacted(LabelledEnum):
    YES = "yes", _("联系过")
    NO = "no", _("没有联系")
    NO_ANSWER = "no_answer", _("未作回答")


class Solved(LabelledEnum):
    YES = "yes", _("已解决")
    PARTLY = "partly", _("部分解决")
    NO = "no", _("未解决")
    NO_ANSWER = "no_answer", _("未作回答")


class Satisfied(LabelledEnum):
    YES = "yes", _("满意")
    MOSTLY = "mostly", _("基本满意")
    NO = "no", _("不满意")
    NO_ANSWER = "no_answer", _("未作回答")


class DeclineReason(LabelledEnum):
    """Reasons for not accepting a concern. Source: 条例 articles 10 and 11."""

    LITIGATION = "litigation", _("属诉讼、纪检监察、信访等途径")
    REPEAT = "repeat", _("重复反映且无新情况")
    SECRET = "secret", _("涉及国家秘密、商业秘密或他人隐私")
    OUTSIDE = "outside", _("不属于公共管理和服务职责")
    UNLAWFUL = "unlawful", _("违反法律法规或公序良俗")
    EMERGENCY = "emergency", _("紧急情况，已移交紧急服务")
    NOT_FILED = "not_filed", _("巡查上报不予立案")


class EmergencyService(LabelledEnum):
    POLICE = "110", _("110 报警")
    FIRE = "119", _("119 消防")
    AMBULANCE = "120", _("120 急救")
    TRAFFIC = "122", _("122 交通事故")


class WhistleKind(LabelledEnum):
    PROMINENT = "prominent", _("重点难点问题")
    JOINT = "joint", _("综合执法")
    EMERGENCY = "emergency", _("应急处置")


class SettleOutcome(LabelledEnum):
    UPHOLD = "uphold", _("维持原派单")
    REASSIGN = "reassign", _("改派")
    JOINT = "joint", _("联办")


class TakeOverBy(LabelledEnum):
    DIRECT_LINE = "direct_line", _("区领导直通车")
    TASK_FORCE = "task_force", _("专班")
    BACKSTOP = "backstop", _("兜底")


class AccountReason(LabelledEnum):
    """Reasons why a case cannot be solved now."""

    PLAN = "plan", _("已列入改造或整治计划")
    FUNDS = "funds", _("资金尚未落实")
    HISTORY = "history", _("历史遗留问题")
    LAW = "law", _("现行政策法规限制")
    SEASON = "season", _("受季节或施工条件限制")


class RequestKind(LabelledEnum):
    """Kinds of requests that a unit makes to the supervisor."""

    EXTENSION = "extension", _("延期")
    ACCOUNT = "account", _("挂账")
