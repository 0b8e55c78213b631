"""Visibility rules: who may see which cases and which personal data. Used only by queries."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.db.models.lookups import In
from django.utils.translation import gettext as _

from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.states import OPEN_STATES, CaseKind, State
from jieban.cases.models import Assignment, Case, Involvement
from jieban.language.text.personal_data import mask_text
from jieban.registry.identity.posts import SYSTEM, Actor
from jieban.registry.roles import (
    REQUESTER_ROLES,
    ContactAccess,
    EventAccess,
    EventTextAccess,
    Sight,
    TextAccess,
)


def visible(cases: QuerySet[Case], actor: Actor, *, still_open: bool = False) -> QuerySet[Case]:
    """Filters a queryset to the cases that the actor may see.

    `still_open`: the caller filters for open cases as well, so that a smaller index can be used.
    """
    match actor.profile.sight:
        case Sight.ALL:
            return cases
        case Sight.ALL_BUT_SENSITIVE:
            return cases.filter(sensitive=False)
        case Sight.OWN:  # of a split case the original, not the parts
            return cases.filter(_requester_condition(actor), parent=None)
        case Sight.REPORTED_TO_VISIT_BACK:
            return cases.filter(
                Q(state__in=[State.REPORTED, State.CLOSED, State.MERGED]) | Q(visit_back_due_at__isnull=False)
            )
        case Sight.FOUND_OR_TO_CHECK:
            return cases.filter(found_by=actor.person_id) | cases.filter(_to_check_condition(actor))
        case Sight.OF_ITS_UNITS | Sight.OF_ITS_UNITS_AND_STREET:
            return _visible_to_units(cases, actor, still_open)
        case Sight.NONE:
            return cases.none()
        case _ as sight:
            assert_never(sight)


def state_in(*states: State) -> Q:
    """Condition: the case is in one of these states; for queries that find their cases by another index.

    Written so that PostgreSQL uses no index on the state for it: it would combine two such indexes, expect a handful of
    rows and read thousands.
    """
    return Q(In(Concat(F("state"), Value("")), [state.value for state in states]))


def representative_of(actor: Actor) -> Actor:
    """The cache key of prepared queries: one actor for all that see the same cases, else the actor."""
    return replace(SYSTEM, role=actor.role) if sees_whole_district(actor) else actor


def sees_whole_district(actor: Actor) -> bool:
    """Whether the visible cases depend on the role only, not on the person or unit."""
    return actor.profile.sight in {Sight.ALL, Sight.ALL_BUT_SENSITIVE}


def _requester_condition(actor: Actor) -> Q:
    """Query condition equal to `is_requester`. An actor without any identity matches no case."""
    own = Q(pk__in=[])
    if actor.person_id is not None:
        own |= Q(requester=actor.person_id)
    if actor.phone_index:
        own |= Q(phone_index=actor.phone_index)
    if actor.case_id is not None:
        own |= Q(pk=actor.case_id)
    return own


def is_requester(case: Case, actor: Actor) -> bool:
    """Whether the actor is the requester: by account, by verified phone, or as the one who just sent the case."""
    return actor.role in REQUESTER_ROLES and (
        (case.requester_id is not None and case.requester_id == actor.person_id)
        or (bool(actor.phone_index) and bytes(case.phone_index) == actor.phone_index)
        or (actor.case_id is not None and case.pk == actor.case_id)
    )


def _to_check_condition(actor: Actor) -> Q:
    """Condition: patrol cases of the street that are reported, and wait for a check on the spot."""
    return Q(kind=CaseKind.PATROL, state=State.REPORTED, street=actor.place_id, sensitive=False)


def _sees_street(actor: Actor) -> bool:
    return actor.profile.sight is Sight.OF_ITS_UNITS_AND_STREET and actor.place_id is not None


def _visible_to_units(cases: QuerySet[Case], actor: Actor, still_open: bool) -> QuerySet[Case]:
    cases = cases.exclude(complained_about__in=actor.unit_ids)
    path = Involvement.objects.filter(unit__in=actor.unit_ids)
    on_path = Q(Exists(path.filter(case=OuterRef("pk"))))
    if still_open:  # few rows; else every query would read the whole history of the unit
        on_path = Q(pk__in=path.filter(open=True).values("case"))
    if _sees_street(actor):
        return cases.filter(Q(street=actor.place_id, sensitive=False) | on_path)
    return cases.filter(on_path)


def sees_by_unit(actor: Actor) -> bool:
    """Whether the actor sees mainly the cases on the path of their units."""
    return actor.profile.sight in {Sight.OF_ITS_UNITS, Sight.OF_ITS_UNITS_AND_STREET}


def open_cases_of_units(actor: Actor) -> QuerySet[Case]:
    """Open cases visible to the actor's units, found by the indexes of open cases."""
    near = Involvement.objects.filter(unit__in=actor.unit_ids, open=True).values("case")
    if _sees_street(actor):
        there = Case.objects.filter(street=actor.place_id, sensitive=False, state__in=sorted(OPEN_STATES))
        near = near.union(there.values("pk"))
    return Case.objects.filter(pk__in=near, state__in=sorted(OPEN_STATES)).exclude(
        complained_about__in=actor.unit_ids
    )


NEWEST_FIRST = ("-received_at", "-pk")


@dataclass(frozen=True, slots=True)
class AccessPath:
    """One of the subsets that make up the visible cases, and the columns of the index that sorts it by receipt."""

    cases: QuerySet[Case]
    order: tuple[str, str] = NEWEST_FIRST


def access_paths(actor: Actor, until: datetime | None, *, still_open: bool = False) -> list[AccessPath]:
    """Splits `visible` into subsets received up to `until` (None: all); only for actors with several, or units.

    PostgreSQL can walk one index in the order of receipt for each subset, but no index for their union. `still_open`:
    only open cases, which have their own indexes; the caller filters for open cases as well.
    """
    match actor.profile.sight:
        case Sight.FOUND_OR_TO_CHECK:
            found = Case.objects.filter(found_by=actor.person_id)
            return [AccessPath(found), AccessPath(Case.objects.filter(_to_check_condition(actor)))]
        case Sight.OF_ITS_UNITS | Sight.OF_ITS_UNITS_AND_STREET:
            return _paths_of_units(actor, until, still_open)
        case Sight.ALL | Sight.ALL_BUT_SENSITIVE | Sight.OWN | Sight.REPORTED_TO_VISIT_BACK | Sight.NONE:
            return []
        case _ as sight:
            assert_never(sight)


def _paths_of_units(actor: Actor, until: datetime | None, still_open: bool) -> list[AccessPath]:
    cases = Case.objects.exclude(complained_about__in=actor.unit_ids)
    involved: dict[str, object] = {"involvements__received_at__lte": until} if until else {}
    involved |= {"involvements__open": True} if still_open else {}
    found = [
        AccessPath(
            cases.filter(involvements__unit=unit_id, **involved),
            ("-involvements__received_at", "-involvements__case_id"),
        )
        for unit_id in sorted(actor.unit_ids)
    ]
    if _sees_street(actor):
        found.append(AccessPath(cases.filter(street=actor.place_id, sensitive=False)))
    return found


def may_see_contact(case: Case, actor: Actor) -> bool:
    """Whether the actor may see the requester's contact data, with a reason; handlers only while they handle it."""
    match actor.profile.contact:
        case ContactAccess.OWN:
            return is_requester(case, actor)
        case ContactAccess.ON_DEMAND:
            return True
        case ContactAccess.WHILE_HANDLING:
            return not case.hidden and _is_handling(case, actor)
        case ContactAccess.WHERE_SHARED:
            return case.shared_with_property and not case.hidden
        case ContactAccess.NEVER:
            return False
        case _ as access:
            assert_never(access)


def _is_handling(case: Case, actor: Actor) -> bool:
    active = getattr(case, "active", None)  # a `CaseDetail` has them
    if active is not None:
        return any(row.unit_id in actor.unit_ids for row in active)
    return Assignment.objects.filter(case=case, unit__in=actor.unit_ids, ended_at=None).exists()


def with_masked_subject(case: Case, actor: Actor) -> Case:
    """Masks the subject in memory, as the actor may read it in a list; nothing is saved."""
    if not may_see_text(actor):
        case.subject = _("（内容不显示）")
    else:
        case.subject = mask_for_list(case.subject, actor)
    return case


def mask_for_list(text: str, actor: Actor) -> str:
    """Text of the case for a list: names and numbers masked, unless the actor may see every contact."""
    return text if actor.profile.text is TextAccess.IN_FULL else mask_text(text)


def mask_for_case(text: str, case: Case, actor: Actor) -> str:
    """Text of the case for its page: names and numbers masked, unless the actor may see its contact."""
    return text if may_see_contact(case, actor) else mask_text(text)


def may_see_text(actor: Actor) -> bool:
    """Whether the actor may read the text of cases."""
    return actor.profile.text is not TextAccess.NONE


def may_see_event(action: str, actor: Actor) -> bool:
    """Whether the actor may see an event of this action, in a case that they may see."""
    match actor.profile.events:
        case EventAccess.ALL:
            return True
        case EventAccess.FOR_REQUESTER:
            return CARDS[action].requester_sees
        case EventAccess.NONE:
            return False
        case _ as access:
            assert_never(access)


def may_see_event_text(action: str, actor: Actor) -> bool:
    """Whether the actor may read the text of an event of this action, in a case that they may see."""
    match actor.profile.event_text:
        case EventTextAccess.ALL:
            return True
        case EventTextAccess.FOR_REQUESTER:
            return CARDS[action].requester_reads
        case EventTextAccess.FOR_COMPANY:
            return CARDS[action].company_reads
        case EventTextAccess.NONE:
            return False
        case _ as access:
            assert_never(access)


def may_see_inner_course(actor: Actor) -> bool:
    """Whether the actor may see internal data: the facts of events, and the parent of a split case."""
    return actor.profile.events is EventAccess.ALL


def may_see_people(actor: Actor) -> bool:
    """Whether the actor sees which person acted; others see only the unit."""
    return actor.profile.sees_people
