"""Calls as a telephone system tells of them (来电弹屏): late, twice or out of order, each call is one row.

The number is sealed. It is kept for a day, afterwards only with the case that came of the call.
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

CURRENT_WINDOW = timedelta(hours=4)  # a call whose end was never told is then taken for ended
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
    """The call that somebody has now: who calls is masked until it is answered."""

    pk: int
    stage: str
    masked: str
    number: str
    since: datetime


@transaction.atomic
def record_event(
    call_id: str, event: str, number: str, operator: str, moment: datetime, *, at: datetime
) -> Call:
    """Notes an event of a call. What comes after a later one changes no state, only its own moment.

    Raises Missing when there is no such operator today, or the moment lies ahead.
    """
    if moment > at + CLOCK_TOLERANCE:
        raise Invalid(_("事件时间晚于现在，请核对话务系统的时钟。"), fields={"at": _("晚于现在")})
    person = _operator(operator, at)
    sealed = vault.seal(normalize_phone(number), "phone") if normalize_phone(number) else b""
    fresh = {
        "person": person,
        "stage": event,
        "number": sealed,
        "told_at": at,
        TIME_COLUMNS[Call.Stage(event)]: moment,
    }
    call, created = Call.objects.select_for_update().get_or_create(call_id=call_id, defaults=fresh)
    if not created:
        _apply_event(call, Call.Stage(event), moment, person, sealed, at)
    Call.objects.filter(told_at__lt=at - NUMBER_RETENTION, case=None).exclude(number=b"").update(number=b"")
    return call


def _apply_event(
    call: Call, event: Call.Stage, moment: datetime, person: Person, sealed: bytes, at: datetime
) -> None:
    """The later of two states holds; a call that has ended stays so, and is its operator's."""
    if getattr(call, TIME_COLUMNS[event]) is None:
        setattr(call, TIME_COLUMNS[event], moment)
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
    """The number of a call that this person answered within the last hours; empty for anybody else's."""
    call = Call.objects.filter(pk=call_pk, person=person_id, told_at__gte=at - CURRENT_WINDOW).first()
    answered = call is not None and call.answered_at is not None
    return vault.unseal(call.number, "phone") if call and answered and call.number else ""


def link_case(call_pk: int, person_id: int, case: Case) -> None:
    """This case came of this person's call; the first stays, so that a second case does not take it away."""
    Call.objects.filter(pk=call_pk, person=person_id, case=None).update(case=case)


def duration_of(case: Case) -> timedelta | None:
    """How long the call lasted in which the case was received; None while it lasts or where none is known."""
    call = Call.objects.filter(case=case, answered_at__isnull=False, ended_at__isnull=False).first()
    if call is None or call.answered_at is None or call.ended_at is None:
        return None
    return max(call.ended_at - call.answered_at, timedelta())
