"""Extensions and the account: requests of a unit, and decisions of the supervisor."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.cases.access.guards import present
from jieban.cases.actions.door.transition import CaseChange, transition
from jieban.cases.clocks import deadlines
from jieban.cases.flow import messages
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import AccountReason
from jieban.cases.flow.states import State
from jieban.cases.models import Case, Limit, Request
from jieban.channels import outbox
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Role


def _add_request(now: CaseChange, request: Request) -> None:
    now.add(request)
    now.facts["asks"] = request.kind


@transaction.atomic
def request_extension(case_id: int, *, actor: Actor, at: datetime, new_due_at: datetime, reason: str) -> Case:
    """Requests a later finish limit; the clock keeps running until a supervisor grants it."""
    with transition(case_id, Action.REQUEST_EXTENSION, actor=actor, at=at) as now:
        _check_new_due(now.case, new_due_at, at)
        _add_request(
            now,
            Request(
                case=now.case, kind=Request.Kind.EXTENSION, unit_id=actor.unit_id, asked_at=at,
                new_due_at=new_due_at, old_due_at=now.case.finish_due_at,
            ),
        )  # fmt: skip
        now.facts["new_due_at"] = new_due_at
        now.add_text("reason", reason)
    return now.case


def _check_new_due(case: Case, new_due_at: datetime, at: datetime) -> None:
    if case.finish_due_at is not None and new_due_at <= case.finish_due_at:
        raise Invalid(_("新的时限须晚于原时限。"), fields={"new_due_at": _("不晚于原时限")})
    if new_due_at <= at:
        raise Invalid(
            _("新的时限已经过去，不能延到那时。请申请更晚的时限；已经申请的，请不予同意后重新申请。"),
            fields={"new_due_at": _("已经过去")},
        )


@transaction.atomic
def put_on_account(
    case_id: int,
    *,
    actor: Actor,
    at: datetime,
    reason_code: str,
    plan: str,
    responsible: str,
    review_on: date,
) -> Case:
    """Requests the account for a case that cannot be solved now (挂账), with reason, plan, person and review date.

    A supervisor's own request is granted at once.
    """
    with transition(case_id, Action.PUT_ON_ACCOUNT, actor=actor, at=at) as now:
        if reason_code not in AccountReason.values:
            raise Invalid(_("请选择挂账原因。"), fields={"reason_code": "、".join(AccountReason.values)})
        if not responsible.strip():
            raise Invalid(_("请写明挂账的责任人。"), fields={"responsible": _("必填")})
        _check_review(now.case, review_on, at)
        request = Request(
            case=now.case, kind=Request.Kind.ACCOUNT, unit_id=actor.unit_id, asked_at=at,
            reason_code=reason_code, responsible=responsible.strip()[:60], review_on=review_on,
        )  # fmt: skip
        _add_request(now, request)
        now.facts |= {"reason_code": reason_code, "review_on": review_on}
        now.add_text("plan", plan)
        if actor.role == Role.SUPERVISOR:
            now.change(request, decided_at=at, granted=True)
            _pause(now, request)
    return now.case


def _check_review(case: Case, review_on: date, at: datetime) -> None:
    most = deadlines.limit(Limit.Name.ACCOUNT_DAYS, local_date(case.received_at))
    today = local_date(at)
    if not today < review_on <= today + timedelta(days=most):
        raise Invalid(_("复核日期须在明天至 %d 天之内。") % most, fields={"review_on": _("日期不合适")})


def _pause(now: CaseChange, request: Request) -> None:
    now.case.paused_at = now.at
    now.case.review_on = request.review_on
    now.to = State.ON_ACCOUNT
    outbox.queue(
        now.message(messages.ON_ACCOUNT), about=now.case.number, person_id=now.case.requester_id, at=now.at
    )


@transaction.atomic
def grant(case_id: int, *, actor: Actor, at: datetime, text: str = "") -> Case:
    """Grants the pending request: a new limit, or the account. A second extension needs a leader."""
    with transition(case_id, Action.GRANT, actor=actor, at=at) as now:
        request = present(now.access.pending_request)
        if request.kind == Request.Kind.ACCOUNT:
            _check_review(now.case, request.review_on or local_date(at), at)
            _pause(now, request)
        else:
            _extend(now, request)
        now.change(request, decided_at=at, granted=True)
        now.facts["asks"] = request.kind
        now.add_text("text", text, required=False)
    return now.case


def _extend(now: CaseChange, request: Request) -> None:
    case = now.case
    if case.extension_count >= 1 and now.actor.role != Role.LEADER:
        raise Invalid(_("本件已延期过一次，再次延期须由领导批准。"), code="leader_needed")
    new_due_at = request.new_due_at or now.at
    _check_new_due(case, new_due_at, now.at)
    deadlines.restart_finish(case, now.at, new_due_at)
    case.extension_count += 1
    now.to = State.HANDLING
    outbox.queue(now.message(messages.EXTENDED), about=case.number, person_id=case.requester_id, at=now.at)


@transaction.atomic
def refuse(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Refuses the pending request; limits stay as they are."""
    with transition(case_id, Action.REFUSE, actor=actor, at=at) as now:
        request = present(now.access.pending_request)
        now.change(request, decided_at=at, granted=False)
        now.facts["asks"] = request.kind
        now.add_text("reason", text)
        outbox.queue(now.message(messages.REFUSED), about=now.case.number, unit_id=now.case.lead_id, at=at)
    return now.case


@transaction.atomic
def review(case_id: int, *, actor: Actor, at: datetime, text: str, review_on: date) -> Case:
    """Records a review of a case on account, and sets the next review date."""
    with transition(case_id, Action.REVIEW, actor=actor, at=at) as now:
        _check_review(now.case, review_on, at)
        now.facts |= {
            "late": now.case.review_on is not None and local_date(at) > now.case.review_on,
            "review_on": review_on,
        }
        now.case.review_on = review_on
        now.case.warned = [key for key in now.case.warned if not key.startswith("review.")]
        now.add_text("text", text)
    return now.case


@transaction.atomic
def resume(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Resumes work; the finish limit moves by the time that the case was on account."""
    with transition(case_id, Action.RESUME, actor=actor, at=at) as now:
        case = now.case
        if case.finish_due_at and case.paused_at and case.finish_from_at:
            due = deadlines.resumed_due(case.finish_due_at, case.paused_at, at)
            moved = due - case.finish_due_at
            case.finish_from_at, case.finish_due_at = case.finish_from_at + moved, due
        case.paused_at = case.review_on = None
        case.warned = [key for key in case.warned if not key.startswith("review.")]
        now.add_text("text", text)
    return now.case
