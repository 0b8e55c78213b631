"""Ties: whether the actor has the part in a case that an action requires. Used by transitions and by pages."""

from datetime import datetime, timedelta

from jieban.cases.access import rules
from jieban.cases.access.access_facts import AccessFacts
from jieban.cases.flow.action import Requires
from jieban.cases.flow.enums import SHARE_RELATIONS, Relation
from jieban.cases.models import Case
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import UNIT_ROLES

# Longest duration of a call. It limits what an operator may do alone, so a district cannot change it.
SAME_CALL_WINDOW = timedelta(minutes=30)


def is_tied(case: Case, actor: Actor, requirement: Requires, facts: AccessFacts, at: datetime) -> bool:
    """Whether the actor meets the requirement. The unit complained about never does."""
    if case.complained_about_id is not None and case.complained_about_id in actor.unit_ids:
        return False
    match requirement:
        case Requires.NONE:
            return True
        case Requires.REQUESTER:
            return rules.is_requester(case, actor)
        case Requires.LEAD:
            return bool(facts.mine(Relation.LEAD))
        case Requires.SIGNER:
            return bool(facts.mine(_signing_relation(facts)))
        case Requires.SHARE:
            return bool(facts.mine(*SHARE_RELATIONS))
        case Requires.HANDLER:
            return bool(facts.mine(Relation.LEAD, *SHARE_RELATIONS))
        case Requires.WHISTLED:
            return bool(facts.whistle_calls)
        case Requires.TAKER:
            return at - case.received_at <= SAME_CALL_WINDOW and facts.was_taken_by_actor
        case Requires.LEAD_OR_NOT_UNIT:
            return actor.unit_id is None or actor.role not in UNIT_ROLES or facts.is_on_path


def _signing_relation(facts: AccessFacts) -> Relation:
    """Relation whose unit has to sign: the next lead if there is one, else the lead."""
    return Relation.NEXT_LEAD if facts.assigned(Relation.NEXT_LEAD) else Relation.LEAD
