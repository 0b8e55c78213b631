"""The table of transitions: which action, by which roles, leads from which state to which. Pure; no database.

Source: the domain book, section 3.2; 北京市接诉即办工作条例 where a row says so.
"""

from dataclasses import dataclass
from typing import Final

from jieban.cases.flow.action import Action, Requires
from jieban.cases.flow.states import (
    ALL_KINDS,
    FINAL_STATES,
    KINDS_WITH_REQUESTER,
    LED_STATES,
    NONFINAL_STATES,
    OPEN_STATES,
    PUBLISHABLE_STATES,
    RUNNING_STATES,
    CaseKind,
    State,
)
from jieban.registry.roles import EVERY_ROLE, HANDLER_ROLES, PROFILES, REQUESTER_ROLES, UNIT_ROLES, Role

LEAD_ROLES: Final = frozenset({Role.STREET, Role.DEPARTMENT})
SHARE_ROLES: Final = UNIT_ROLES
PATROL_ROLES: Final = frozenset({Role.PATROL, Role.COMMUNITY, Role.STREET})


@dataclass(frozen=True, slots=True)
class Transition:
    """Row of the table: from these states, this action by these roles leads to one of `to`.

    An empty `to` leaves the state unchanged.
    """

    action: Action
    origin: frozenset[State]
    by: frozenset[Role]
    to: tuple[State, ...] = ()
    tie: Requires = Requires.NONE
    kinds: frozenset[CaseKind] = ALL_KINDS


def _transition(
    action: Action,
    origin: frozenset[State] | State,
    by: frozenset[Role] | Role,
    *to: State,
    tie: Requires = Requires.NONE,
    kinds: frozenset[CaseKind] = ALL_KINDS,
) -> Transition:
    return Transition(
        action,
        frozenset({origin}) if isinstance(origin, State) else origin,
        frozenset({by}) if isinstance(by, Role) else by,
        to,
        tie,
        kinds,
    )


_S, _R = State, Role
_WORK_STATES: Final = frozenset({_S.DISPATCHED, _S.HANDLING})
TRANSITIONS: Final[tuple[Transition, ...]] = (
    _transition(Action.ANSWER_NOW, _S.RECEIVED, _R.OPERATOR, _S.ANSWERED, kinds=KINDS_WITH_REQUESTER),
    _transition(Action.DECLINE, _S.RECEIVED, _R.DISPATCHER, _S.DECLINED),
    _transition(Action.HAND_OVER, _S.RECEIVED, _R.OPERATOR, _S.DECLINED),
    _transition(Action.MERGE, RUNNING_STATES, _R.DISPATCHER, _S.MERGED),
    # A call about a known matter: the operator merges the case during the call, and only their own.
    _transition(Action.MERGE, _S.RECEIVED, _R.OPERATOR, _S.MERGED, tie=Requires.TAKER),
    # The platform unmerges cases when their primary is withdrawn.
    _transition(
        Action.UNMERGE,
        _S.MERGED,
        frozenset({_R.DISPATCHER, _R.SYSTEM}),
        _S.RECEIVED,
        _S.DISPATCHED,
        _S.HANDLING,
    ),
    _transition(
        Action.SPLIT,
        frozenset({_S.RECEIVED, _S.DISPATCHED}),
        frozenset({_R.OPERATOR, _R.DISPATCHER}),
        _S.SPLIT,
    ),
    _transition(Action.DISPATCH, _S.RECEIVED, frozenset({_R.DISPATCHER, _R.SYSTEM}), _S.DISPATCHED),
    _transition(Action.SIGN, _S.DISPATCHED, LEAD_ROLES, _S.HANDLING, tie=Requires.SIGNER),
    _transition(Action.HAND_DOWN, _S.HANDLING, LEAD_ROLES, tie=Requires.LEAD),
    _transition(Action.WHISTLE, _S.HANDLING, _R.STREET, tie=Requires.LEAD),
    _transition(Action.ARRIVE, _S.HANDLING, LEAD_ROLES, tie=Requires.WHISTLED),
    _transition(Action.CO_REPORT, _S.HANDLING, SHARE_ROLES, tie=Requires.SHARE),
    _transition(Action.DISPUTE, _WORK_STATES, LEAD_ROLES, tie=Requires.SIGNER),
    # The supervisor arbitrates where dispatcher and units do not agree.
    _transition(
        Action.SETTLE, _WORK_STATES, frozenset({_R.DISPATCHER, _R.SUPERVISOR}), _S.DISPATCHED, _S.HANDLING
    ),
    _transition(Action.RECORD_VISIT, _WORK_STATES, HANDLER_ROLES, tie=Requires.HANDLER),
    _transition(Action.REQUEST_EXTENSION, _S.HANDLING, LEAD_ROLES, tie=Requires.LEAD),
    _transition(Action.PUT_ON_ACCOUNT, _S.HANDLING, LEAD_ROLES, tie=Requires.LEAD),
    _transition(Action.PUT_ON_ACCOUNT, _S.HANDLING, _R.SUPERVISOR, _S.ON_ACCOUNT),
    _transition(
        Action.GRANT,
        _S.HANDLING,
        frozenset({_R.SUPERVISOR, _R.LEADER}),
        _S.HANDLING,
        _S.ON_ACCOUNT,
    ),
    _transition(Action.REFUSE, _S.HANDLING, frozenset({_R.SUPERVISOR, _R.LEADER})),
    _transition(Action.REVIEW, _S.ON_ACCOUNT, _R.SUPERVISOR),
    _transition(Action.RESUME, _S.ON_ACCOUNT, _R.SUPERVISOR, _S.HANDLING),
    _transition(Action.REPORT_RESULT, _S.HANDLING, LEAD_ROLES, _S.REPORTED, tie=Requires.LEAD),
    _transition(Action.SEND_BACK, _S.REPORTED, frozenset({_R.CALLER, _R.SUPERVISOR}), _S.HANDLING),
    _transition(
        Action.VISIT_BACK,
        frozenset({_S.REPORTED, _S.HANDLING, _S.MERGED}),
        _R.CALLER,
        kinds=KINDS_WITH_REQUESTER,
    ),
    _transition(
        Action.VISIT_BACK,
        frozenset({_S.REPORTED, _S.HANDLING, _S.MERGED}),
        REQUESTER_ROLES,
        tie=Requires.REQUESTER,
        kinds=KINDS_WITH_REQUESTER,
    ),
    _transition(
        Action.CHECK,
        _S.REPORTED,
        PATROL_ROLES | {_R.SUPERVISOR},
        kinds=frozenset({CaseKind.PATROL}),
    ),
    _transition(Action.CLOSE, _S.REPORTED, frozenset({_R.SUPERVISOR, _R.SYSTEM}), _S.CLOSED),
    _transition(Action.REOPEN, _S.CLOSED, REQUESTER_ROLES, _S.HANDLING, tie=Requires.REQUESTER),
    # The operator acts for a requester who is on the telephone.
    _transition(Action.REOPEN, _S.CLOSED, frozenset({_R.SUPERVISOR, _R.OPERATOR}), _S.HANDLING),
    _transition(
        Action.REOPEN,
        frozenset({_S.ANSWERED, _S.DECLINED}),
        REQUESTER_ROLES,
        _S.RECEIVED,
        tie=Requires.REQUESTER,
    ),
    _transition(
        Action.REOPEN,
        frozenset({_S.ANSWERED, _S.DECLINED}),
        frozenset({_R.SUPERVISOR, _R.OPERATOR}),
        _S.RECEIVED,
    ),
    _transition(Action.REMIND, NONFINAL_STATES, REQUESTER_ROLES, tie=Requires.REQUESTER),
    _transition(
        Action.REMIND,
        NONFINAL_STATES,
        frozenset({_R.OPERATOR, _R.DISPATCHER, _R.CALLER, _R.SUPERVISOR, _R.LEADER}),
    ),
    _transition(Action.SUPERVISE, NONFINAL_STATES, frozenset({_R.SUPERVISOR, _R.LEADER})),
    _transition(Action.ESCALATE, NONFINAL_STATES, frozenset({_R.DISPATCHER, _R.SUPERVISOR, _R.SYSTEM})),
    _transition(Action.TAKE_OVER, NONFINAL_STATES, frozenset({_R.SUPERVISOR, _R.LEADER})),
    _transition(Action.RECLASSIFY, NONFINAL_STATES, frozenset({_R.OPERATOR, _R.DISPATCHER, _R.SUPERVISOR})),
    _transition(
        Action.MARK_URGENT,
        NONFINAL_STATES,
        frozenset({_R.OPERATOR, _R.DISPATCHER, _R.CALLER, _R.SUPERVISOR, _R.SYSTEM}),
    ),
    _transition(
        Action.ADD_NOTE,
        NONFINAL_STATES,
        UNIT_ROLES | {_R.OPERATOR, _R.DISPATCHER, _R.CALLER, _R.SUPERVISOR, _R.LEADER, _R.PATROL},
        tie=Requires.LEAD_OR_NOT_UNIT,
    ),
    # Roles that may check on the spot may add the photograph of the check.
    _transition(Action.ATTACH, _S.REPORTED, PATROL_ROLES, kinds=frozenset({CaseKind.PATROL})),
    _transition(Action.ATTACH, NONFINAL_STATES, REQUESTER_ROLES, tie=Requires.REQUESTER),
    _transition(
        Action.ATTACH,
        NONFINAL_STATES,
        UNIT_ROLES | {_R.OPERATOR, _R.DISPATCHER, _R.CALLER, _R.SUPERVISOR, _R.PATROL},
        tie=Requires.LEAD_OR_NOT_UNIT,
    ),
    _transition(
        Action.WITHDRAW,
        LED_STATES | {_S.RECEIVED},
        REQUESTER_ROLES,
        _S.WITHDRAWN,
        tie=Requires.REQUESTER,
        kinds=KINDS_WITH_REQUESTER,
    ),
    _transition(
        Action.WITHDRAW, LED_STATES | {_S.RECEIVED}, _R.OPERATOR, _S.WITHDRAWN, kinds=KINDS_WITH_REQUESTER
    ),
    _transition(Action.SUPPLEMENT, NONFINAL_STATES, REQUESTER_ROLES, tie=Requires.REQUESTER),
    _transition(Action.SUPPLEMENT, NONFINAL_STATES, _R.OPERATOR),
    _transition(Action.PUBLISH, PUBLISHABLE_STATES, frozenset({_R.DISPATCHER, _R.SUPERVISOR})),
    _transition(Action.UNPUBLISH, frozenset(State), frozenset({_R.DISPATCHER, _R.SUPERVISOR})),
    # Anybody with the same problem, instead of submitting it again.
    _transition(Action.SUPPORT, OPEN_STATES, REQUESTER_ROLES),
    _transition(Action.WARN, RUNNING_STATES | {_S.ON_ACCOUNT, _S.REPORTED}, _R.SYSTEM),
    _transition(Action.RECOMPUTE_DUE, NONFINAL_STATES, _R.SYSTEM),
    _transition(Action.ERASE, FINAL_STATES, frozenset({_R.ADMIN, _R.SYSTEM})),
)
# Roles that may submit a case of each kind; residents and enterprises only their own.
RECEIVERS: Final[dict[CaseKind, frozenset[Role]]] = {
    kind: frozenset(role for role in Role if kind.value in PROFILES[role].brings_in) for kind in CaseKind
}
RECEIVING_ROLES: Final = frozenset(role for role in EVERY_ROLE if PROFILES[role].brings_in)
_TRANSITIONS_BY_ACTION: Final[dict[Action, tuple[Transition, ...]]] = {
    do: tuple(move for move in TRANSITIONS if move.action == do) for do in Action
}


def transitions_of(action: Action) -> tuple[Transition, ...]:
    """Rows of the table for an action."""
    return _TRANSITIONS_BY_ACTION[action]


def may_ever(action: Action, role: Role) -> bool:
    """Whether the role may do this action in any state."""
    return any(role in move.by for move in transitions_of(action))


def transition_for(action: Action, role: Role, kind: CaseKind, state: State) -> Transition | None:
    """The row that allows the role this action on a case of this kind in this state; None without one."""
    for move in transitions_of(action):
        if role in move.by and kind in move.kinds and state in move.origin:
            return move
    return None
