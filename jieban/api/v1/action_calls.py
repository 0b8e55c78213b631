"""How each action is asked for by a program: the body of the request, and what the action is called with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from jieban.api.v1 import request_bodies as b
from jieban.base.errors import Missing
from jieban.cases import actions
from jieban.cases.actions import Matter
from jieban.cases.flow.action import Do
from jieban.cases.lists import case_list
from jieban.cases.models import Case
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category, Place, Unit

Wanted = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """The body of an action, and how its codes and numbers become what the action takes."""

    body: type[b.Body]
    wanted: Callable[[Any, Actor], Wanted]


def _same(body: b.Body, actor: Actor) -> Wanted:
    return body.model_dump()


def id_of(model: type[models.Model], code: str | None, field: str) -> int | None:
    """The id of the row with this code. Raises Missing, naming the field, when there is none."""
    if code is None:
        return None
    pk = model._default_manager.filter(code=code).values_list("pk", flat=True).first()
    if pk is None:
        raise Missing(_("没有代码为“%s”的条目，请核对。") % code, fields={field: _("没有这个代码")})
    return int(pk)


def _unit(code: str | None, field: str) -> int | None:
    return id_of(Unit, code, field)


def _units(codes: Iterable[str], field: str) -> list[int | None]:
    return [_unit(code, field) for code in codes]


def _merge(body: b.Merge, actor: Actor) -> Wanted:
    found = case_list.visible_to(actor).filter(number=body.primary.strip().upper()).first()
    if found is None:
        raise Missing(_("没有这个单号，请核对后再填。"), fields={"primary": _("没有这个单号")})
    return {"primary_id": found.pk}


def _split(body: b.Split, actor: Actor) -> Wanted:
    return {
        "matters": [
            Matter(m.text, m.subject, id_of(Category, m.category, "category"), m.nature or "")
            for m in body.matters
        ]
    }


def _dispatch(body: b.Dispatch, actor: Actor) -> Wanted:
    return {
        "lead_id": _unit(body.lead, "lead"),
        "co_handler_ids": _units(body.co_handlers, "co_handlers"),
        "property_id": _unit(body.property, "property"),
        "note": body.note,
    }


def _hand_down(body: b.HandDown, actor: Actor) -> Wanted:
    return {"unit_id": _unit(body.unit, "unit"), "due_at": body.due_at, "note": body.note}


def _whistle(body: b.Whistle, actor: Actor) -> Wanted:
    return {
        "kind": body.kind,
        "unit_ids": _units(body.units, "units"),
        "place": body.place,
        "meet_at": body.meet_at,
    }


def _dispute(body: b.Dispute, actor: Actor) -> Wanted:
    return {"reason": body.reason, "proposed_id": _unit(body.proposed, "proposed")}


def _settle(body: b.Settle, actor: Actor) -> Wanted:
    return {
        "outcome": body.outcome,
        "text": body.text,
        "lead_id": _unit(body.lead, "lead"),
        "co_handler_ids": _units(body.co_handlers, "co_handlers"),
    }


def _visit_back(body: b.VisitBack, actor: Actor) -> Wanted:
    answers = {name: getattr(body, name) or "" for name in ("contacted", "solved", "satisfied")}
    return {"reached": body.reached, "remark": body.remark, "recording": body.recording or "", **answers}


def _check(body: b.Check, actor: Actor) -> Wanted:
    return {"passed": body.passed, "text": body.text, "content": body.photo}


def _attach(body: b.Attach, actor: Actor) -> Wanted:
    return {"content": body.file}


def _reclassify(body: b.Reclassify, actor: Actor) -> Wanted:
    return {
        "category_id": id_of(Category, body.category, "category"),
        "place_id": id_of(Place, body.place, "place"),
        "nature": body.nature or "",
        "grade": body.grade or "",
        "sensitive": body.sensitive,
        "is_property": body.is_property,
        "reason": body.reason,
    }


ENTRIES: dict[Do, Entry] = {
    Do.ANSWER_NOW: Entry(b.Said, _same),
    Do.DECLINE: Entry(b.Decline, _same),
    Do.HAND_OVER: Entry(b.HandOver, _same),
    Do.MERGE: Entry(b.Merge, _merge),
    Do.UNMERGE: Entry(b.Nothing, _same),
    Do.SPLIT: Entry(b.Split, _split),
    Do.DISPATCH: Entry(b.Dispatch, _dispatch),
    Do.SIGN: Entry(b.Nothing, _same),
    Do.HAND_DOWN: Entry(b.HandDown, _hand_down),
    Do.WHISTLE: Entry(b.Whistle, _whistle),
    Do.ARRIVE: Entry(b.AtPlace, _same),
    Do.CO_REPORT: Entry(b.Said, _same),
    Do.DISPUTE: Entry(b.Dispute, _dispute),
    Do.SETTLE: Entry(b.Settle, _settle),
    Do.RECORD_VISIT: Entry(b.RecordVisit, _same),
    Do.REQUEST_EXTENSION: Entry(b.RequestExtension, _same),
    Do.PUT_ON_ACCOUNT: Entry(b.PutOnAccount, _same),
    Do.GRANT: Entry(b.MaybeSaid, _same),
    Do.REFUSE: Entry(b.Said, _same),
    Do.REVIEW: Entry(b.Review, _same),
    Do.RESUME: Entry(b.Said, _same),
    Do.REPORT_RESULT: Entry(b.Said, _same),
    Do.SEND_BACK: Entry(b.Reason, _same),
    Do.VISIT_BACK: Entry(b.VisitBack, _visit_back),
    Do.CHECK: Entry(b.Check, _check),
    Do.CLOSE: Entry(b.Nothing, _same),
    Do.REOPEN: Entry(b.Said, _same),
    Do.REMIND: Entry(b.Said, _same),
    Do.SUPERVISE: Entry(b.Supervise, _same),
    Do.ESCALATE: Entry(b.Said, _same),
    Do.TAKE_OVER: Entry(b.TakeOver, _same),
    Do.RECLASSIFY: Entry(b.Reclassify, _reclassify),
    Do.MARK_URGENT: Entry(b.MarkUrgent, _same),
    Do.ADD_NOTE: Entry(b.Said, _same),
    Do.ATTACH: Entry(b.Attach, _attach),
    Do.WITHDRAW: Entry(b.MaybeReason, _same),
    Do.SUPPLEMENT: Entry(b.Said, _same),
    Do.PUBLISH: Entry(b.Publish, _same),
    Do.UNPUBLISH: Entry(b.MaybeReason, _same),
    Do.SUPPORT: Entry(b.Support, _same),
    Do.ERASE: Entry(b.Erase, _same),
}


def perform(do: Do, case: Case, body: b.Body, *, actor: Actor, at: datetime) -> None:
    """Does what the body asks for."""
    call: Callable[..., Any] = actions.check_with_photo if do == Do.CHECK else getattr(actions, do.value)
    call(case.pk, actor=actor, at=at, **ENTRIES[do].wanted(body, actor))
