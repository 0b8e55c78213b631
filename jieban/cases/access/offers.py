"""Which actions a page offers to a post for a case now."""

from datetime import datetime

from jieban.cases.access import rules
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import SHARE_RELATIONS, Relation
from jieban.cases.flow.states import Nature, State
from jieban.cases.flow.transitions import TRANSITIONS
from jieban.cases.models import Assignment, Case
from jieban.registry.identity.posts import Actor


def possible_actions(case: Case, actor: Actor) -> list[Action]:
    """The actions that this post may do to the case now, by the table; the guards may still say what is missing."""
    found: list[Action] = []
    active = getattr(case, "active", None)
    if active is None:
        active = list(case.assignments.filter(ended_at=None))
    for move in TRANSITIONS:
        fits = actor.role in move.by and case.kind in move.kinds and case.state in move.origin
        if fits and move.action not in found and _meets_requirement(case, actor, move.tie, active):
            found.append(move.action)
    return found


def _meets_requirement(case: Case, actor: Actor, tie: str, active: list[Assignment]) -> bool:
    if case.complained_about_id is not None and case.complained_about_id in actor.unit_ids:
        return False
    mine = {a.relation for a in active if a.unit_id in actor.unit_ids}
    waiting = any(a.relation == Relation.NEXT_LEAD for a in active)
    return {
        "none": True,
        "requester": rules.is_requester(case, actor),
        "lead": Relation.LEAD in mine,
        "signer": (Relation.NEXT_LEAD if waiting else Relation.LEAD) in mine,
        "share": bool(mine & SHARE_RELATIONS),
        "handler": bool(mine & (SHARE_RELATIONS | {Relation.LEAD})),
        "whistled": case.whistle_calls.filter(unit__in=actor.unit_ids, arrived_at=None).exists()
        if tie == "whistled"
        else False,
        "taker": False,  # joined with its receipt, on the page of the call; later the dispatcher does it
        "lead_or_not_unit": True,
    }[tie]


def offered_actions(case: Case, actor: Actor, at: datetime) -> list[Action]:
    """Of the possible actions those that have something to act on now; for a case from `case_of`."""
    return [do for do in possible_actions(case, actor) if not _is_pointless(case, actor, do, at)]


def _is_pointless(case: Case, actor: Actor, do: Action, at: datetime) -> bool:
    """Whether the action would only be told that there is nothing to decide, to answer or to close yet."""
    pending = any(request.decided_at is None for request in case.asked)  # type: ignore[attr-defined]
    disputed = bool(case.open_disputes)  # type: ignore[attr-defined]
    match do:
        case Action.GRANT | Action.REFUSE:
            return not pending
        case Action.REQUEST_EXTENSION | Action.PUT_ON_ACCOUNT:
            return pending
        case Action.SETTLE:
            return not disputed
        case Action.DISPUTE:
            return disputed
        case Action.ANSWER_NOW:
            return case.nature != Nature.CONSULT
        case Action.CO_REPORT:
            return not any(_open_share(assignment, actor) for assignment in case.active)  # type: ignore[attr-defined]
        case Action.VISIT_BACK:
            return _visit_back_is_pointless(case, at)
        case Action.CLOSE:
            return case.visited_back_at is None
        case Action.CHECK:
            return case.visited_back_at is not None
        case Action.SUPPORT:
            return True  # one's own case, the only one that requesters see here
        case Action.PUBLISH | Action.UNPUBLISH:
            return is_public(case) is (do == Action.PUBLISH)
    return False


def is_public(case: Case) -> bool:
    """Whether everybody may see the case now."""
    row = getattr(case, "publication", None)
    return row is not None and row.ended_at is None


def _open_share(assignment: Assignment, actor: Actor) -> bool:
    mine = assignment.unit_id in actor.unit_ids and assignment.relation != Relation.LEAD
    return mine and assignment.reported_at is None


def _visit_back_is_pointless(case: Case, at: datetime) -> bool:
    if case.state == State.HANDLING:
        return case.finish_due_at is None or at < case.finish_due_at
    if case.visited_back_at is not None:
        return True
    waits_for_primary = case.primary is not None and case.primary.state not in {State.REPORTED, State.CLOSED}
    return case.state == State.MERGED and waits_for_primary
