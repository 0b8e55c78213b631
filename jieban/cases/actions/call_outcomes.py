"""Actions on a case within the call that creates it; each is one transaction with the receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base import vault
from jieban.base.clock import local
from jieban.base.errors import Invalid
from jieban.base.masking import normalize_phone
from jieban.cases.actions.course.supervise import add_note, remind
from jieban.cases.actions.intake.receive import Concern, Received, receive
from jieban.cases.actions.intake.reception import answer_now, hand_over
from jieban.cases.actions.intake.split_and_merge import merge
from jieban.cases.actions.intake.suggestion_rows import save_shown_proposals
from jieban.cases.checks.proposal import Proposal
from jieban.cases.flow.enums import EmergencyService
from jieban.cases.flow.states import Urgency
from jieban.cases.models import AlsoNotified, Case
from jieban.registry.identity.posts import Actor


@dataclass(frozen=True, slots=True)
class EmergencyCall:
    """Call to 110, 119, 120 or 122: when, who answered, and what was said."""

    service: str
    called_at: datetime
    spoke_to: str
    said: str

    def words(self) -> str:
        service, at = EmergencyService(self.service).label, local(self.called_at)
        day = _("%(month)02d月%(day)02d日") % {"month": at.month, "day": at.day}
        return _("%(at)s 致电 %(service)s，接听人：%(who)s。%(said)s") % {
            "at": f"{day} {at:%H:%M}",
            "service": service,
            "who": self.spoke_to or _("未记录"),
            "said": self.said,
        }


@dataclass(frozen=True, slots=True)
class AnswerAtOnce:
    """The operator answers the caller; `article` as in `answer_now`."""

    text: str
    article: str = ""


@dataclass(frozen=True, slots=True)
class PassToEmergency:
    """The case goes to the emergency services that were called."""

    calls: Sequence[EmergencyCall]


@dataclass(frozen=True, slots=True)
class JoinCase:
    """The caller speaks of a case that is known."""

    primary_id: int


@dataclass(frozen=True, slots=True)
class GoOn:
    """The case goes its way; emergency services may have been called as well."""

    calls: Sequence[EmergencyCall] = ()


CallOutcome = AnswerAtOnce | PassToEmergency | JoinCase | GoOn


@transaction.atomic
def receive_call(
    concern: Concern, outcome: CallOutcome, proposals: Sequence[Proposal], *, actor: Actor, at: datetime
) -> Received:
    """Receives a call with the outcome its operator chose, and stores the proposals they saw. Idempotent."""
    received = _receive_with(outcome, concern, actor, at)
    save_shown_proposals(received, proposals, at)
    return received


def _receive_with(outcome: CallOutcome, concern: Concern, actor: Actor, at: datetime) -> Received:
    match outcome:
        case AnswerAtOnce(text, article):
            return receive_and_answer(concern, actor=actor, at=at, text=text, article=article)
        case PassToEmergency(calls):
            return receive_and_hand_over(concern, actor=actor, at=at, calls=calls)
        case JoinCase(primary_id):
            return receive_and_merge(concern, actor=actor, at=at, primary_id=primary_id)
        case GoOn(calls):
            return receive_noting_calls(concern, actor=actor, at=at, calls=calls)


@transaction.atomic
def receive_and_answer(
    concern: Concern, *, actor: Actor, at: datetime, text: str, article: str = ""
) -> Received:
    """Receives a consultation and answers it while the caller is on the line (即时答复). Idempotent.

    `article` names the knowledge article and version, as in `answer_now`.
    """
    received = receive(concern, actor=actor, at=at)
    if not received.created:
        return received
    return Received(answer_now(received.case.pk, actor=actor, at=at, text=text, article=article), True)


@transaction.atomic
def receive_and_merge(concern: Concern, *, actor: Actor, at: datetime, primary_id: int) -> Received:
    """Receives a case and merges it into a known one; this caller is visited back as well."""
    received = receive(concern, actor=actor, at=at)
    if not received.created:
        return received
    return Received(merge(received.case.pk, actor=actor, at=at, primary_id=primary_id), True)


@transaction.atomic
def receive_and_hand_over(
    concern: Concern, *, actor: Actor, at: datetime, calls: Sequence[EmergencyCall]
) -> Received:
    """Receives a case and hands it over to emergency services that were called. The duty leader is notified."""
    _check_calls(calls, at, needed=True)
    received = receive(concern, actor=actor, at=at)
    if not received.created:
        return received
    first = min(calls, key=lambda call: call.called_at)
    case = hand_over(
        received.case.pk, actor=actor, at=at, service=first.service, called_at=first.called_at, said=_calls_text(calls)
    )  # fmt: skip
    return Received(case, True)


@transaction.atomic
def receive_noting_calls(
    concern: Concern, *, actor: Actor, at: datetime, calls: Sequence[EmergencyCall]
) -> Received:
    """Receives an urgent case that the district also handles, with a note of the emergency calls."""
    _check_calls(calls, at)
    if calls and concern.urgency == Urgency.NORMAL:
        sentence = _("已呼叫紧急服务，紧急程度请选“紧急”或“危及生命安全”。")
        raise Invalid(sentence, fields={"urgency": sentence})
    received = receive(concern, actor=actor, at=at)
    if not received.created or not calls:
        return received
    return Received(add_note(received.case.pk, actor=actor, at=at, text=_calls_text(calls)), True)


def _check_calls(calls: Sequence[EmergencyCall], at: datetime, *, needed: bool = False) -> None:
    problem = ""
    if needed and not calls:
        problem = _("移交前请先呼叫 110、119、120 或 122，并记下时间和通话内容。")
    for call in calls:
        if call.called_at > at:
            problem = _("致电 %s 的时间不能晚于现在，请改正。") % call.service
        elif not call.said.strip():
            problem = _("请写明致电 %s 时说了什么。") % call.service
    if problem:
        raise Invalid(problem, fields={"emergency": problem})


def _calls_text(calls: Sequence[EmergencyCall]) -> str:
    return "\n".join(call.words() for call in sorted(calls, key=lambda call: call.called_at))


@transaction.atomic
def follow_up(case_id: int, *, actor: Actor, at: datetime, text: str, phone: str, name: str = "") -> Case:
    """Reminder by another caller about a running case (跟进); they become a follower and get its text messages."""
    if not normalize_phone(phone):
        raise Invalid(_("跟进须有来电人的电话，以便告知进展。"), fields={"phone": _("必填")})
    case = remind(case_id, actor=actor, at=at, text=text)
    AlsoNotified.objects.bulk_create(
        [
            AlsoNotified(
                case=case,
                at=at,
                phone_index=vault.blind_index(phone),
                phone=vault.seal(normalize_phone(phone), "phone"),
                name=vault.seal(name.strip().replace("\0", "")[:60], "name") if name.strip() else b"",
            )
        ],
        ignore_conflicts=True,
    )
    return case
