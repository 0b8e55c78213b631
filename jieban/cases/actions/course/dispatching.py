"""Actions that change the responsible unit: dispatch, signature, handing down, whistle, dispute and settlement."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid
from jieban.cases.access.guards import present
from jieban.cases.actions.door.notify import text_requester
from jieban.cases.actions.door.transition import CaseChange, transition
from jieban.cases.clocks import deadlines
from jieban.cases.flow import messages
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import SHARE_RELATIONS, Relation, SettleOutcome, WhistleKind
from jieban.cases.flow.states import State
from jieban.cases.models import Assignment, Case, Dispute, Limit, Whistle, WhistleCall
from jieban.cases.routing import routing
from jieban.channels import outbox
from jieban.registry.identity.posts import Actor, exists_on
from jieban.registry.models import Unit

# Never the lead: a community (条例 article 17), a property company, an owners' committee.
MAY_LEAD = frozenset({Unit.Kind.DEPARTMENT, Unit.Kind.STREET, Unit.Kind.PARTNER})


def _unit(unit_id: int | None, at: datetime, field: str) -> Unit:
    unit = Unit.objects.filter(exists_on(local_date(at)), pk=unit_id).first() if unit_id else None
    if unit is None:
        raise Invalid(_("没有这个单位，或者单位已撤销，请重新选择。"), fields={field: _("请选择在册单位")})
    return unit


def _check_lead(case: Case, unit_id: int | None, at: datetime, field: str = "lead") -> Unit:
    unit = _unit(unit_id, at, field)
    if unit.kind not in MAY_LEAD:
        raise Invalid(
            _("“%s”不能作主办单位。社区、物业和业委会由街道下派或双派。") % unit.name,
            fields={field: _("不能作主办单位")},
        )
    _not_complained_about(case, unit, field)
    return unit


def _not_complained_about(case: Case, unit: Unit, field: str) -> None:
    if unit.pk == case.complained_about_id:
        raise Invalid(_("被投诉单位不能办理本件，请另选单位。"), fields={field: _("是被投诉单位")})


def _helpers(case: Case, lead: Unit, unit_ids: Sequence[int], at: datetime) -> list[Unit]:
    if len(set(unit_ids)) != len(unit_ids) or lead.pk in unit_ids:
        raise Invalid(_("协办单位不能重复，也不能与主办单位相同。"), fields={"co_handlers": _("单位重复")})
    return [_check_lead(case, unit_id, at, "co_handlers") for unit_id in unit_ids]


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
    """Assigns a lead unit, co-handlers, and in parallel a property company (双派)."""
    with transition(case_id, Action.DISPATCH, actor=actor, at=at) as now:
        lead = _check_lead(now.case, lead_id, at)
        helpers = _helpers(now.case, lead, co_handler_ids, at)
        _assign_lead(now, lead)
        for unit in helpers:
            now.assign(unit.pk, Relation.CO_HANDLER, due_at=now.case.finish_due_at)
        if property_id:
            _assign_property(now, property_id)
        now.case.dispatched_at = at
        now.facts |= {"lead": lead.code, "co_handlers": [unit.code for unit in helpers]}
        now.add_text("note", note, required=False)
        outbox.queue_all(
            routing.notes_to_unit(now.message(messages.DISPATCHED), now.case, lead.pk, at), at=at
        )
        text_requester(now.message(messages.DISPATCHED), now.case, at)
    return now.case


def _sign_due(case: Case, at: datetime) -> datetime:
    hours = deadlines.limit(Limit.Name.SIGN_HOURS, local_date(case.received_at))
    return at + timedelta(hours=hours)


def _assign_lead(now: CaseChange, unit: Unit) -> None:
    now.assign(unit.pk, Relation.LEAD, sign_due_at=_sign_due(now.case, now.at), due_at=now.case.finish_due_at)
    now.case.lead = unit


def _assign_property(now: CaseChange, unit_id: int) -> None:
    unit = _unit(unit_id, now.at, "property")
    if unit.kind != Unit.Kind.PROPERTY:
        raise Invalid(_("双派的单位须是物业服务企业。"), fields={"property": _("不是物业服务企业")})
    _not_complained_about(now.case, unit, "property")
    now.assign(unit.pk, Relation.PROPERTY, due_at=now.case.finish_due_at)
    now.facts["property"] = unit.code


@transaction.atomic
def sign(case_id: int, *, actor: Actor, at: datetime) -> Case:
    """The lead unit signs for the case. A unit to which it is reassigned becomes the lead with this signature."""
    with transition(case_id, Action.SIGN, actor=actor, at=at) as now:
        following = now.assigned(Relation.NEXT_LEAD)
        current = (following or now.assigned(Relation.LEAD))[0]
        late = current.sign_due_at is not None and at > current.sign_due_at
        if following:
            _take_lead_from_old(now, current)
        now.change(current, signed_at=at, signed_late=late, relation=Relation.LEAD)
        now.facts["late"] = late
    return now.case


def _take_lead_from_old(now: CaseChange, current: Assignment) -> None:
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
    """Assigns the work to a subordinate unit, with an earlier limit; the lead stays accountable."""
    with transition(case_id, Action.HAND_DOWN, actor=actor, at=at) as now:
        unit = _unit(unit_id, at, "unit")
        if unit.parent_id != now.case.lead_id:
            raise Invalid(_("只能下派给本单位所属的单位。"), fields={"unit": _("不是下属单位")})
        if any(a.unit_id == unit.pk for a in now.assignments):
            raise Invalid(_("这个单位已经在办理本件。"), fields={"unit": _("已在办理")})
        _not_complained_about(now.case, unit, "unit")
        due = due_at or _child_due_at(now.case, at)
        if now.case.finish_due_at and due >= now.case.finish_due_at > at:
            raise Invalid(_("下派时限须早于本件办结时限。"), fields={"due_at": _("太晚")})
        relation = Relation.PROPERTY if unit.kind == Unit.Kind.PROPERTY else Relation.CHILD
        now.assign(unit.pk, relation, due_at=due, handed_down_by_id=now.case.lead_id)
        now.facts |= {"unit": unit.code, "due_at": due}
        now.add_text("note", note, required=False)
        outbox.queue_all(
            routing.notes_to_unit(now.message(messages.HANDED_DOWN), now.case, unit.pk, at), at=at
        )
    return now.case


def _child_due_at(case: Case, at: datetime) -> datetime:
    """The child's share of the remaining time; an overdue case is due at once."""
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
    """A street calls departments to the spot for a case that it cannot solve alone (吹哨)."""
    with transition(case_id, Action.WHISTLE, actor=actor, at=at) as now:
        if kind not in WhistleKind.values:
            raise Invalid(_("请选择吹哨的类型。"), fields={"kind": "、".join(WhistleKind.values)})
        if not unit_ids or len(set(unit_ids)) != len(unit_ids):
            raise Invalid(_("请写明要报到的部门，且不能重复。"), fields={"units": _("请选择部门")})
        if meet_at < at:
            raise Invalid(_("集合时间不能早于现在。"), fields={"meet_at": _("早于现在")})
        units = [_check_lead(now.case, unit_id, at, "units") for unit_id in unit_ids]
        blown = Whistle(
            case=now.case, kind=kind, street=_unit(now.case.lead_id, at, "street"), at=at, meet_at=meet_at
        )
        now.add(blown)
        for unit in units:
            now.add(WhistleCall(case=now.case, whistle=blown, unit=unit))
            now.involve(unit.pk)
            outbox.queue_all(
                routing.notes_to_unit(now.message(messages.WHISTLED), now.case, unit.pk, at), at=at
            )
        now.facts |= {"kind": kind, "units": [unit.code for unit in units], "meet_at": meet_at}
        now.add_text("place", place)
    return now.case


@transaction.atomic
def arrive(case_id: int, *, actor: Actor, at: datetime, place: str) -> Case:
    """A called department reports its arrival on the spot (报到), with time and place."""
    with transition(case_id, Action.ARRIVE, actor=actor, at=at) as now:
        call = next(call for call in now.access.whistle_calls if call.arrived_at is None)
        now.change(call, arrived_at=at)
        now.add_text("place", place)
    return now.case


@transaction.atomic
def dispute(case_id: int, *, actor: Actor, at: datetime, reason: str, proposed_id: int | None = None) -> Case:
    """The lead disputes its competence, once per assignment and within a limit. The clock keeps running."""
    with transition(case_id, Action.DISPUTE, actor=actor, at=at) as now:
        assignment = (now.assigned(Relation.NEXT_LEAD) or now.assigned(Relation.LEAD))[0]
        hours = deadlines.limit(Limit.Name.RETURN_HOURS, local_date(now.case.received_at))
        if assignment.settled or Dispute.objects.filter(assignment=assignment).exists():
            raise Invalid(_("本件已经裁定，不能再退单，请办理到底。"), code="settled")
        if at > assignment.assigned_at + timedelta(hours=hours):
            raise Invalid(_("已超过 %d 小时的退单时限，请办理到底。") % hours, code="too_late")
        proposed = _check_lead(now.case, proposed_id, at, "proposed") if proposed_id else None
        if proposed is not None and proposed.pk == assignment.unit_id:
            raise Invalid(_("建议单位不能是本单位。"), fields={"proposed": _("是本单位")})
        now.add(Dispute(case=now.case, assignment=assignment, proposed=proposed, opened_at=at))
        now.case.dispute_count += 1
        now.facts["proposed"] = proposed.code if proposed else ""
        now.add_text("reason", reason)
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
    """Decides a dispute: the unit keeps the case, another takes it over with its signature, or both handle it."""
    with transition(case_id, Action.SETTLE, actor=actor, at=at) as now:
        opened = present(now.access.open_dispute)
        outcome = _outcome(now, outcome)
        now.to = State(now.case.state)
        if outcome == SettleOutcome.REASSIGN:
            _reassign(now, lead_id or opened.proposed_id)
        elif outcome == SettleOutcome.JOINT:
            _handle_jointly(
                now, opened, co_handler_ids or ([opened.proposed_id] if opened.proposed_id else [])
            )
        else:
            now.change(opened.assignment, settled=True)
        now.change(opened, settled_at=at, outcome=outcome)
        now.facts["outcome"] = outcome
        now.add_text("reason", text)
    return now.case


def _outcome(now: CaseChange, outcome: str) -> str:
    if outcome not in SettleOutcome.values:
        raise Invalid(_("请选择裁定结果。"), fields={"outcome": "、".join(SettleOutcome.values)})
    most = deadlines.limit(Limit.Name.DISPUTES, local_date(now.case.received_at))
    if now.case.dispute_count >= most and outcome == SettleOutcome.REASSIGN:
        raise Invalid(
            _("本件已退单 %d 次，须由首接单位牵头联办。") % now.case.dispute_count,
            fields={"outcome": str(SettleOutcome.JOINT.label)},
        )
    return outcome


def _reassign(now: CaseChange, unit_id: int | None) -> None:
    """Adds the next lead; the current lead stays until the new one signs."""
    unit = _check_lead(now.case, unit_id, now.at)
    if unit.pk == now.case.lead_id:
        raise Invalid(_("改派的单位就是现主办单位，请选择“维持原派单”。"), fields={"lead": _("未变")})
    for waiting in now.assigned(Relation.NEXT_LEAD):
        now.end(waiting)
    now.assign(
        unit.pk, Relation.NEXT_LEAD, sign_due_at=_sign_due(now.case, now.at), due_at=now.case.finish_due_at
    )
    now.to = State.DISPATCHED
    now.facts["lead"] = unit.code
    outbox.queue_all(
        routing.notes_to_unit(now.message(messages.DISPATCHED), now.case, unit.pk, now.at), at=now.at
    )


def _handle_jointly(now: CaseChange, opened: Dispute, unit_ids: Sequence[int]) -> None:
    """Joint handling: the first unit stays the lead, the others become co-handlers; nobody may dispute again."""
    lead = now.assigned(Relation.LEAD)[0]
    ids = [unit_id for unit_id in unit_ids if unit_id != lead.unit_id]
    for waiting in now.assigned(Relation.NEXT_LEAD):
        ids.append(waiting.unit_id)
        now.end(waiting)
    helpers = _helpers(now.case, lead.unit, list(dict.fromkeys(ids)), now.at)
    if not helpers:
        raise Invalid(_("联办至少要有一个协办单位。"), fields={"co_handlers": _("请选择单位")})
    present = {a.unit_id for a in now.assigned(*SHARE_RELATIONS)}
    for unit in helpers:
        if unit.pk not in present:
            now.assign(unit.pk, Relation.CO_HANDLER, due_at=now.case.finish_due_at, settled=True)
    now.change(lead, settled=True)
    if lead.signed_at:
        now.to = State.HANDLING  # the lead had signed before the dispute
    now.facts["co_handlers"] = [unit.code for unit in helpers]
