"""Telephone calls by events of a telephone system (screen-pop, 来电弹屏): late, duplicate or out of order.

Each call is one row. The number is encrypted; it is stored for a day, afterwards only with the case.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.base.masking import mask_phone, normalize_phone
from jieban.cases.models import Call, Case
from jieban.registry.identity.posts import holdings_in_force
from jieban.registry.models import Holding, Person
from jieban.registry.roles import Right, roles_with

CURRENT_WINDOW = timedelta(hours=4)  # after which a call without an end event counts as ended
NUMBER_RETENTION = timedelta(hours=24)
CLOCK_TOLERANCE = timedelta(minutes=5)  # by how much a telephone system's clock may be fast
STAGES = list(Call.Stage)
TIME_COLUMNS = {
    Call.Stage.RINGING: "rang_at",
    Call.Stage.ANSWERED: "answered_at",
    Call.Stage.ENDED: "ended_at",
}


@dataclass(frozen=True, slots=True)
class CurrentCall:
    """Current call of an operator; the number is masked until the call is answered."""

    pk: int
    stage: str
    masked: str
    number: str
    since: datetime


@transaction.atomic
def record_event(
    call_id: str, event: str, number: str, operator: str, event_at: datetime, *, at: datetime
) -> Call:
    """Records an event of a call. One that arrives after a later event changes no state, only its own time.

    Raises Invalid when there is no such operator today, or the time lies in the future.
    """
    if event_at > at + CLOCK_TOLERANCE:
        raise Invalid(_("事件时间晚于现在，请核对话务系统的时钟。"), fields={"at": _("晚于现在")})
    person = _operator(operator, at)
    sealed = vault.seal(normalize_phone(number), "phone") if normalize_phone(number) else b""
    fresh = {
        "person": person,
        "stage": event,
        "number": sealed,
        "told_at": at,
        TIME_COLUMNS[Call.Stage(event)]: event_at,
    }
    call, created = Call.objects.select_for_update().get_or_create(call_id=call_id, defaults=fresh)
    if not created:
        _apply_event(call, Call.Stage(event), event_at, person, sealed, at)
    Call.objects.filter(told_at__lt=at - NUMBER_RETENTION, case=None).exclude(number=b"").update(number=b"")
    return call


def _apply_event(
    call: Call, event: Call.Stage, event_at: datetime, person: Person, sealed: bytes, at: datetime
) -> None:
    """Applies an event: the later of two states wins; an ended call stays so, and stays with its operator."""
    if getattr(call, TIME_COLUMNS[event]) is None:
        setattr(call, TIME_COLUMNS[event], event_at)
    if STAGES.index(event) >= STAGES.index(Call.Stage(call.stage)) and call.stage != Call.Stage.ENDED:
        call.stage = event
        call.person = person  # passed on before it was answered
        call.told_at = at
    if not call.number and call.case_id is None:
        call.number = sealed
    call.save()


def _operator(username: str, at: datetime) -> Person:
    held = Holding.objects.filter(
        holdings_in_force(local_date(at)),
        post__role__in=sorted(roles_with(Right.TAKE_CALLS)),
        person__username=username.replace("\0", ""),
    )
    found = held.select_related("person").first()
    if found is None:
        raise Invalid(_("没有这位当班受理员，请核对用户名。"), fields={"operator": _("没有这位受理员")})
    return found.person


def current_call(person_id: int, at: datetime) -> CurrentCall | None:
    """The newest call that this person has and that has not ended; one query by an index."""
    newest = (
        Call.objects.filter(person=person_id, told_at__gte=at - CURRENT_WINDOW)
        .order_by("-told_at", "-pk")
        .first()
    )
    if newest is None or newest.stage == Call.Stage.ENDED:
        return None
    number = vault.unseal(newest.number, "phone") if newest.number else ""
    answered = newest.stage == Call.Stage.ANSWERED
    since = (newest.answered_at if answered else newest.rang_at) or newest.told_at
    return CurrentCall(newest.pk, newest.stage, mask_phone(number), number if answered else "", since)


def number_of(call_pk: int, person_id: int, at: datetime) -> str:
    """Number of a call that this person answered within the last hours; empty for calls of others."""
    call = Call.objects.filter(pk=call_pk, person=person_id, told_at__gte=at - CURRENT_WINDOW).first()
    answered = call is not None and call.answered_at is not None
    return vault.unseal(call.number, "phone") if call and answered and call.number else ""


def link_case(call_pk: int, person_id: int, case: Case) -> None:
    """Links a case to the person's call; the first link stays."""
    Call.objects.filter(pk=call_pk, person=person_id, case=None).update(case=case)


def duration_of(case: Case) -> timedelta | None:
    """Duration of the call in which the case was received; None while it lasts or is unknown."""
    call = Call.objects.filter(case=case, answered_at__isnull=False, ended_at__isnull=False).first()
    if call is None or call.answered_at is None or call.ended_at is None:
        return None
    return max(call.ended_at - call.answered_at, timedelta())
