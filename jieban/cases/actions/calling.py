"""A whole call in one change: received, and in the same breath answered, handed over or joined to a like case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local
from jieban.base.errors import Missing
from jieban.cases.actions.intake import answer_now, hand_over, merge
from jieban.cases.actions.receiving import Concern, Received, receive
from jieban.cases.actions.supervision import add_note
from jieban.cases.flow import EmergencyService, Urgency
from jieban.registry.posts import Actor

AHEAD = timedelta(minutes=1)  # of the operator's clock


@dataclass(frozen=True, slots=True)
class Alarm:
    """An emergency service that was called while the caller was on the line: when, and what was said to whom."""

    service: str
    called_at: datetime
    said: str


@transaction.atomic
def take_call(
    concern: Concern,
    *,
    actor: Actor,
    at: datetime,
    answer: str = "",
    join_id: int | None = None,
    alarms: Sequence[Alarm] = (),
    stays: bool = False,
) -> Received:
    """Receives what a caller said together with what was done about it on the line; all of it, or nothing.

    A consultation may be answered at once; a like case takes this one up, and its caller is still visited back;
    emergency services that were called end it, unless it stays with the district too: then it is received as
    dangerous, with the calls noted. Sent twice it is one case, with nothing done a second time.
    """
    if bool(answer) + (join_id is not None) + bool(alarms and not stays) > 1:
        raise Missing(_("即时答复、并入和移交紧急服务只能选一项。"))
    if alarms and stays:
        concern = replace(concern, urgency=Urgency.LIFE)
    received = receive(concern, actor=actor, at=at)
    if not received.created:
        return received
    case_id = received.case.pk
    if alarms and not stays:
        first, *others = alarms
        _note(case_id, others, actor, at)
        hand_over(
            case_id,
            actor=actor,
            at=at,
            service=first.service,
            called_at=min(first.called_at, at),
            said=first.said,
        )
    else:
        _note(case_id, alarms, actor, at)
    if answer:
        answer_now(case_id, actor=actor, at=at, text=answer)
    if join_id is not None:
        merge(case_id, actor=actor, at=at, primary_id=join_id)
    return received


def _note(case_id: int, alarms: Sequence[Alarm], actor: Actor, at: datetime) -> None:
    for alarm in alarms:
        when, service = f"{local(alarm.called_at):%H:%M}", EmergencyService(alarm.service).label
        add_note(case_id, actor=actor, at=at, text=_("%(when)s 已拨打 %(service)s：%(said)s") % {
            "when": when, "service": service, "said": alarm.said,
        })  # fmt: skip
