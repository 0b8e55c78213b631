"""Offered actions: the buttons that a page may show for a case. A transition accepts each of them."""

from datetime import datetime

from jieban.cases.access import guards
from jieban.cases.access.access_facts import AccessFacts
from jieban.cases.access.ties import is_tied
from jieban.cases.flow.action import Action, Requires
from jieban.cases.flow.states import CaseKind, State
from jieban.cases.flow.transitions import TRANSITIONS, transition_for
from jieban.cases.models import Case, CaseDetail
from jieban.registry.identity.posts import Actor

# In the order of the table.
_ACTIONS = tuple(dict.fromkeys(move.action for move in TRANSITIONS))
# An operator merges a call on the page of the call, with its receipt; later the dispatcher merges it.
_ON_CALL_PAGE = Requires.TAKER
# Offered on the public page, for cases of other people; here requesters see their own cases.
_ON_PUBLIC_PAGE = frozenset({Action.SUPPORT})


def is_possible(do: Action, case: Case, actor: Actor, at: datetime) -> bool:
    """Whether the table and the tie allow this action for the actor now; its guard may still refuse it."""
    return _is_possible(do, facts_of(case, actor), at)


def offered_actions(case: Case, actor: Actor, at: datetime) -> list[Action]:
    """Possible actions whose guard lets them pass now, in the order of the table."""
    facts = facts_of(case, actor)
    return [do for do in _ACTIONS if _is_possible(do, facts, at) and not _is_pointless(do, facts, at)]


def facts_of(case: Case, actor: Actor) -> AccessFacts:
    """Access facts for a page; rows that came with the case detail are not read again."""
    facts = AccessFacts(case, actor)
    if isinstance(case, CaseDetail):
        facts.assignments = case.active
        facts.pending_request = next((row for row in case.requests_made if row.decided_at is None), None)
        facts.open_dispute = next(iter(case.open_disputes), None)
        facts.publication = getattr(case, "publication", None)
    return facts


def _is_possible(do: Action, facts: AccessFacts, at: datetime) -> bool:
    case, actor = facts.case, facts.actor
    move = transition_for(do, actor.role, CaseKind(case.kind), State(case.state))
    if move is None or move.tie == _ON_CALL_PAGE:
        return False
    return is_tied(case, actor, move.tie, facts, at)


def _is_pointless(do: Action, facts: AccessFacts, at: datetime) -> bool:
    """Whether the guard would refuse the action, or another page offers it."""
    if do in _ON_PUBLIC_PAGE:
        return True
    # A second check is accepted, because a failed one takes back an earlier passed one; no page offers it after
    # one that passed.
    if do == Action.CHECK and facts.case.visited_back_at is not None:
        return True
    return guards.refusal(do, facts, at) is not None
