"""Calling list for visit-backs, with leases: who may be called now, who later and why.

A case is leased to one caller while they telephone; the case itself is changed only by the visit-back.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jieban.base.clock import local, local_date
from jieban.base.errors import Invalid, WrongState
from jieban.cases.clocks.calling_hours import CallingSchedule, parse_wish
from jieban.cases.clocks.deadlines import limit
from jieban.cases.flow.states import State
from jieban.cases.lists import case_list, visit_back_list
from jieban.cases.models import CallingHours, CallLease, Case, CaseText, Limit, VisitBack
from jieban.registry.identity.posts import Actor
from jieban.worktime.calendar import load_calendar

LONGEST_REASON = 200
LEASE_SQL = """
INSERT INTO cases_calllease (case_id, person_id, until, reason)
VALUES (%(case)s, %(person)s, %(until)s, %(reason)s)
ON CONFLICT (case_id) DO UPDATE SET
  person_id = EXCLUDED.person_id, until = EXCLUDED.until,
  reason = CASE WHEN EXCLUDED.reason = '' AND cases_calllease.person_id = EXCLUDED.person_id
           THEN cases_calllease.reason ELSE EXCLUDED.reason END
WHERE cases_calllease.until <= %(at)s OR cases_calllease.person_id = EXCLUDED.person_id
RETURNING case_id
"""


@dataclass(frozen=True, slots=True)
class CallingListRow:
    """Row of the calling list. Without `why` it may be called now; else the reason, and from when on."""

    case: Case
    tries: list[datetime] = field(default_factory=list)
    wish: str = ""
    why: str = ""
    from_at: datetime | None = None

    @property
    def number(self) -> int:
        """Ordinal of the next call to this requester."""
        return len(self.tries) + 1

    @property
    def last_at(self) -> datetime | None:
        return self.tries[-1] if self.tries else None


@dataclass(frozen=True, slots=True)
class CallingListPage:
    """Page of the calling list: rows for now, rows for later, the key of the next page."""

    now: list[CallingListRow]
    later: list[CallingListRow]
    next: str


def current_schedule() -> CallingSchedule:
    """Current calling hours; two queries."""
    return CallingSchedule(list(CallingHours.objects.order_by("starts")), load_calendar())


def calling_list(actor: Actor, at: datetime, *, after: str = "") -> CallingListPage:
    """The calling list, the earliest due first; a fixed number of queries per page."""
    page = visit_back_list.calling_list_page(actor, after=after)
    offers = _build_rows(page.cases, actor, at, current_schedule())
    return CallingListPage([o for o in offers if not o.why], [o for o in offers if o.why], page.next)


def calling_list_row(case: Case, actor: Actor, at: datetime) -> CallingListRow:
    """One case as it stands on the calling list."""
    return _build_rows([case], actor, at, current_schedule())[0]


def _build_rows(
    cases: Sequence[Case], actor: Actor, at: datetime, open_hours: CallingSchedule
) -> list[CallingListRow]:
    tries: dict[int, list[datetime]] = defaultdict(list)
    rounds = {case.pk: case.primary.round if case.primary else case.round for case in cases}
    for row in VisitBack.objects.filter(case__in=rounds, reached=False).order_by("at"):
        if row.round == rounds[row.case_id]:
            tries[row.case_id].append(row.at)
    wishes = dict(CaseText.objects.filter(pk__in=rounds).values_list("pk", "preferred_contact"))
    leases = {row.case_id: row for row in _leases_of_others(actor, at).filter(case__in=rounds)}
    minutes = limit(Limit.Name.CALL_AGAIN_MINUTES, local_date(at))
    again = timedelta(minutes=minutes)
    found = []
    for case in cases:
        why, from_at = _why_not(
            tries[case.pk], wishes.get(case.pk, ""), leases.get(case.pk), at, again, open_hours
        )
        found.append(CallingListRow(case, tries[case.pk], wishes.get(case.pk, ""), why, from_at))
    return found


def _leases_of_others(actor: Actor, at: datetime) -> QuerySet[CallLease]:
    return CallLease.objects.filter(until__gt=at).exclude(person=actor.person_id).select_related("person")


def _why_not(
    tries: list[datetime],
    wish: str,
    lease: CallLease | None,
    at: datetime,
    again: timedelta,
    open_hours: CallingSchedule,
) -> tuple[str, datetime | None]:
    """Reason why the requester is not called now, and from when on; empty when they may be called.

    Not within a pause after an unanswered call, nor at an hour of the day of an unanswered call: three calls at the
    same hour do not show that somebody cannot be reached.
    """
    if lease is not None:
        return _("%s正在打这一件") % lease.person.name, lease.until
    if tries and at < tries[-1] + again:
        return _("刚才无人接听"), tries[-1] + again
    if local(at).hour in {local(call).hour for call in tries}:
        following = local(at).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return _("这个钟点打过，无人接听"), following
    meant = parse_wish(wish) if wish else None
    if meant is not None and not open_hours.wish_fits(meant, at):
        return _("诉求人希望：%s") % wish, open_hours.next_wish_at(meant, at)
    return "", None


def may_call(offer: CallingListRow, at: datetime, open_hours: CallingSchedule) -> bool:
    """Whether it is within the district's calling hours, or a time that the requester asked for."""
    meant = parse_wish(offer.wish) if offer.wish else None
    return open_hours.open_at(at) or (meant is not None and open_hours.wish_fits(meant, at))


def take_case(case: Case, actor: Actor, at: datetime, *, reason: str = "") -> None:
    """Leases the case to the caller for some minutes; the caller's other lease is released.

    Raises WrongState where somebody else has it, Invalid outside of the calling hours without a reason.
    """
    own = CallLease.objects.filter(case=case, person=actor.person_id).exists()
    if (
        not own
        and not reason.strip()
        and not may_call(calling_list_row(case, actor, at), at, current_schedule())
    ):
        raise Invalid(
            _("现在不在回访时间内。诉求人要求此时回电的，请写明原因后再打。"),
            fields={"reason": _("请写明原因")},
        )
    if not _acquire_lease(case.pk, actor, at, reason):
        lease = _leases_of_others(actor, at).filter(case=case).first()
        who = lease.person.name if lease else _("其他回访员")
        raise WrongState(_("%s正在打这一件，请打下一件。") % who, code="on_the_telephone")


def take_next_case(actor: Actor, at: datetime) -> Case | None:
    """Leases the first case of the list that may be called now and is free; None when there is none."""
    open_hours = current_schedule()
    after = ""
    while True:
        page = visit_back_list.calling_list_page(actor, after=after)
        for offer in _build_rows(page.cases, actor, at, open_hours):
            if not offer.why and may_call(offer, at, open_hours) and _acquire_lease(offer.case.pk, actor, at):
                if _still_free(offer.case.pk, actor, at, open_hours):
                    return offer.case
                release_lease(offer.case, actor)
        if not page.next:
            return None
        after = page.next


def _still_free(pk: int, actor: Actor, at: datetime, open_hours: CallingSchedule) -> bool:
    """Checks again under the lease: somebody may have called since the list was read."""
    waiting = Q(visit_back_due_at__isnull=False) | Q(state=State.MERGED, visited_back_at=None)
    case = case_list.visible_to(actor).filter(waiting, pk=pk).select_related("primary").first()
    return case is not None and not _build_rows([case], actor, at, open_hours)[0].why


def _acquire_lease(pk: int, actor: Actor, at: datetime, reason: str = "") -> bool:
    minutes = limit(Limit.Name.CALL_LEASE_MINUTES, local_date(at))
    values = {
        "case": pk, "person": actor.person_id, "at": at, "until": at + timedelta(minutes=minutes),
        "reason": reason.replace("\0", "").strip()[:LONGEST_REASON],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(LEASE_SQL, values)
        taken = cursor.fetchone() is not None
    if taken:
        CallLease.objects.filter(person=actor.person_id).exclude(case=pk).delete()
    return taken


def off_hours_reason(case: Case, actor: Actor) -> str:
    """Reason for calling outside of the hours; empty within them."""
    reasons = CallLease.objects.filter(case=case, person=actor.person_id).values_list("reason", flat=True)
    return reasons.first() or ""


def holds_lease(case: Case, actor: Actor) -> bool:
    """Whether the caller still has the lease: nobody has taken the case since."""
    return CallLease.objects.filter(case=case, person=actor.person_id).exists()


def release_lease(case: Case, actor: Actor) -> None:
    """Releases the lease after the call."""
    CallLease.objects.filter(case=case, person=actor.person_id).delete()
