"""The ONE table of transitions: which action by whom leads from which state to which. Pure; no database.

Source: the domain book, section 3.2; 北京市接诉即办工作条例 where a row says so.
"""

from dataclasses import dataclass
from typing import Final

from jieban.cases.flow.action import Do, Tie
from jieban.cases.flow.states import (
    ALL_KINDS,
    FINAL,
    HEARD,
    LED,
    NOT_FINAL,
    OPEN,
    RUNNING,
    SHOWABLE,
    Kind,
    State,
)
from jieban.registry.roles import Role

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
