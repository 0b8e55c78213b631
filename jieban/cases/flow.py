"""The life of a case: kinds, states, actions and the ONE table of moves. Pure; no database.

Source: the domain book, section 3 (states, moves, guards); 北京市接诉即办工作条例 where a row says so.
"""

from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from jieban.registry.models import Role


class Kind(TextChoices):
    APPEAL = "appeal", _("群众诉求")
    ENTERPRISE = "enterprise", _("企业诉求")
    PATROL = "patrol", _("巡查案件")


class State(TextChoices):
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


class Nature(TextChoices):
    CONSULT = "consult", _("咨询")
    HELP = "help", _("求助")
    COMPLAINT = "complaint", _("投诉")
    REPORT = "report", _("举报")
    SUGGESTION = "suggestion", _("建议")
    PRAISE = "praise", _("表扬")


class Urgency(TextChoices):
    NORMAL = "normal", _("一般")
    URGENT = "urgent", _("紧急")
    LIFE = "life", _("危及生命安全")


class Channel(TextChoices):
    PHONE = "phone", _("电话")
    WEB = "web", _("网页")
    WECHAT = "wechat", _("微信")
    API = "api", _("接口")
    IMPORT = "import", _("文件导入")
    PATROL = "patrol", _("巡查")


class Do(TextChoices):
    """Everything that can be done to a case. The value is its name in the API."""

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


class Tie(TextChoices):
    """What must tie the acting post to the case, besides its role."""

    NONE = "none"
    REQUESTER = "requester"
    LEAD = "lead"
    SIGNER = "signer"  # the new lead where a reassignment waits for its signature, else the lead
    SHARE = "share"  # co-handler, child unit or property company
    HANDLER = "handler"  # the lead or any who share the work
    WHISTLED = "whistled"
    TAKER = "taker"  # who took it down, in the same call
    LEAD_OR_NOT_UNIT = "lead_or_not_unit"  # a handling unit must be in the case; other roles need no tie


class Relation(TextChoices):
    """A unit's responsibility in a case."""

    LEAD = "lead", _("主办")
    NEXT_LEAD = "next_lead", _("改派待签收")
    CO_HANDLER = "co_handler", _("协办")
    CHILD = "child", _("下派承办")
    PROPERTY = "property", _("双派物业")


# The parts of a case that are not its lead.
SHARES: Final = frozenset({Relation.CO_HANDLER, Relation.CHILD, Relation.PROPERTY})


class VisitKind(TextChoices):
    NEEDS = "needs", _("访需求")
    OPINION = "opinion", _("访意见")
    EFFECT = "effect", _("访效果")


class VisitWay(TextChoices):
    IN_PERSON = "in_person", _("当面")
    PHONE = "phone", _("电话")
    MESSAGE = "message", _("消息")


class Contacted(TextChoices):
    YES = "yes", _("联系过")
    NO = "no", _("没有联系")
    NO_ANSWER = "no_answer", _("未作回答")


class Solved(TextChoices):
    YES = "yes", _("已解决")
    PARTLY = "partly", _("部分解决")
    NO = "no", _("未解决")
    NO_ANSWER = "no_answer", _("未作回答")


class Satisfied(TextChoices):
    YES = "yes", _("满意")
    MOSTLY = "mostly", _("基本满意")
    NO = "no", _("不满意")
    NO_ANSWER = "no_answer", _("未作回答")


class DeclineReason(TextChoices):
    """The paths a concern may take besides dispatch. Source: 条例 articles 10 and 11."""

    LITIGATION = "litigation", _("属诉讼、纪检监察、信访等途径")
    REPEAT = "repeat", _("重复反映且无新情况")
    SECRET = "secret", _("涉及国家秘密、商业秘密或他人隐私")
    OUTSIDE = "outside", _("不属于公共管理和服务职责")
    UNLAWFUL = "unlawful", _("违反法律法规或公序良俗")
    EMERGENCY = "emergency", _("紧急情况，已移交紧急服务")
    NOT_FILED = "not_filed", _("巡查上报不予立案")


class EmergencyService(TextChoices):
    POLICE = "110", _("110 报警")
    FIRE = "119", _("119 消防")
    AMBULANCE = "120", _("120 急救")
    TRAFFIC = "122", _("122 交通事故")


class WhistleKind(TextChoices):
    PROMINENT = "prominent", _("重点难点问题")
    JOINT = "joint", _("综合执法")
    EMERGENCY = "emergency", _("应急处置")


class SettleOutcome(TextChoices):
    UPHOLD = "uphold", _("维持原派单")
    REASSIGN = "reassign", _("改派")
    JOINT = "joint", _("联办")


class TakeOverBy(TextChoices):
    DIRECT_LINE = "direct_line", _("区领导直通车")
    TASK_FORCE = "task_force", _("专班")
    BACKSTOP = "backstop", _("兜底")


class AccountReason(TextChoices):
    """Why a case cannot be solved now."""

    PLAN = "plan", _("已列入改造或整治计划")
    FUNDS = "funds", _("资金尚未落实")
    HISTORY = "history", _("历史遗留问题")
    LAW = "law", _("现行政策法规限制")
    SEASON = "season", _("受季节或施工条件限制")


FINAL: Final = frozenset({State.DECLINED, State.ANSWERED, State.CLOSED, State.WITHDRAWN})
NOT_FINAL: Final = frozenset(State) - FINAL
# The states in which exactly one unit leads.
LED: Final = frozenset({State.DISPATCHED, State.HANDLING, State.ON_ACCOUNT, State.REPORTED})
# The states in which the clocks of contact and finish run.
RUNNING: Final = frozenset({State.RECEIVED, State.DISPATCHED, State.HANDLING})
# What is not over for the office.
OPEN: Final = RUNNING | LED
# What may be shown to everybody: what is in hand, and what was solved.
SHOWABLE: Final = OPEN | {State.CLOSED}

ALL_KINDS: Final = frozenset(Kind)
HEARD: Final = frozenset({Kind.APPEAL, Kind.ENTERPRISE})

REQUESTERS: Final = frozenset({Role.RESIDENT, Role.ENTERPRISE})
LEADS: Final = frozenset({Role.STREET, Role.DEPARTMENT})
HANDLERS: Final = LEADS | {Role.COMMUNITY}
SHARERS: Final = HANDLERS | {Role.PROPERTY}
UNITS: Final = SHARERS
PATROLLERS: Final = frozenset({Role.PATROL, Role.COMMUNITY, Role.STREET})


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: from these states, this action by these roles leads to one of `to`.

    An empty `to` leaves the state as it is.
    """

    action: Do
    origin: frozenset[State]
    by: frozenset[Role]
    to: tuple[State, ...] = ()
    tie: Tie = Tie.NONE
    kinds: frozenset[Kind] = ALL_KINDS


def _move(
    action: Do,
    origin: frozenset[State] | State,
    by: frozenset[Role] | Role,
    *to: State,
    tie: Tie = Tie.NONE,
    kinds: frozenset[Kind] = ALL_KINDS,
) -> Move:
    return Move(
        action,
        frozenset({origin}) if isinstance(origin, State) else origin,
        frozenset({by}) if isinstance(by, Role) else by,
        to,
        tie,
        kinds,
    )


_S, _R = State, Role
_AT_WORK: Final = frozenset({_S.DISPATCHED, _S.HANDLING})

MOVES: Final[tuple[Move, ...]] = (
    _move(Do.ANSWER_NOW, _S.RECEIVED, _R.OPERATOR, _S.ANSWERED, kinds=HEARD),
    _move(Do.DECLINE, _S.RECEIVED, _R.DISPATCHER, _S.DECLINED),
    _move(Do.HAND_OVER, _S.RECEIVED, _R.OPERATOR, _S.DECLINED),
    _move(Do.MERGE, RUNNING, _R.DISPATCHER, _S.MERGED),
    # A call about what is already known: whoever takes it down joins it at once, nobody else's case and not later.
    _move(Do.MERGE, _S.RECEIVED, _R.OPERATOR, _S.MERGED, tie=Tie.TAKER),
    # The platform sets merged cases free when their primary is withdrawn.
    _move(
        Do.UNMERGE, _S.MERGED, frozenset({_R.DISPATCHER, _R.SYSTEM}), _S.RECEIVED, _S.DISPATCHED, _S.HANDLING
    ),
    _move(
        Do.SPLIT,
        frozenset({_S.RECEIVED, _S.DISPATCHED}),
        frozenset({_R.OPERATOR, _R.DISPATCHER}),
        _S.SPLIT,
    ),
    _move(Do.DISPATCH, _S.RECEIVED, frozenset({_R.DISPATCHER, _R.SYSTEM}), _S.DISPATCHED),
    _move(Do.SIGN, _S.DISPATCHED, LEADS, _S.HANDLING, tie=Tie.SIGNER),
    _move(Do.HAND_DOWN, _S.HANDLING, LEADS, tie=Tie.LEAD),
    _move(Do.WHISTLE, _S.HANDLING, _R.STREET, tie=Tie.LEAD),
    _move(Do.ARRIVE, _S.HANDLING, LEADS, tie=Tie.WHISTLED),
    _move(Do.CO_REPORT, _S.HANDLING, SHARERS, tie=Tie.SHARE),
    _move(Do.DISPUTE, _AT_WORK, LEADS, tie=Tie.SIGNER),
    # The supervisor is the arbitration where dispatcher and units do not agree.
    _move(Do.SETTLE, _AT_WORK, frozenset({_R.DISPATCHER, _R.SUPERVISOR}), _S.DISPATCHED, _S.HANDLING),
    _move(Do.RECORD_VISIT, _AT_WORK, HANDLERS, tie=Tie.HANDLER),
    _move(Do.REQUEST_EXTENSION, _S.HANDLING, LEADS, tie=Tie.LEAD),
    _move(Do.PUT_ON_ACCOUNT, _S.HANDLING, LEADS, tie=Tie.LEAD),
    _move(Do.PUT_ON_ACCOUNT, _S.HANDLING, _R.SUPERVISOR, _S.ON_ACCOUNT),
    _move(
        Do.GRANT,
        _S.HANDLING,
        frozenset({_R.SUPERVISOR, _R.LEADER}),
        _S.HANDLING,
        _S.ON_ACCOUNT,
    ),
    _move(Do.REFUSE, _S.HANDLING, frozenset({_R.SUPERVISOR, _R.LEADER})),
    _move(Do.REVIEW, _S.ON_ACCOUNT, _R.SUPERVISOR),
    _move(Do.RESUME, _S.ON_ACCOUNT, _R.SUPERVISOR, _S.HANDLING),
    _move(Do.REPORT_RESULT, _S.HANDLING, LEADS, _S.REPORTED, tie=Tie.LEAD),
    _move(Do.SEND_BACK, _S.REPORTED, frozenset({_R.CALLER, _R.SUPERVISOR}), _S.HANDLING),
    _move(
        Do.VISIT_BACK,
        frozenset({_S.REPORTED, _S.HANDLING, _S.MERGED}),
        _R.CALLER,
        kinds=HEARD,
    ),
    _move(
        Do.VISIT_BACK,
        frozenset({_S.REPORTED, _S.HANDLING, _S.MERGED}),
        REQUESTERS,
        tie=Tie.REQUESTER,
        kinds=HEARD,
    ),
    _move(
        Do.CHECK,
        _S.REPORTED,
        PATROLLERS | {_R.SUPERVISOR},
        kinds=frozenset({Kind.PATROL}),
    ),
    _move(Do.CLOSE, _S.REPORTED, frozenset({_R.SUPERVISOR, _R.SYSTEM}), _S.CLOSED),
    _move(Do.REOPEN, _S.CLOSED, REQUESTERS, _S.HANDLING, tie=Tie.REQUESTER),
    # The operator acts for a requester who is on the telephone.
    _move(Do.REOPEN, _S.CLOSED, frozenset({_R.SUPERVISOR, _R.OPERATOR}), _S.HANDLING),
    _move(
        Do.REOPEN,
        frozenset({_S.ANSWERED, _S.DECLINED}),
        REQUESTERS,
        _S.RECEIVED,
        tie=Tie.REQUESTER,
    ),
    _move(
        Do.REOPEN,
        frozenset({_S.ANSWERED, _S.DECLINED}),
        frozenset({_R.SUPERVISOR, _R.OPERATOR}),
        _S.RECEIVED,
    ),
    _move(Do.REMIND, NOT_FINAL, REQUESTERS, tie=Tie.REQUESTER),
    _move(
        Do.REMIND,
        NOT_FINAL,
        frozenset({_R.OPERATOR, _R.DISPATCHER, _R.CALLER, _R.SUPERVISOR, _R.LEADER}),
    ),
    _move(Do.SUPERVISE, NOT_FINAL, frozenset({_R.SUPERVISOR, _R.LEADER})),
    _move(Do.ESCALATE, NOT_FINAL, frozenset({_R.DISPATCHER, _R.SUPERVISOR, _R.SYSTEM})),
    _move(Do.TAKE_OVER, NOT_FINAL, frozenset({_R.SUPERVISOR, _R.LEADER})),
    _move(Do.RECLASSIFY, NOT_FINAL, frozenset({_R.OPERATOR, _R.DISPATCHER, _R.SUPERVISOR})),
    _move(
        Do.MARK_URGENT,
        NOT_FINAL,
        frozenset({_R.OPERATOR, _R.DISPATCHER, _R.CALLER, _R.SUPERVISOR, _R.SYSTEM}),
    ),
    _move(
        Do.ADD_NOTE,
        NOT_FINAL,
        UNITS | {_R.OPERATOR, _R.DISPATCHER, _R.CALLER, _R.SUPERVISOR, _R.LEADER, _R.PATROL},
        tie=Tie.LEAD_OR_NOT_UNIT,
    ),
    # Whoever may check on the spot may add the photograph of the check.
    _move(Do.ATTACH, _S.REPORTED, PATROLLERS, kinds=frozenset({Kind.PATROL})),
    _move(Do.ATTACH, NOT_FINAL, REQUESTERS, tie=Tie.REQUESTER),
    _move(
        Do.ATTACH,
        NOT_FINAL,
        UNITS | {_R.OPERATOR, _R.DISPATCHER, _R.CALLER, _R.SUPERVISOR, _R.PATROL},
        tie=Tie.LEAD_OR_NOT_UNIT,
    ),
    _move(
        Do.WITHDRAW,
        LED | {_S.RECEIVED},
        REQUESTERS,
        _S.WITHDRAWN,
        tie=Tie.REQUESTER,
        kinds=HEARD,
    ),
    _move(Do.WITHDRAW, LED | {_S.RECEIVED}, _R.OPERATOR, _S.WITHDRAWN, kinds=HEARD),
    _move(Do.SUPPLEMENT, NOT_FINAL, REQUESTERS, tie=Tie.REQUESTER),
    _move(Do.SUPPLEMENT, NOT_FINAL, _R.OPERATOR),
    _move(Do.PUBLISH, SHOWABLE, frozenset({_R.DISPATCHER, _R.SUPERVISOR})),
    _move(Do.UNPUBLISH, frozenset(State), frozenset({_R.DISPATCHER, _R.SUPERVISOR})),
    # Anybody who has the same trouble, instead of bringing it in once more.
    _move(Do.SUPPORT, OPEN, REQUESTERS),
    _move(Do.WARN, RUNNING | {_S.ON_ACCOUNT, _S.REPORTED}, _R.SYSTEM),
    _move(Do.RECOMPUTE_DUE, NOT_FINAL, _R.SYSTEM),
    _move(Do.ERASE, FINAL, frozenset({_R.ADMIN, _R.SYSTEM})),
)

# Who may bring in a case of which kind. Residents and enterprises bring their own.
RECEIVERS: Final[dict[Kind, frozenset[Role]]] = {
    Kind.APPEAL: frozenset({_R.RESIDENT, _R.OPERATOR, _R.SYSTEM}),
    Kind.ENTERPRISE: frozenset({_R.ENTERPRISE, _R.OPERATOR, _R.SYSTEM}),
    Kind.PATROL: PATROLLERS | {_R.OPERATOR, _R.SYSTEM},
}

RECEIVING: Final = frozenset[Role]().union(*RECEIVERS.values()) - {_R.SYSTEM}

_BY_ACTION: Final[dict[Do, tuple[Move, ...]]] = {
    do: tuple(move for move in MOVES if move.action == do) for do in Do
}


def moves_of(action: Do) -> tuple[Move, ...]:
    """The rows of the table for an action."""
    return _BY_ACTION[action]


def may_ever(action: Do, role: Role) -> bool:
    """Whether the role may do this at all, in whatever state."""
    return any(role in move.by for move in moves_of(action))


def move_for(action: Do, role: Role, kind: Kind, state: State) -> Move | None:
    """The row that lets the role do this to a case of this kind in this state."""
    for move in moves_of(action):
        if role in move.by and kind in move.kinds and state in move.origin:
            return move
    return None
