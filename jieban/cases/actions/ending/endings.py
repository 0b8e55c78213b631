"""Withdrawal, reopening, and erasure of personal data."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, WrongState
from jieban.cases.actions.door.transition import CaseChange, lock_cases, transition
from jieban.cases.actions.intake.split_and_merge import _detach
from jieban.cases.clocks import deadlines
from jieban.cases.flow import messages
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import Relation
from jieban.cases.flow.states import State
from jieban.cases.models import (
    AlsoNotified,
    Assignment,
    Attachment,
    Call,
    Case,
    CaseEvent,
    CaseText,
    EventText,
    Limit,
    Reading,
    ResultMark,
    Support,
)
from jieban.cases.routing import routing
from jieban.channels import outbox
from jieban.registry.documents.storing import erase_files
from jieban.registry.identity.posts import SYSTEM, Actor


@transaction.atomic
def withdraw(case_id: int, *, actor: Actor, at: datetime, reason: str = "") -> Case:
    """Withdraws the case for its requester (撤诉). Cases merged into it are unmerged."""
    followers = _lock_family(case_id)
    with transition(case_id, Action.WITHDRAW, actor=actor, at=at) as now:
        now.add_text("reason", reason, required=False)
        now.case.paused_at = now.case.review_on = None
        for assignment in list(now.assignments):
            now.end(assignment)
        now.facts["released"] = [follower.number for follower in followers]
        for follower in followers:
            _detach_follower(follower, actor, at)
    return now.case


def _lock_family(case_id: int) -> list[Case]:
    """Locks a case and the cases merged into it, in the order of their ids; none can join meanwhile.

    A case that joined after the ids were read may sort before the locked ones: then all locks are released, by the
    savepoint, and taken again.
    """
    while True:
        ids = _merged_into(case_id)
        before = transaction.savepoint()
        locked = lock_cases(case_id, *ids)
        if _merged_into(case_id) == ids:
            return [locked[pk] for pk in ids]
        transaction.savepoint_rollback(before)


def _merged_into(case_id: int) -> list[int]:
    return list(Case.objects.filter(primary_id=case_id).order_by("id").values_list("id", flat=True))


def _detach_follower(follower: Case, actor: Actor, at: datetime) -> None:
    with transition(follower.pk, Action.UNMERGE, actor=SYSTEM, at=at) as now:
        _detach(now)
        now.facts["because"] = "primary_withdrawn"


@transaction.atomic
def reopen(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Reopens a case with the remaining problem. A closed case goes back to its last lead, others to the dispatcher."""
    with transition(case_id, Action.REOPEN, actor=actor, at=at) as now:
        case = now.case
        now.add_text("still_wrong", text)
        days = deadlines.limit(Limit.Name.REOPEN_DAYS, local_date(case.received_at))
        ended_at = case.closed_at or _ended_at(case)
        if at > ended_at + timedelta(days=days):
            raise Invalid(_("已超过 %d 天的重新办理期限，请作为新的诉求提出。") % days, code="too_late")
        case.reopened_count += 1
        case.closed_at = case.visited_back_at = case.visit_back_due_at = case.reported_at = None
        _restart_clocks(now)
        if now.to is None and State.HANDLING in now.move.to:
            _back_to_last_lead(now)
    return now.case


def _ended_at(case: Case) -> datetime:
    last = CaseEvent.objects.filter(
        case=case, action__in=[Action.ANSWER_NOW, Action.DECLINE, Action.HAND_OVER]
    ).last()
    return last.at if last else case.received_at


def _restart_clocks(now: CaseChange) -> None:
    """Restarts the limits from now, by the rules of the day of receipt."""
    rules = deadlines.rules_of(now.case)
    deadlines.start_contact(now.case, rules.contact, now.at)
    deadlines.start_finish(now.case, rules.finish, now.at)


def _back_to_last_lead(now: CaseChange) -> None:
    last = (
        Assignment.objects.filter(case=now.case, relation=Relation.LEAD).order_by("-ended_at", "-id").first()
    )
    if last is None:
        raise WrongState(_("本件没有主办单位，请重新受理。"))
    now.assign(last.unit_id, Relation.LEAD, signed_at=now.at)
    now.case.lead_id = last.unit_id
    outbox.queue_all(
        routing.notes_to_unit(now.message(messages.REOPENED), now.case, last.unit_id, now.at), at=now.at
    )


@transaction.atomic
def erase(case_id: int, *, actor: Actor, at: datetime, ground: str) -> Case:
    """Erases the personal texts of an ended case; its history stays and still verifies."""
    with transition(case_id, Action.ERASE, actor=actor, at=at) as now:
        now.facts["ground"] = ground
        if not ground.strip():
            raise Invalid(_("请写明清除个人信息的依据。"), fields={"ground": _("必填")})
        EventText.objects.filter(case=now.case).update(text="", salt=b"", erased_at=at)
        erase_files(Attachment.objects.filter(case=now.case), at)
        AlsoNotified.objects.filter(case=now.case).delete()
        ResultMark.objects.filter(case=now.case).delete()
        Reading.objects.filter(case=now.case).update(words={})
        Call.objects.filter(case=now.case).update(number=b"")
        Support.objects.filter(case=now.case).update(phone=b"", phone_index=b"")
        outbox.discard_sms(now.case.number)
        CaseText.objects.filter(case=now.case).update(
            text="", original=b"", name=b"", phone=b"", address=b"", preferred_contact="",
            salt=b"", search=None, erased_at=at,
        )  # fmt: skip
        now.case.subject = _("（个人信息已清除）")
        now.case.phone_index = b""
        now.case.lat = now.case.long = None
    return now.case
