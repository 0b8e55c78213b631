"""Calls an action for an API request: converts codes and case numbers of its body into ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from jieban.api.v1.request_bodies import Body, MatterBody
from jieban.base.errors import Invalid
from jieban.cases.actions import Matter, action_functions
from jieban.cases.flow.cards import card_fields
from jieban.cases.flow.cards.card import ActionCard
from jieban.cases.flow.cards.card_fields import CardField
from jieban.cases.lists import case_list
from jieban.cases.models import Case
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category, Place, Unit


def id_for_code(model: type[models.Model], code: str | None, field: str) -> int | None:
    """The id of the row with this code. Raises Invalid, naming the field, when there is none."""
    if code is None:
        return None
    pk = model._default_manager.filter(code=code).values_list("pk", flat=True).first()
    if pk is None:
        raise Invalid(_("没有代码为“%s”的条目，请核对。") % code, fields={field: _("没有这个代码")})
    return int(pk)


def _id_for_number(number: str, field: str, actor: Actor) -> int:
    case = case_list.visible_to(actor).filter(number=number.strip().upper()).first()
    if case is None:
        raise Invalid(_("没有这个单号，请核对后再填。"), fields={field: _("没有这个单号")})
    return case.pk


def _matters(sent: Sequence[MatterBody]) -> list[Matter]:
    return [
        Matter(m.text, m.subject, id_for_code(Category, m.category, "category"), m.nature or "") for m in sent
    ]


def argument_of(field: CardField, sent: Any, actor: Actor) -> Any:
    """The function argument for a field of the body."""
    match field:
        case card_fields.UnitRef():
            return id_for_code(Unit, sent, field.name)
        case card_fields.UnitRefs():
            return [id_for_code(Unit, code, field.name) for code in sent]
        case card_fields.CategoryRef():
            return id_for_code(Category, sent, field.name)
        case card_fields.PlaceRef():
            return id_for_code(Place, sent, field.name)
        case card_fields.CaseRef():
            return _id_for_number(sent, field.name, actor)
        case card_fields.Matters():
            return _matters(sent)
        case card_fields.Files():
            return [("", sent)]
        case card_fields.Choice() | card_fields.GradeChoice() | card_fields.Code():
            return sent or ""
    return sent


def arguments_of(card: ActionCard, body: Body, actor: Actor) -> dict[str, Any]:
    """The function arguments for a body."""
    return {
        field.arguments[0]: argument_of(field, getattr(body, field.name), actor) for field in card.api_fields
    }


def perform(card: ActionCard, case: Case, body: Body, *, actor: Actor, at: datetime) -> None:
    """Performs the action that the body asks for."""
    action_functions.perform(card, case.pk, actor=actor, at=at, **arguments_of(card, body, actor))
