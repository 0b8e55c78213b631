"""Offers: which actions a page shows to a post for a case now; what it shows, the door takes."""

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
# Whoever takes a call down joins it on the page of the call, with its receipt; later the dispatcher does it.
_ON_CALL_PAGE = Requires.TAKER
# The public page offers it, of cases of others; here a requester sees the own ones.
_ON_PUBLIC_PAGE = frozenset({Action.SUPPORT})


def is_possible(do: Action, case: Case, actor: Actor, at: datetime) -> bool:
    """Whether this post may do this to the case now, by the table; the guards may still say what is missing."""
    return _is_possible(do, facts_of(case, actor), at)


def offered_actions(case: Case, actor: Actor, at: datetime) -> list[Action]:
    """Of the possible actions those that have something to act on now."""
    facts = facts_of(case, actor)
    return [do for do in _ACTIONS if _is_possible(do, facts, at) and not _is_pointless(do, facts, at)]


def facts_of(case: Case, actor: Actor) -> AccessFacts:
    """The facts for a page; what was read with the whole case is not read again."""
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
    """Whether the action would only be told that there is nothing to act on, or is offered by another page."""
    if do in _ON_PUBLIC_PAGE:
        return True
    # The door takes a second look on the spot, because one that fails takes back what was found good; no page asks
    # for it once one has passed.
    if do == Action.CHECK and facts.case.visited_back_at is not None:
        return True
    return guards.refusal(do, facts, at) is not None
