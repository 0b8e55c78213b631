"""Task list for a unit's field work: one task per case, sorted by urgency or by distance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db.models import Case as When
from django.db.models import DateTimeField, F, IntegerField, Q, QuerySet, Value
from django.db.models import When as If
from django.db.models.functions import Coalesce, Least

from jieban.cases.access import rules
from jieban.cases.checks.readiness import Readiness, readiness_of
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import SHARE_RELATIONS, Relation
from jieban.cases.flow.states import State, Urgency
from jieban.cases.models import Assignment, Case, EventText, WhistleCall
from jieban.registry.district import geo
from jieban.registry.identity.posts import Actor

MOST = 100  # tasks; the most urgent ones if there are more
DETOUR = 1.3  # ratio of the walking distance to the straight line
METRES_A_MINUTE = 75  # slow walking speed, with stairs and crossings
WORK_STATES = (State.DISPATCHED, State.HANDLING)
LEAD_RELATIONS = (Relation.LEAD, Relation.NEXT_LEAD)
URGENCY_RANK = {Urgency.LIFE: 0, Urgency.URGENT: 1}


class TaskClock(StrEnum):
    """Enumeration of the limits that a unit may have to meet next."""

    SIGN = "sign"
    CONTACT = "contact"
    FINISH = "finish"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Task:
    """Case with the unit's next limit in it; `metres` is the straight-line distance from the person."""

    case: Case
    relation: Relation
    clock: TaskClock
    due: datetime | None
    assigned_at: datetime
    readiness: Readiness
    metres: float | None = None

    @property
    def minutes(self) -> int | None:
        """Walking time, rounded up; None without a position."""
        return None if self.metres is None else max(1, math.ceil(self.metres * DETOUR / METRES_A_MINUTE))


_UNSIGNED = Q(relation__in=LEAD_RELATIONS, signed_at=None)
_CONTACT_PENDING = Q(
    relation=Relation.LEAD, case__contact_met_at=None, case__contact_due_at__lt=F("case__finish_due_at")
)
# The unit's own limit: to sign, to contact the requester, or to report; for a share, the share's.
_OWN_DUE = When(
    If(_UNSIGNED, then=F("sign_due_at")),
    If(_CONTACT_PENDING, then=F("case__contact_due_at")),
    If(relation=Relation.LEAD, then=F("case__finish_due_at")),
    default=Coalesce(Least(F("due_at"), F("case__finish_due_at")), F("case__finish_due_at")),
    output_field=DateTimeField(),
)
_RANK = When(
    *[If(case__urgency=urgency, then=Value(place)) for urgency, place in URGENCY_RANK.items()],
    default=Value(len(URGENCY_RANK)),
    output_field=IntegerField(),
)


def open_assignments(actor: Actor) -> QuerySet[Assignment]:
    """Open assignments of the actor's units, the most urgent first."""
    lead = Q(relation__in=LEAD_RELATIONS)
    share = Q(relation__in=SHARE_RELATIONS, reported_at=None)
    return (
        Assignment.objects.filter(
            lead | share, unit__in=actor.unit_ids, ended_at=None, case__state__in=WORK_STATES
        )
        .annotate(own_due=_OWN_DUE)
        .order_by(F("own_due").asc(nulls_last=True), _RANK, "case_id", "pk")
    )


def tasks(actor: Actor) -> list[Task]:
    """Tasks of the actor's units by their own limit, then by urgency. Seven queries."""
    rows: dict[int, Assignment] = {}
    for row in open_assignments(actor)[:MOST]:
        # The command centre and its street may both have a part.
        rows.setdefault(row.case_id, row)
    seen = rules.visible(Case.objects.filter(pk__among=list(rows)), actor)
    cases = {
        case.pk: rules.with_masked_subject(case, actor)
        for case in seen.select_related("category", "place", "community", "street")
    }
    found = readiness_of(cases.values())
    return [_build_task(cases[pk], row, found[pk]) for pk, row in rows.items() if pk in cases]


def task_of(case: Case, actor: Actor) -> Task | None:
    """The actor's task in this case; None without one. Six queries."""
    row = open_assignments(actor).filter(case=case.pk).first()
    return _build_task(case, row, readiness_of([case])[case.pk]) if row else None


def _build_task(case: Case, row: Assignment, readiness: Readiness) -> Task:
    due: datetime | None = row.own_due  # type: ignore[attr-defined]
    relation = Relation(row.relation)
    return Task(case, relation, _clock(case, row, due), due, row.assigned_at, readiness)


def _clock(case: Case, row: Assignment, due: datetime | None) -> TaskClock:
    if row.relation in SHARE_RELATIONS:
        return TaskClock.SHARE
    if row.signed_at is None:
        return TaskClock.SIGN
    return (
        TaskClock.CONTACT if case.contact_met_at is None and due == case.contact_due_at else TaskClock.FINISH
    )


def by_distance(found: Sequence[Task], lat: float, long: float) -> list[Task]:
    """Sorts by distance, the nearest first; cases without a position come last, in their order."""
    measured = [replace(task, metres=_metres(task.case, lat, long)) for task in found]
    return sorted(measured, key=lambda task: math.inf if task.metres is None else task.metres)


def _metres(case: Case, lat: float, long: float) -> float | None:
    """Straight-line distance from a point to the case, in metres; None for a case without a position."""
    return None if case.lat is None or case.long is None else geo.metres(case.lat, case.long, lat, long)


@dataclass(frozen=True, slots=True)
class PendingWhistle:
    """Whistle (吹哨) to which one of the actor's units has not reported yet: by whom, until when, and where to."""

    case: Case
    call_id: int
    street: str
    at: datetime
    meet_at: datetime
    place: str


def pending_whistles(actor: Actor) -> list[PendingWhistle]:
    """Pending whistles of the actor's units, the earliest meeting first. Three queries; one if there are none."""
    calls = list(
        WhistleCall.objects.filter(unit__in=actor.unit_ids, arrived_at=None, case__state=State.HANDLING)
        .select_related("whistle__street")
        .order_by("whistle__meet_at", "pk")[:MOST]
    )
    if not calls:
        return []
    pks = {call.case_id for call in calls}
    seen = rules.visible(Case.objects.filter(pk__in=pks), actor).select_related(
        "category", "place", "community", "street"
    )
    cases = {case.pk: rules.with_masked_subject(case, actor) for case in seen}
    texts = EventText.objects.filter(case__in=pks, name="place", event__action=Action.WHISTLE)
    places = {(pk, at): text for pk, at, text in texts.values_list("case_id", "event__at", "text")}
    return [
        PendingWhistle(
            cases[call.case_id], call.pk, call.whistle.street.name, call.whistle.at, call.whistle.meet_at,
            rules.mask_for_list(places.get((call.case_id, call.whistle.at), ""), actor),
        )
        for call in calls
        if call.case_id in cases
    ]  # fmt: skip


def pending_whistle_of(case: Case, actor: Actor) -> PendingWhistle | None:
    """The first pending whistle of this case; the one that the next arrival answers."""
    mine = [called for called in pending_whistles(actor) if called.case.pk == case.pk]
    return min(mine, key=lambda called: called.call_id, default=None)
