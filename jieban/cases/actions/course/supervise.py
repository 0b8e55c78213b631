"""Actions that do not change the state: reminders, supervision orders, corrections, notes."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from jieban.base.clock import local_date
from jieban.base.errors import Invalid, WrongState
from jieban.base.text.cleaning import clean
from jieban.cases.actions.door.category_choice import require_current_category
from jieban.cases.actions.door.transition import CaseChange, lock_cases, transition
from jieban.cases.actions.intake.receive import notify_duty_leader
from jieban.cases.clocks import deadlines
from jieban.cases.flow import messages
from jieban.cases.flow.action import Action
from jieban.cases.flow.enums import TakeOverBy
from jieban.cases.flow.states import Nature, Urgency
from jieban.cases.models import Case, CaseEvent, Order
from jieban.cases.routing import routing
from jieban.channels import outbox
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category, Place
from jieban.registry.roles import REQUESTER_ROLES

ORDER_MESSAGES = {
    Order.Kind.REMIND: messages.REMIND,
    Order.Kind.SUPERVISE: messages.SUPERVISE,
    Order.Kind.ESCALATE: messages.ESCALATE,
    Order.Kind.TAKE_OVER: messages.TAKE_OVER,
}
REPEAT_WINDOW = timedelta(minutes=10)  # against a double click, or a colleague with the same list


def _add_order(now: CaseChange, kind: Order.Kind, text: str, **values: Any) -> None:
    now.add(Order(case=now.case, kind=kind, at=now.at, unit_id=now.case.lead_id, **values))
    now.add_text("text", text)
    outbox.queue_all(
        routing.notes_to_unit(now.message(ORDER_MESSAGES[kind]), now.case, now.case.lead_id, now.at),
        at=now.at,
    )


@transaction.atomic
def remind(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Sends a reminder to the lead (催办); a requester may do it once a day."""
    with transition(case_id, Action.REMIND, actor=actor, at=at) as now:
        if actor.role in REQUESTER_ROLES and _reminded_today(now):
            raise WrongState(
                _("今天已经催过，承办单位已经知道。明天可以再催，急事请拨打 12345。"), code="reminded"
            )
        now.case.reminded_count += 1
        _add_order(now, Order.Kind.REMIND, text)
    return now.case


def _reminded_today(now: CaseChange) -> bool:
    own = CaseEvent.objects.filter(case=now.case, action=Action.REMIND, role__in=REQUESTER_ROLES)
    last = own.order_by("-seq").values_list("at", flat=True).first()
    return last is not None and local_date(last) == local_date(now.at)


@transaction.atomic
def supplement(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Adds information from the requester (补充情况); the lead is notified."""
    with transition(case_id, Action.SUPPLEMENT, actor=actor, at=at) as now:
        now.add_text("more", clean(text))
        if now.case.lead_id is not None:
            outbox.queue(
                now.message(messages.SUPPLEMENTED), about=now.case.number, unit_id=now.case.lead_id, at=at
            )
    return now.case


@transaction.atomic
def supervise(
    case_id: int, *, actor: Actor, at: datetime, text: str, answer_by: datetime | None = None
) -> Case:
    """Issues a supervision order (督办) that the unit answers by a date."""
    with transition(case_id, Action.SUPERVISE, actor=actor, at=at) as now:
        if answer_by is not None and answer_by <= at:
            raise Invalid(_("反馈时限须晚于现在。"), fields={"answer_by": _("不晚于现在")})
        now.case.supervised = True
        _add_order(now, Order.Kind.SUPERVISE, text, answer_by=answer_by)
    return now.case


@transaction.atomic
def remind_once(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Reminder for bulk use: refused when the case got one within REPEAT_WINDOW, from anybody."""
    _check_not_repeated(case_id, Order.Kind.REMIND, at)
    return remind(case_id, actor=actor, at=at, text=text)


@transaction.atomic
def supervise_once(
    case_id: int, *, actor: Actor, at: datetime, text: str, answer_by: datetime | None = None
) -> Case:
    """Supervision order for bulk use, with the same check as `remind_once`."""
    _check_not_repeated(case_id, Order.Kind.SUPERVISE, at)
    return supervise(case_id, actor=actor, at=at, text=text, answer_by=answer_by)


def _check_not_repeated(case_id: int, kind: Order.Kind, at: datetime) -> None:
    lock_cases(case_id)
    last = Order.objects.filter(case=case_id, kind=kind, at__gt=at - REPEAT_WINDOW)
    if last.exists():
        minutes = REPEAT_WINDOW // timedelta(minutes=1)
        words = {"minutes": minutes, "kind": kind.label}
        raise WrongState(_("%(minutes)d 分钟内已%(kind)s过，没有重复下达。") % words, code="just_now")


@transaction.atomic
def escalate(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Escalates the case by one level (提级)."""
    with transition(case_id, Action.ESCALATE, actor=actor, at=at) as now:
        now.case.level += 1
        _add_order(now, Order.Kind.ESCALATE, text)
    return now.case


@transaction.atomic
def take_over(case_id: int, *, actor: Actor, at: datetime, by: str, text: str) -> Case:
    """Puts the case under a leader's direct line, a task force or the backstop (提办); the lead stays responsible."""
    with transition(case_id, Action.TAKE_OVER, actor=actor, at=at) as now:
        if by not in TakeOverBy.values:
            raise Invalid(_("请选择由谁提办。"), fields={"by": "、".join(TakeOverBy.values)})
        now.case.taken_over_by = by
        now.facts["by"] = by
        _add_order(now, Order.Kind.TAKE_OVER, text, body=by)
    return now.case


@transaction.atomic
def mark_urgent(case_id: int, *, actor: Actor, at: datetime, urgency: str, text: str) -> Case:
    """Sets the urgency. Danger to life is reported to the duty leader at once."""
    with transition(case_id, Action.MARK_URGENT, actor=actor, at=at) as now:
        if urgency not in Urgency.values:
            raise Invalid(_("请选择紧急程度。"), fields={"urgency": "、".join(Urgency.values)})
        now.case.urgency = urgency
        now.facts["urgency"] = urgency
        now.add_text("reason", text)
        if urgency == Urgency.LIFE:
            notify_duty_leader(now.case, at)
    return now.case


@transaction.atomic
def add_note(case_id: int, *, actor: Actor, at: datetime, text: str) -> Case:
    """Adds a note for the handlers of the case."""
    with transition(case_id, Action.ADD_NOTE, actor=actor, at=at) as now:
        now.add_text("note", text)
    return now.case


@transaction.atomic
def reclassify(
    case_id: int,
    *,
    actor: Actor,
    at: datetime,
    category_id: int | None = None,
    place_id: int | None = None,
    nature: str = "",
    grade: str = "",
    sensitive: bool | None = None,
    is_property: bool | None = None,
    reason: str = "",
) -> Case:
    """Corrects the attributes of a case: category, place, nature, grade, sensitive, property service.

    A new grade restarts its limits, counted from the receipt. Attributes left out stay.
    """
    with transition(case_id, Action.RECLASSIFY, actor=actor, at=at) as now:
        case = now.case
        if nature:
            if nature not in Nature.values:
                raise Invalid(_("请选择性质。"), fields={"nature": "、".join(Nature.values)})
            case.nature = nature
        if category_id is not None and category_id != case.category_id:
            case.category = require_current_category(
                _get_or_invalid(Category, category_id, "category"), local_date(case.received_at)
            )
        if place_id is not None:
            _set_place(case, _get_or_invalid(Place, place_id, "place"))
        if grade and grade != case.grade:
            _regrade(now, grade)
        for name, value in (("sensitive", sensitive), ("is_property", is_property)):
            if value is not None:
                setattr(case, name, value)
        now.add_text("reason", reason, required=False)
    return now.case


T = TypeVar("T", Category, Place)


def _get_or_invalid(model: type[T], pk: int, field: str) -> T:
    row = model.objects.filter(pk=pk).first()
    if row is None:
        raise Invalid(_("没有这一项，请重新选择。"), fields={field: _("没有这一项")})
    return row


def _set_place(case: Case, place: Place) -> None:
    case.place = place
    case.street = case.community = None
    above: Place | None = place
    while above is not None:
        if above.level == Place.Level.STREET:
            case.street = above
        if above.level == Place.Level.COMMUNITY:
            case.community = above
        above = above.parent


def _regrade(now: CaseChange, grade: str) -> None:
    if grade not in Category.Grade.values:
        raise Invalid(_("请选择难易程度。"), fields={"grade": "、".join(Category.Grade.values)})
    case = now.case
    case.grade = grade
    rules = deadlines.rules_of(case)
    met = case.contact_met_at
    deadlines.start_contact(case, rules.contact, case.contact_from_at or case.received_at)
    case.contact_met_at = met
    deadlines.start_finish(case, rules.finish, case.finish_from_at or case.received_at)
