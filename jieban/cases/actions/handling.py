"""From dispatch to the reported result: who is responsible, and what they do."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Missing, WrongState
from jieban.cases import deadlines, routing
from jieban.cases.actions.results import keep_marks, refuse_leaks
from jieban.cases.actions.step import Step, step
from jieban.cases.actions.telling import tell_requester, text_requester
from jieban.cases.flow import (
    SHARES,
    AccountReason,
    Do,
    Kind,
    Relation,
    SettleOutcome,
    State,
    VisitKind,
    VisitWay,
    WhistleKind,
)
from jieban.cases.models import (
    Assignment,
    Case,
    Dispute,
    Limit,
    Request,
    Visit,
    Whistle,
    WhistleCall,
)
from jieban.cases.readiness import still_missing
from jieban.channels import outbox
from jieban.registry.models import Category, Role, Unit
from jieban.registry.posts import Actor, exists_on

# A community is never the lead (条例 article 17), a company or committee neither.
MAY_LEAD = frozenset({Unit.Kind.DEPARTMENT, Unit.Kind.STREET, Unit.Kind.PARTNER})


def _unit(unit_id: int | None, at: datetime, field: str) -> Unit:
    unit = Unit.objects.filter(exists_on(local_date(at)), pk=unit_id).first() if unit_id else None
    if unit is None:
        raise Missing(_("没有这个单位，或者单位已撤销，请重新选择。"), fields={field: _("请选择在册单位")})
    return unit


def _able_lead(case: Case, unit_id: int | None, at: datetime, field: str = "lead") -> Unit:
    unit = _unit(unit_id, at, field)
    if unit.kind not in MAY_LEAD:
        raise Missing(
            _("“%s”不能作主办单位。社区、物业和业委会由街道下派或双派。") % unit.name,
            fields={field: _("不能作主办单位")},
        )
    _not_complained_about(case, unit, field)
    return unit


def _not_complained_about(case: Case, unit: Unit, field: str) -> None:
    if unit.pk == case.complained_about_id:
        raise Missing(_("被投诉单位不能办理本件，请另选单位。"), fields={field: _("是被投诉单位")})


def _helpers(case: Case, lead: Unit, unit_ids: Sequence[int], at: datetime) -> list[Unit]:
    if len(set(unit_ids)) != len(unit_ids) or lead.pk in unit_ids:
        raise Missing(_("协办单位不能重复，也不能与主办单位相同。"), fields={"co_handlers": _("单位重复")})
    return [_able_lead(case, unit_id, at, "co_handlers") for unit_id in unit_ids]


@transaction.atomic
def dispatch(
    case_id: int,
    *,
    actor: Actor,
    at: datetime,
    lead_id: int,
    co_handler_ids: Sequence[int] = (),
    property_id: int | None = None,
    note: str = "",
) -> Case:
    """Gives the case to one lead unit, with co-handlers, and at once to the property company (双派)."""
    with step(case_id, Do.DISPATCH, actor=actor, at=at) as now:
        lead = _able_lead(now.case, lead_id, at)
        helpers = _helpers(now.case, lead, co_handler_ids, at)
        _assign_lead(now, lead)
        for unit in helpers:
            now.assign(unit.pk, Relation.CO_HANDLER, due_at=now.case.finish_due_at)
        if property_id:
            _assign_property(now, property_id)
        now.case.dispatched_at = at
        now.facts |= {"lead": lead.code, "co_handlers": [unit.code for unit in helpers]}
        now.say("note", note, required=False)
        outbox.queue_all(routing.to_unit("dispatched", now.case, lead.pk, at), at=at)
        text_requester("dispatched", now.case, at)
    return now.case


def _sign_due(case: Case, at: datetime) -> datetime:
    hours = deadlines.limit(Limit.Name.SIGN_HOURS, local_date(case.received_at))
    return at + timedelta(hours=hours)


def _assign_lead(now: Step, unit: Unit) -> None:
    now.assign(unit.pk, Relation.LEAD, sign_due_at=_sign_due(now.case, now.at), due_at=now.case.finish_due_at)
    now.case.lead = unit


def _assign_property(now: Step, unit_id: int) -> None:
    unit = _unit(unit_id, now.at, "property")
    if unit.kind != Unit.Kind.PROPERTY:
        raise Missing(_("双派的单位须是物业服务企业。"), fields={"property": _("不是物业服务企业")})
    _not_complained_about(now.case, unit, "property")
    now.assign(unit.pk, Relation.PROPERTY, due_at=now.case.finish_due_at)
    now.facts["property"] = unit.code


@transaction.atomic
def sign(case_id: int, *, actor: Actor, at: datetime) -> Case:
    """The lead unit takes note. A unit newly put in charge takes over at this moment, not before."""
    with step(case_id, Do.SIGN, actor=actor, at=at) as now:
        following = now.assigned(Relation.NEXT_LEAD)
        current = (following or now.assigned(Relation.LEAD))[0]
        late = current.sign_due_at is not None and at > current.sign_due_at
        if following:
            _take_lead_from_old(now, current)
        now.change(current, signed_at=at, signed_late=late, relation=Relation.LEAD)
        now.facts["late"] = late
    return now.case


def _take_lead_from_old(now: Step, current: Assignment) -> None:
    for old in now.assigned(Relation.LEAD):
        now.end(old)
    for same in now.assigned(Relation.CO_HANDLER):
        if same.unit_id == current.unit_id:
            now.end(same)
    now.case.lead_id = current.unit_id


@transaction.atomic
def hand_down(
    case_id: int, *, actor: Actor, at: datetime, unit_id: int, due_at: datetime | None = None, note: str = ""
) -> Case:
    """The lead gives the work to a unit of its own; it stays accountable. The child's limit is the earlier."""
    with step(case_id, Do.HAND_DOWN, actor=actor, at=at) as now:
        unit = _unit(unit_id, at, "unit")
        if unit.parent_id != now.case.lead_id:
            raise Missing(_("只能下派给本单位所属的单位。"), fields={"unit": _("不是下属单位")})
        if any(a.unit_id == unit.pk for a in now.assignments):
            raise Missing(_("这个单位已经在办理本件。"), fields={"unit": _("已在办理")})
        _not_complained_about(now.case, unit, "unit")
        due = due_at or _childs_due(now.case, at)
        if now.case.finish_due_at and due >= now.case.finish_due_at > at:
            raise Missing(_("下派时限须早于本件办结时限。"), fields={"due_at": _("太晚")})
        relation = Relation.PROPERTY if unit.kind == Unit.Kind.PROPERTY else Relation.CHILD
        now.assign(unit.pk, relation, due_at=due, handed_down_by_id=now.case.lead_id)
        now.facts |= {"unit": unit.code, "due_at": due}
        now.say("note", note, required=False)
        outbox.queue_all(routing.to_unit("handed_down", now.case, unit.pk, at), at=at)
    return now.case


def _childs_due(case: Case, at: datetime) -> datetime:
    """The child's share of the time that is left; what is overdue is due at once."""
    share = deadlines.limit(Limit.Name.CHILD_SHARE, local_date(case.received_at))
    left = (case.finish_due_at or at) - at
    return at + max(left, timedelta(0)) * share / 100


@transaction.atomic
def whistle(
    case_id: int,
    *,
    actor: Actor,
    at: datetime,
    kind: str,
    unit_ids: Sequence[int],
    place: str,
    meet_at: datetime,
) -> Case:
    """A street that cannot solve a case alone calls departments to the spot (吹哨)."""
    with step(case_id, Do.WHISTLE, actor=actor, at=at) as now:
        if kind not in WhistleKind.values:
            raise Missing(_("请选择吹哨的类型。"), fields={"kind": "、".join(WhistleKind.values)})
        if not unit_ids or len(set(unit_ids)) != len(unit_ids):
            raise Missing(_("请写明要报到的部门，且不能重复。"), fields={"units": _("请选择部门")})
        if meet_at < at:
            raise Missing(_("集合时间不能早于现在。"), fields={"meet_at": _("早于现在")})
        units = [_able_lead(now.case, unit_id, at, "units") for unit_id in unit_ids]
        blown = Whistle(
            case=now.case, kind=kind, street=_unit(now.case.lead_id, at, "street"), at=at, meet_at=meet_at
        )
        now.add(blown)
        for unit in units:
            now.add(WhistleCall(case=now.case, whistle=blown, unit=unit))
            now.involve(unit.pk)
            outbox.queue_all(routing.to_unit("whistled", now.case, unit.pk, at), at=at)
        now.facts |= {"kind": kind, "units": [unit.code for unit in units], "meet_at": meet_at}
        now.say("place", place)
    return now.case


@transaction.atomic
def arrive(case_id: int, *, actor: Actor, at: datetime, place: str) -> Case:
    """A called department reports on the spot (报到), with time and place."""
    with step(case_id, Do.ARRIVE, actor=actor, at=at) as now:
        call = (
            WhistleCall.objects.filter(case=now.case, unit__in=actor.unit_ids, arrived_at=None)
            .order_by("id")
            .first()
        )
        if call is None:
            raise WrongState(_("贵单位已经报到，不必重复。"))
        now.change(call, arrived_at=at)
        now.say("place", place)
    return now.case


@transaction.atomic
def co_report(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """A co-handler reports to the lead: the result, or its reasons and the stage reached."""
    with step(case_id, Do.CO_REPORT, actor=actor, at=at) as now:
        open_shares = [a for a in now.mine(*SHARES) if a.reported_at is None]
        if not open_shares:
            raise WrongState(_("贵单位已经回复主办单位，不必重复。"))
        for share in open_shares:
            now.change(share, reported_at=at)
        now.say("result", text)
        outbox.queue("co_reported", about=now.case.number, unit_id=now.case.lead_id, at=at)
    return now.case


@transaction.atomic
def dispute(case_id: int, *, actor: Actor, at: datetime, reason: str, proposed_id: int | None = None) -> Case:
    """The unit says that it is not competent, once per assignment and in time. The clock runs on."""
    with step(case_id, Do.DISPUTE, actor=actor, at=at) as now:
        assignment = (now.assigned(Relation.NEXT_LEAD) or now.assigned(Relation.LEAD))[0]
        hours = deadlines.limit(Limit.Name.RETURN_HOURS, local_date(now.case.received_at))
        if Dispute.objects.filter(case=now.case, settled_at=None).exists():
            raise WrongState(_("本件的退单正在裁定，请等待结果，期间继续办理。"))
        if assignment.settled or Dispute.objects.filter(assignment=assignment).exists():
            raise Missing(_("本件已经裁定，不能再退单，请办理到底。"), code="settled")
        if at > assignment.assigned_at + timedelta(hours=hours):
            raise Missing(_("已超过 %d 小时的退单时限，请办理到底。") % hours, code="too_late")
        proposed = _able_lead(now.case, proposed_id, at, "proposed") if proposed_id else None
        if proposed is not None and proposed.pk == assignment.unit_id:
            raise Missing(_("建议单位不能是本单位。"), fields={"proposed": _("是本单位")})
        now.add(Dispute(case=now.case, assignment=assignment, proposed=proposed, opened_at=at))
        now.case.dispute_count += 1
        now.facts["proposed"] = proposed.code if proposed else ""
        now.say("reason", reason)
    return now.case


@transaction.atomic
def settle(
    case_id: int,
    *,
    actor: Actor,
    at: datetime,
    outcome: str,
    text: str,
    lead_id: int | None = None,
    co_handler_ids: Sequence[int] = (),
) -> Case:
    """Decides a dispute: the unit keeps the case, another gets it once it has signed, or both together."""
    with step(case_id, Do.SETTLE, actor=actor, at=at) as now:
        opened = Dispute.objects.filter(case=now.case, settled_at=None).first()
        if opened is None:
            raise WrongState(_("本件没有待裁定的退单。"))
        outcome = _outcome(now, outcome)
        now.to = State(now.case.state)
        if outcome == SettleOutcome.REASSIGN:
            _reassign(now, lead_id or opened.proposed_id)
        elif outcome == SettleOutcome.JOINT:
            _join(now, opened, co_handler_ids or ([opened.proposed_id] if opened.proposed_id else []))
        else:
            now.change(opened.assignment, settled=True)
        now.change(opened, settled_at=at, outcome=outcome)
        now.facts["outcome"] = outcome
        now.say("reason", text)
    return now.case


def _outcome(now: Step, outcome: str) -> str:
    if outcome not in SettleOutcome.values:
        raise Missing(_("请选择裁定结果。"), fields={"outcome": "、".join(SettleOutcome.values)})
    most = deadlines.limit(Limit.Name.DISPUTES, local_date(now.case.received_at))
    if now.case.dispute_count >= most and outcome == SettleOutcome.REASSIGN:
        raise Missing(
            _("本件已退单 %d 次，须由首接单位牵头联办。") % now.case.dispute_count,
            fields={"outcome": str(SettleOutcome.JOINT.label)},
        )
    return outcome


def _reassign(now: Step, unit_id: int | None) -> None:
    """The first unit stays the lead until the new one signs."""
    unit = _able_lead(now.case, unit_id, now.at)
    if unit.pk == now.case.lead_id:
        raise Missing(_("改派的单位就是现主办单位，请选择“维持原派单”。"), fields={"lead": _("未变")})
    for waiting in now.assigned(Relation.NEXT_LEAD):
        now.end(waiting)
    now.assign(
        unit.pk, Relation.NEXT_LEAD, sign_due_at=_sign_due(now.case, now.at), due_at=now.case.finish_due_at
    )
    now.to = State.DISPATCHED
    now.facts["lead"] = unit.code
    outbox.queue_all(routing.to_unit("dispatched", now.case, unit.pk, now.at), at=now.at)


def _join(now: Step, opened: Dispute, unit_ids: Sequence[int]) -> None:
    """Several units under one lead: the first that got the case, which from now on may not return it."""
    lead = now.assigned(Relation.LEAD)[0]
    ids = [unit_id for unit_id in unit_ids if unit_id != lead.unit_id]
    for waiting in now.assigned(Relation.NEXT_LEAD):
        ids.append(waiting.unit_id)
        now.end(waiting)
    helpers = _helpers(now.case, lead.unit, list(dict.fromkeys(ids)), now.at)
    if not helpers:
        raise Missing(_("联办至少要有一个协办单位。"), fields={"co_handlers": _("请选择单位")})
    present = {a.unit_id for a in now.assigned(*SHARES)}
    for unit in helpers:
        if unit.pk not in present:
            now.assign(unit.pk, Relation.CO_HANDLER, due_at=now.case.finish_due_at, settled=True)
    now.change(lead, settled=True)
    if lead.signed_at:
        now.to = State.HANDLING  # it had signed before somebody else was to take over
    now.facts["co_handlers"] = [unit.code for unit in helpers]


@transaction.atomic
def record_visit(
    case_id: int, *, actor: Actor, at: datetime, kinds: Sequence[str], way: str, said: str
) -> Case:
    """A meeting with the requester. One contact may count for all three only when the case is simple."""
    with step(case_id, Do.RECORD_VISIT, actor=actor, at=at) as now:
        _check_visit(now.case, kinds, way)
        for kind in kinds:
            now.add(
                Visit(
                    case=now.case,
                    kind=kind,
                    way=way,
                    at=at,
                    unit_id=actor.unit_id,
                    person_id=actor.person_id,
                    round=now.case.round,
                )  # fmt: skip
            )
        if VisitKind.NEEDS in kinds and now.case.contact_met_at is None:
            now.case.contact_met_at = at
        now.facts |= {"kinds": list(kinds), "way": way}
        now.say("said", said)
    return now.case


def _check_visit(case: Case, kinds: Sequence[str], way: str) -> None:
    if not kinds or not set(kinds) <= set(VisitKind.values):
        raise Missing(_("请选择是访需求、访意见还是访效果。"), fields={"kinds": "、".join(VisitKind.values)})
    if way not in VisitWay.values:
        raise Missing(_("请选择见面方式。"), fields={"way": "、".join(VisitWay.values)})
    if len(set(kinds)) > 1 and case.grade != Category.Grade.SIMPLE:
        raise Missing(_("只有简单件可以一次见面同时算作几访，请分别记录。"), fields={"kinds": _("每次一访")})
    if case.kind == Kind.PATROL and case.requester_id is None:
        raise Missing(_("巡查案件没有诉求人，不用见面。"), code="no_requester")


def _pending(case: Case) -> Request | None:
    return Request.objects.filter(case=case, decided_at=None).first()


def _ask(now: Step, request: Request) -> None:
    if _pending(now.case) is not None:
        raise WrongState(_("已有申请等待审批，请等结果出来后再申请。"))
    now.add(request)
    now.facts["asks"] = request.kind


@transaction.atomic
def request_extension(case_id: int, *, actor: Actor, at: datetime, new_due_at: datetime, reason: str) -> Case:
    """The lead asks for more time; the clock runs on until a supervisor grants it."""
    with step(case_id, Do.REQUEST_EXTENSION, actor=actor, at=at) as now:
        _later(now.case, new_due_at, at)
        _ask(
            now,
            Request(
                case=now.case, kind=Request.Kind.EXTENSION, unit_id=actor.unit_id, asked_at=at,
                new_due_at=new_due_at, old_due_at=now.case.finish_due_at,
            ),
        )  # fmt: skip
        now.facts["new_due_at"] = new_due_at
        now.say("reason", reason)
    return now.case


def _later(case: Case, new_due_at: datetime, at: datetime) -> None:
    if case.finish_due_at is not None and new_due_at <= case.finish_due_at:
        raise Missing(_("新的时限须晚于原时限。"), fields={"new_due_at": _("不晚于原时限")})
    if new_due_at <= at:
        raise Missing(
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
    """Cannot be solved now (挂账): the unit asks with reason, plan, person and review date; the supervisor grants.

    A supervisor who does it themselves needs nobody's consent.
    """
    with step(case_id, Do.PUT_ON_ACCOUNT, actor=actor, at=at) as now:
        if reason_code not in AccountReason.values:
            raise Missing(_("请选择挂账原因。"), fields={"reason_code": "、".join(AccountReason.values)})
        if not responsible.strip():
            raise Missing(_("请写明挂账的责任人。"), fields={"responsible": _("必填")})
        _check_review(now.case, review_on, at)
        asked = Request(
            case=now.case, kind=Request.Kind.ACCOUNT, unit_id=actor.unit_id, asked_at=at,
            reason_code=reason_code, responsible=responsible.strip()[:60], review_on=review_on,
        )  # fmt: skip
        _ask(now, asked)
        now.facts |= {"reason_code": reason_code, "review_on": review_on}
        now.say("plan", plan)
        if actor.role == Role.SUPERVISOR:
            now.change(asked, decided_at=at, granted=True)
            _pause(now, asked)
    return now.case


def _check_review(case: Case, review_on: date, at: datetime) -> None:
    most = deadlines.limit(Limit.Name.ACCOUNT_DAYS, local_date(case.received_at))
    today = local_date(at)
    if not today < review_on <= today + timedelta(days=most):
        raise Missing(_("复核日期须在明天至 %d 天之内。") % most, fields={"review_on": _("日期不合适")})


def _pause(now: Step, asked: Request) -> None:
    now.case.paused_at = now.at
    now.case.review_on = asked.review_on
    now.to = State.ON_ACCOUNT
    outbox.queue("on_account", about=now.case.number, person_id=now.case.requester_id, at=now.at)


@transaction.atomic
def grant(case_id: int, *, actor: Actor, at: datetime, text: str = "") -> Case:
    """Consents to the pending request: a new limit, or on account. A second extension needs a leader."""
    with step(case_id, Do.GRANT, actor=actor, at=at) as now:
        asked = _asked(now)
        if asked.kind == Request.Kind.ACCOUNT:
            _check_review(now.case, asked.review_on or local_date(at), at)
            _pause(now, asked)
        else:
            _extend(now, asked)
        now.change(asked, decided_at=at, granted=True)
        now.facts["asks"] = asked.kind
        now.say("text", text, required=False)
    return now.case


def _asked(now: Step) -> Request:
    asked = _pending(now.case)
    if asked is None:
        raise WrongState(_("本件没有待审批的申请。"))
    return asked


def _extend(now: Step, asked: Request) -> None:
    case = now.case
    if case.extension_count >= 1 and now.actor.role != Role.LEADER:
        raise Missing(_("本件已延期过一次，再次延期须由领导批准。"), code="leader_needed")
    new_due_at = asked.new_due_at or now.at
    _later(case, new_due_at, now.at)
    deadlines.restart_finish(case, now.at, new_due_at)
    case.extension_count += 1
    now.to = State.HANDLING
    outbox.queue("extended", about=case.number, person_id=case.requester_id, at=now.at)


@transaction.atomic
def refuse(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Does not consent to the pending request; everything runs on as it was."""
    with step(case_id, Do.REFUSE, actor=actor, at=at) as now:
        asked = _asked(now)
        now.change(asked, decided_at=at, granted=False)
        now.facts["asks"] = asked.kind
        now.say("reason", text)
        outbox.queue("refused", about=now.case.number, unit_id=now.case.lead_id, at=at)
    return now.case


@transaction.atomic
def review(case_id: int, *, actor: Actor, at: datetime, text: str, review_on: date) -> Case:
    """Looks at a case on account again on or before its date, and sets the next."""
    with step(case_id, Do.REVIEW, actor=actor, at=at) as now:
        _check_review(now.case, review_on, at)
        now.facts |= {
            "late": now.case.review_on is not None and local_date(at) > now.case.review_on,
            "review_on": review_on,
        }
        now.case.review_on = review_on
        now.case.warned = [key for key in now.case.warned if not key.startswith("review.")]
        now.say("text", text)
    return now.case


@transaction.atomic
def resume(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Work goes on; the limit is later by as long as the case stood on account."""
    with step(case_id, Do.RESUME, actor=actor, at=at) as now:
        case = now.case
        if case.finish_due_at and case.paused_at and case.finish_from_at:
            due = deadlines.resumed_due(case.finish_due_at, case.paused_at, at)
            moved = due - case.finish_due_at
            case.finish_from_at, case.finish_due_at = case.finish_from_at + moved, due
        case.paused_at = case.review_on = None
        case.warned = [key for key in case.warned if not key.startswith("review.")]
        now.say("text", text)
    return now.case


@transaction.atomic
def report_result(case_id: int, *, actor: Actor, at: datetime, text: str, drafted: bool = False) -> Case:
    """The lead unit reports what it did; the case then waits for the visit-back.

    A text that says who complained is refused. `drafted`: it began as a machine's draft.
    """
    with step(case_id, Do.REPORT_RESULT, actor=actor, at=at) as now:
        missing = still_missing(now.case, now.assignments)
        if missing:
            raise Missing(
                _("还不能报结，还差：%s。") % "、".join(missing.values()), fields=missing, code="incomplete"
            )
        refuse_leaks(now.case, text)
        now.case.round += 1
        now.case.reported_at = at
        now.case.visited_back_at = None
        hours = deadlines.limit(Limit.Name.VISIT_BACK_HOURS, local_date(now.case.received_at))
        now.case.visit_back_due_at = at + timedelta(hours=hours)
        now.case.warned = [key for key in now.case.warned if not key.startswith("visit_back.")]
        for mine in now.mine(Relation.LEAD):
            now.change(mine, reported_at=at)
        now.say("result", text)
        now.facts |= {"drafted": True} if drafted else {}
        keep_marks(now.case, text)
        tell_requester("result_reported", now.case, at)
    return now.case
