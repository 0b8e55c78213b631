"""Timeline of a case: each event in words, with who did what, when, and the text written with it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from jieban.cases.access import rules
from jieban.cases.actions.door.transition import event_body
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.cards.card import EventFacts
from jieban.cases.flow.cards.card_fields import UnitRef, UnitRefs
from jieban.cases.models import Case, CaseEvent
from jieban.language.text.personal_data import mask_text
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Unit
from jieban.registry.roles import REQUESTER_ROLES, Role
from jieban.web.page.page_models import TimelineEntry
from jieban.web.page.time_words import due_words

# The names under which events hold units: those of the unit fields of the actions' cards.
UNIT_FACTS = frozenset(f.name for card in CARDS.values() for f in card.fields if isinstance(f, UnitRef))
UNITS_FACTS = frozenset(f.name for card in CARDS.values() for f in card.fields if isinstance(f, UnitRefs))


def case_timeline(
    case: Case, events: Sequence[CaseEvent], actor: Actor, now: datetime
) -> list[TimelineEntry]:
    """The events that this post may see, the latest first. One query for unit names, one for contact data."""
    bodies = {event.pk: event_body(event)["facts"] for event in events}
    names = _unit_names(bodies.values())
    visible = [event for event in events if rules.may_see_event(event.action, actor)]
    entries = [
        _timeline_entry(case, event, bodies[event.pk], names, actor, now) for event in reversed(visible)
    ]
    if rules.may_see_contact(case, actor):
        return entries
    return [replace(step, text=mask_text(step.text)) for step in entries]


def _unit_names(facts: Iterable[dict[str, Any]]) -> dict[str, str]:
    codes = {code for fact in facts for key in UNIT_FACTS if (code := fact.get(key))}
    codes |= {code for fact in facts for key in UNITS_FACTS for code in fact.get(key) or ()}
    return dict(Unit.objects.filter(code__in=codes).values_list("code", "name"))


def _timeline_entry(
    case: Case, event: CaseEvent, facts: dict[str, Any], names: dict[str, str], actor: Actor, now: datetime
) -> TimelineEntry:
    words = "\n".join(row.text for row in event.written if row.text)
    return TimelineEntry(
        at=event.at,
        who=_who_text(event, actor) + _delegation_text(facts, actor),
        what=event_sentence(case, Action(event.action), facts, names, now),
        note=event.unit.name if event.unit and rules.may_see_people(actor) else "",
        text=words if rules.may_see_event_text(event.action, actor) else "",
    )


def _who_text(event: CaseEvent, actor: Actor) -> str:
    if event.person_id is not None and event.person_id == actor.person_id:
        return _("您")
    if event.role == Role.SYSTEM:
        return _("系统")
    if event.role in REQUESTER_ROLES:  # a name is contact data, shown on request and logged
        return _("诉求人")
    if event.person is not None and rules.may_see_people(actor):
        return event.person.name
    return event.unit.name if event.unit else str(Role(event.role).label)


def _delegation_text(facts: dict[str, Any], actor: Actor) -> str:
    """（代 张三）, where somebody acted by delegation."""
    holder = facts.get("acting_for")
    return _("（代 %s）") % holder if holder and rules.may_see_people(actor) else ""


def event_sentence(
    case: Case, do: Action, facts: dict[str, Any], names: dict[str, str], now: datetime
) -> str:
    """The sentence of an event, as the action's card words it; `names` are unit names by code."""
    event = EventFacts(facts, names, case.channel, lambda at: due_words(at, now))
    return CARDS[do].timeline_sentence(event)
