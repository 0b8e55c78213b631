"""How each action is asked for by a program: the body of the request, and what the action is called with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from jieban.api.v1 import request_bodies as b
from jieban.base.errors import Invalid
from jieban.cases import actions
from jieban.cases.actions import Matter
from jieban.cases.flow.action import Action
from jieban.cases.lists import case_list
from jieban.cases.models import Case
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category, Place, Unit

ActionArguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ApiAction:
    """The body of an action, and how its codes and numbers become what the action takes."""

    body: type[b.Body]
    wanted: Callable[[Any, Actor], ActionArguments]


def _pass_through(body: b.Body, actor: Actor) -> ActionArguments:
    return body.model_dump()


def id_for_code(model: type[models.Model], code: str | None, field: str) -> int | None:
    """The id of the row with this code. Raises Missing, naming the field, when there is none."""
    if code is None:
        return None
    pk = model._default_manager.filter(code=code).values_list("pk", flat=True).first()
    if pk is None:
        raise Invalid(_("没有代码为“%s”的条目，请核对。") % code, fields={field: _("没有这个代码")})
    return int(pk)


def _unit(code: str | None, field: str) -> int | None:
    return id_for_code(Unit, code, field)


def _units(codes: Iterable[str], field: str) -> list[int | None]:
    return [_unit(code, field) for code in codes]


def _merge(body: b.MergeBody, actor: Actor) -> ActionArguments:
    found = case_list.visible_to(actor).filter(number=body.primary.strip().upper()).first()
    if found is None:
        raise Invalid(_("没有这个单号，请核对后再填。"), fields={"primary": _("没有这个单号")})
    return {"primary_id": found.pk}


def _split(body: b.SplitBody, actor: Actor) -> ActionArguments:
    return {
        "matters": [
            Matter(m.text, m.subject, id_for_code(Category, m.category, "category"), m.nature or "")
            for m in body.matters
        ]
    }


def _dispatch(body: b.DispatchBody, actor: Actor) -> ActionArguments:
    return {
        "lead_id": _unit(body.lead, "lead"),
        "co_handler_ids": _units(body.co_handlers, "co_handlers"),
        "property_id": _unit(body.property, "property"),
        "note": body.note,
    }


def _hand_down(body: b.HandDownBody, actor: Actor) -> ActionArguments:
    return {"unit_id": _unit(body.unit, "unit"), "due_at": body.due_at, "note": body.note}


def _whistle(body: b.WhistleBody, actor: Actor) -> ActionArguments:
    return {
        "kind": body.kind,
        "unit_ids": _units(body.units, "units"),
        "place": body.place,
        "meet_at": body.meet_at,
    }


def _dispute(body: b.DisputeBody, actor: Actor) -> ActionArguments:
    return {"reason": body.reason, "proposed_id": _unit(body.proposed, "proposed")}


def _settle(body: b.SettleBody, actor: Actor) -> ActionArguments:
    return {
        "outcome": body.outcome,
        "text": body.text,
        "lead_id": _unit(body.lead, "lead"),
        "co_handler_ids": _units(body.co_handlers, "co_handlers"),
    }


def _visit_back(body: b.VisitBackBody, actor: Actor) -> ActionArguments:
    answers = {name: getattr(body, name) or "" for name in ("contacted", "solved", "satisfied")}
    return {"reached": body.reached, "remark": body.remark, "recording": body.recording or "", **answers}


def _check(body: b.CheckBody, actor: Actor) -> ActionArguments:
    return {"passed": body.passed, "text": body.text, "content": body.photo}


def _attach(body: b.AttachBody, actor: Actor) -> ActionArguments:
    return {"content": body.file}


def _reclassify(body: b.ReclassifyBody, actor: Actor) -> ActionArguments:
    return {
        "category_id": id_for_code(Category, body.category, "category"),
        "place_id": id_for_code(Place, body.place, "place"),
        "nature": body.nature or "",
        "grade": body.grade or "",
        "sensitive": body.sensitive,
        "is_property": body.is_property,
        "reason": body.reason,
    }


API_ACTIONS: dict[Action, ApiAction] = {
    Action.ANSWER_NOW: ApiAction(b.TextBody, _pass_through),
    Action.DECLINE: ApiAction(b.DeclineBody, _pass_through),
    Action.HAND_OVER: ApiAction(b.HandOverBody, _pass_through),
    Action.MERGE: ApiAction(b.MergeBody, _merge),
    Action.UNMERGE: ApiAction(b.EmptyBody, _pass_through),
    Action.SPLIT: ApiAction(b.SplitBody, _split),
    Action.DISPATCH: ApiAction(b.DispatchBody, _dispatch),
    Action.SIGN: ApiAction(b.EmptyBody, _pass_through),
    Action.HAND_DOWN: ApiAction(b.HandDownBody, _hand_down),
    Action.WHISTLE: ApiAction(b.WhistleBody, _whistle),
    Action.ARRIVE: ApiAction(b.ArriveBody, _pass_through),
    Action.CO_REPORT: ApiAction(b.TextBody, _pass_through),
    Action.DISPUTE: ApiAction(b.DisputeBody, _dispute),
    Action.SETTLE: ApiAction(b.SettleBody, _settle),
    Action.RECORD_VISIT: ApiAction(b.RecordVisitBody, _pass_through),
    Action.REQUEST_EXTENSION: ApiAction(b.RequestExtensionBody, _pass_through),
    Action.PUT_ON_ACCOUNT: ApiAction(b.PutOnAccountBody, _pass_through),
    Action.GRANT: ApiAction(b.OptionalTextBody, _pass_through),
    Action.REFUSE: ApiAction(b.TextBody, _pass_through),
    Action.REVIEW: ApiAction(b.ReviewBody, _pass_through),
    Action.RESUME: ApiAction(b.TextBody, _pass_through),
    Action.REPORT_RESULT: ApiAction(b.TextBody, _pass_through),
    Action.SEND_BACK: ApiAction(b.ReasonBody, _pass_through),
    Action.VISIT_BACK: ApiAction(b.VisitBackBody, _visit_back),
    Action.CHECK: ApiAction(b.CheckBody, _check),
    Action.CLOSE: ApiAction(b.EmptyBody, _pass_through),
    Action.REOPEN: ApiAction(b.TextBody, _pass_through),
    Action.REMIND: ApiAction(b.TextBody, _pass_through),
    Action.SUPERVISE: ApiAction(b.SuperviseBody, _pass_through),
    Action.ESCALATE: ApiAction(b.TextBody, _pass_through),
    Action.TAKE_OVER: ApiAction(b.TakeOverBody, _pass_through),
    Action.RECLASSIFY: ApiAction(b.ReclassifyBody, _reclassify),
    Action.MARK_URGENT: ApiAction(b.MarkUrgentBody, _pass_through),
    Action.ADD_NOTE: ApiAction(b.TextBody, _pass_through),
    Action.ATTACH: ApiAction(b.AttachBody, _attach),
    Action.WITHDRAW: ApiAction(b.OptionalReasonBody, _pass_through),
    Action.SUPPLEMENT: ApiAction(b.TextBody, _pass_through),
    Action.PUBLISH: ApiAction(b.PublishBody, _pass_through),
    Action.UNPUBLISH: ApiAction(b.OptionalReasonBody, _pass_through),
    Action.SUPPORT: ApiAction(b.SupportBody, _pass_through),
    Action.ERASE: ApiAction(b.EraseBody, _pass_through),
}


def perform(do: Action, case: Case, body: b.Body, *, actor: Actor, at: datetime) -> None:
    """Does what the body asks for."""
    call: Callable[..., Any] = actions.check_with_photo if do == Action.CHECK else getattr(actions, do.value)
    call(case.pk, actor=actor, at=at, **API_ACTIONS[do].wanted(body, actor))
