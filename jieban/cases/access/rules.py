"""Who may see which cases and which personal data. Used only through queries."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.db.models.lookups import In
from django.utils.translation import gettext as _

from jieban.cases.flow.cards import CARDS
from jieban.cases.flow.states import OPEN_STATES, CaseKind, State
from jieban.cases.models import Assignment, Case, Involvement
from jieban.language.text.personal_data import mask_text
from jieban.registry.identity.posts import SYSTEM, Actor
from jieban.registry.roles import Role

# These posts cover the whole district.
SEE_ALL = frozenset(
    {Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR, Role.ANALYST, Role.LEADER, Role.AUDITOR, Role.SYSTEM}
)
# Of a sensitive case (敏感) only these know besides the units on its path and whoever asked or found it.
KNOW_SENSITIVE = SEE_ALL - {Role.ANALYST} | {Role.CALLER}
# These see contact data where they see the case; dispatchers and supervisors on demand like everybody, logged.
CONTACT_ROLES = frozenset(
    {
        Role.OPERATOR,
        Role.DISPATCHER,
        Role.CALLER,
        Role.SUPERVISOR,
        Role.STREET,
        Role.DEPARTMENT,
        Role.COMMUNITY,
    }
)
HANDLER_ROLES = frozenset({Role.STREET, Role.DEPARTMENT, Role.COMMUNITY})
# These see that a case exists and its course, but not what was said.
ROLES_WITHOUT_TEXT = frozenset({Role.AUDITOR, Role.ADMIN})
REQUESTER_ROLES = frozenset({Role.RESIDENT, Role.ENTERPRISE})


def visible(cases: QuerySet[Case], actor: Actor, *, still_open: bool = False) -> QuerySet[Case]:
    """The cases that the post may know of. `still_open`: of open cases only; the caller narrows them to those, too."""
    if actor.role in SEE_ALL:
        return cases if actor.role in KNOW_SENSITIVE else cases.filter(sensitive=False)
    if actor.role in REQUESTER_ROLES:
        return cases.filter(
            _requester_condition(actor), parent=None
        )  # of a split case they see the one they sent
    if actor.role == Role.CALLER:
        return cases.filter(
            Q(state__in=[State.REPORTED, State.CLOSED, State.MERGED]) | Q(visit_back_due_at__isnull=False)
        )
    if actor.role == Role.PATROL:
        return cases.filter(found_by=actor.person_id) | cases.filter(
            kind="patrol", state=State.REPORTED, street=actor.place_id, sensitive=False
        )
    if sees_by_unit(actor):
        return _visible_to_units(cases, actor, still_open)
    return cases.none()


def state_in(*states: State) -> Q:
    """The case is in one of these states; for cases that are found by something else.

    Written so that no index of states is taken for it: PostgreSQL expects a handful of cases from two such indexes
    together, reads thousands, and leaves the few that were meant aside.
    """
    return Q(In(Concat(F("state"), Value("")), [state.value for state in states]))


def representative_of(actor: Actor) -> Actor:
    """Who stands for all that may know of the same cases: a query written for it serves every post of its role."""
    return replace(SYSTEM, role=actor.role) if actor.role in SEE_ALL else actor


def _requester_condition(actor: Actor) -> Q:
    """The condition of `is_requester`. What an actor is not known by finds nothing, least of all the nameless."""
    own = Q(pk__in=[])
    if actor.person_id is not None:
        own |= Q(requester=actor.person_id)
    if actor.phone_index:
        own |= Q(phone_index=actor.phone_index)
    if actor.case_id is not None:
        own |= Q(pk=actor.case_id)
    return own


def is_requester(case: Case, actor: Actor) -> bool:
    """Whether this is the case of whoever acts: by account, by the telephone proven, or as just brought in."""
    if actor.role not in REQUESTER_ROLES:
        return False
    return (
        (case.requester_id is not None and case.requester_id == actor.person_id)
        or (bool(actor.phone_index) and bytes(case.phone_index) == actor.phone_index)
        or (actor.case_id is not None and case.pk == actor.case_id)
    )


def _visible_to_units(cases: QuerySet[Case], actor: Actor, still_open: bool) -> QuerySet[Case]:
    cases = cases.exclude(complained_about__in=actor.unit_ids)
    path = Involvement.objects.filter(unit__in=actor.unit_ids)
    on_path = Q(Exists(path.filter(case=OuterRef("pk"))))
    if still_open:  # few, while a unit's whole past would be looked through for each query
        on_path = Q(pk__in=path.filter(open=True).values("case"))
    if actor.role == Role.STREET and actor.place_id is not None:
        return cases.filter(Q(street=actor.place_id, sensitive=False) | on_path)
    return cases.filter(on_path)


def sees_by_unit(actor: Actor) -> bool:
    """Whether the post sees what its units have on their path, and little else."""
    return actor.role in HANDLER_ROLES | {Role.PROPERTY}


def open_cases_of_units(actor: Actor) -> QuerySet[Case]:
    """The open cases among those visible to a unit's post, found by the indexes of what is open."""
    near = Involvement.objects.filter(unit__in=actor.unit_ids, open=True).values("case")
    if actor.role == Role.STREET and actor.place_id is not None:
        there = Case.objects.filter(street=actor.place_id, sensitive=False, state__in=sorted(OPEN_STATES))
        near = near.union(there.values("pk"))
    return Case.objects.filter(pk__in=near, state__in=sorted(OPEN_STATES)).exclude(
        complained_about__in=actor.unit_ids
    )


NEWEST_FIRST = ("-received_at", "-pk")


@dataclass(frozen=True, slots=True)
class AccessPath:
    """A way in which cases come before a post, and the order of receipt in which an index has them."""

    cases: QuerySet[Case]
    order: tuple[str, str] = NEWEST_FIRST


def access_paths(actor: Actor, until: datetime | None, *, still_open: bool = False) -> list[AccessPath]:
    """The same cases as `visible`, received until then (None: all), where they come by more than one way or by units.

    PostgreSQL walks one index in the order of receipt for each, but none for all of them together. `still_open`: only
    the open ones, which have indexes of their own; whoever asks narrows the cases themselves, too.
    """
    cases = Case.objects.all()
    if actor.role == Role.PATROL:
        reported = cases.filter(
            kind=CaseKind.PATROL, state=State.REPORTED, street=actor.place_id, sensitive=False
        )
        return [AccessPath(cases.filter(found_by=actor.person_id)), AccessPath(reported)]
    if not sees_by_unit(actor):
        return []
    cases = cases.exclude(complained_about__in=actor.unit_ids)
    involved: dict[str, object] = {"involvements__received_at__lte": until} if until else {}
    involved |= {"involvements__open": True} if still_open else {}
    found = [
        AccessPath(
            cases.filter(involvements__unit=unit_id, **involved),
            ("-involvements__received_at", "-involvements__case_id"),
        )
        for unit_id in sorted(actor.unit_ids)
    ]
    if actor.role == Role.STREET and actor.place_id is not None:
        found.append(AccessPath(cases.filter(street=actor.place_id, sensitive=False)))
    return found


def may_see_contact(case: Case, actor: Actor) -> bool:
    """Whether the post may see who asked, after giving a reason. Handlers only while they handle the case."""
    if is_requester(case, actor):
        return True
    if actor.role == Role.PROPERTY:
        return case.shared_with_property and not case.hidden
    if actor.role not in CONTACT_ROLES:
        return False
    if actor.role in HANDLER_ROLES:
        return not case.hidden and _is_handling(case, actor)
    return True


def _is_handling(case: Case, actor: Actor) -> bool:
    active = getattr(case, "active", None)  # where the whole case was read, it has them
    if active is not None:
        return any(row.unit_id in actor.unit_ids for row in active)
    return Assignment.objects.filter(case=case, unit__in=actor.unit_ids, ended_at=None).exists()


def with_masked_subject(case: Case, actor: Actor) -> Case:
    """With the subject as the post may read it in a list; the row itself stays as it is."""
    if not may_see_text(actor):
        case.subject = _("（内容不显示）")
    else:
        case.subject = mask_for_list(case.subject, actor)
    return case


def mask_for_list(text: str, actor: Actor) -> str:
    """What was said, as a list shows it: without persons and numbers where not every contact may be seen."""
    return text if actor.role in REQUESTER_ROLES | (CONTACT_ROLES - HANDLER_ROLES) else mask_text(text)


def mask_for_case(text: str, case: Case, actor: Actor) -> str:
    """What was said or written, without persons and numbers in it for a post that may not see who asked."""
    return text if may_see_contact(case, actor) else mask_text(text)


def may_see_text(actor: Actor) -> bool:
    """Whether the post may read what was said."""
    return actor.role not in ROLES_WITHOUT_TEXT


def may_see_event(action: str, actor: Actor) -> bool:
    """Whether the post may know that this was done in a case which it may see."""
    return actor.role not in REQUESTER_ROLES or CARDS[action].requester_sees


def may_see_event_text(action: str, actor: Actor) -> bool:
    """Whether the post may read what was written with this action in a case which it may see."""
    if actor.role in REQUESTER_ROLES:
        return CARDS[action].requester_reads
    if actor.role == Role.PROPERTY:
        return CARDS[action].company_reads
    return may_see_text(actor)


def may_see_people(actor: Actor) -> bool:
    """Whether the post sees which person acted; others see the unit."""
    return actor.role not in REQUESTER_ROLES | {Role.PROPERTY}
