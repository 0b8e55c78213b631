"""Telephone calls: what the telephone system tells, and which of them an operator has before them.

Events come late, twice and out of order. Each moment of a call is written once; after its end nothing begins anew.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.errors import Missing, NotFound
from jieban.cases.models import Call, Case
from jieban.registry.models import Person, Role
from jieban.registry.posts import posts_of

FRESH = timedelta(hours=2)  # a call that was never ended is not shown for longer
KEPT = timedelta(days=90)
AHEAD = timedelta(minutes=5)  # by how much the clock of a telephone system may be wrong
LONGEST_ID = 80


class Told(TextChoices):
    """What a telephone system tells of a call."""

    RINGING = "ringing", _("振铃")
    ANSWERED = "answered", _("接通")
    ENDED = "ended", _("挂断")


# The first telling makes the call; later ones fill in what is not known yet, and no call rings after its end.
_TELL = """
INSERT INTO cases_call (call_id, operator_id, phone, told_at, {moment}) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (call_id) DO UPDATE SET
  {moment} = COALESCE(cases_call.{moment}, EXCLUDED.{moment}),
  phone = CASE WHEN cases_call.phone = ''::bytea THEN EXCLUDED.phone ELSE cases_call.phone END
"""


def tell(
    call_id: str, event: str, number: str, operator: str, *, happened_at: datetime, at: datetime
) -> None:
    """Writes down what a telephone system says of a call.

    Raises Missing when the call has no name, the event is unknown, nobody of that name takes calls today, or it
    is said to happen later than now.
    """
    wrong: dict[str, str] = {}
    if not call_id.strip() or len(call_id) > LONGEST_ID:
        wrong["call_id"] = _("请填写 80 字以内的通话编号")
    if event not in Told.values:
        wrong["event"] = _("请从下列值中选择：%s") % "、".join(Told.values)
    if happened_at > at + AHEAD:
        wrong["at"] = _("不能晚于现在")
    person = _operator(operator, at)
    if person is None:
        wrong["operator"] = _("没有这个话务员，或者其现在不在岗位")
    if wrong or person is None:
        raise Missing(_("通话消息无法记录，请按 fields 改正。"), code="invalid", fields=wrong)
    sealed = vault.seal(vault.normal_phone(number), "call") if vault.normal_phone(number) else b""
    with connection.cursor() as cursor:  # the column's name is one of ours
        cursor.execute(
            _TELL.format(moment=f"{event}_at"), [call_id.strip(), person.pk, sealed, at, min(happened_at, at)]
        )


def _operator(username: str, at: datetime) -> Person | None:
    person = Person.objects.filter(username=username, is_active=True).first()
    takes_calls = person and any(post.role == Role.OPERATOR for post in posts_of(person, at))
    return person if takes_calls else None


def waiting_for(person_id: int, at: datetime) -> Call | None:
    """The newest call of this operator that goes on and of which nothing was received yet; one query."""
    own = Call.objects.filter(operator=person_id, ended_at=None, case=None, told_at__gte=at - FRESH)
    return own.order_by("-told_at").first()


def number_of(pk: int, person_id: int) -> str:
    """The number of one of the operator's own calls. Raises NotFound for another's."""
    call = Call.objects.filter(pk=pk, operator=person_id).first()
    if call is None:
        raise NotFound(_("没有这个来电，或者不是转给您的。"))
    return vault.open_sealed(call.phone, "call") if call.phone else ""


def bind(pk: int, person_id: int, case: Case) -> None:
    """The case was received in this call of the operator; the first one stays."""
    Call.objects.filter(pk=pk, operator=person_id, case=None).update(case=case)


def seconds_of(case: Case) -> int | None:
    """How long the call was in which the case was received; None when no telephone system told."""
    call = Call.objects.filter(case=case, answered_at__isnull=False, ended_at__isnull=False).first()
    if call is None or call.answered_at is None or call.ended_at is None:
        return None
    return max(0, int((call.ended_at - call.answered_at).total_seconds()))


def forget(at: datetime) -> int:
    """Drops calls of which nothing was received after their time; returns how many."""
    return Call.objects.filter(case=None, told_at__lt=at - KEPT).delete()[0]
