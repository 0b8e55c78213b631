"""Body builder: makes the pydantic model of each action's body from the action's card; unknown fields are refused."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, create_model

from jieban.api.v1.request_bodies import (
    AwareInstant,
    Body,
    CaseNumber,
    Code,
    Day,
    FileContent,
    LongText,
    MatterBody,
    check_storable,
)
from jieban.cases.flow.action import Action
from jieban.cases.flow.cards import CARDS, card_fields
from jieban.cases.flow.cards.card import ActionCard
from jieban.cases.flow.cards.card_fields import CardField
from jieban.cases.flow.transitions import may_ever
from jieban.registry.models import Category
from jieban.registry.roles import EVERY_ROLE

MOST_UNITS = MOST_MATTERS = 20
PydanticField = tuple[Any, Any]


def body_for(card: ActionCard) -> type[Body]:
    """The body model of an action."""
    name = "".join(part.title() for part in card.action.value.split("_"))
    fields: dict[str, Any] = {field.name: pydantic_field(field) for field in card.api_fields}
    return create_model(f"{name}Body", __base__=Body, **fields)


def pydantic_field(field: CardField) -> PydanticField:
    """The pydantic type of a field, and its default."""
    match field:
        case card_fields.Text() | card_fields.Line():
            return _text_type(field), ... if field.required else ""
        case card_fields.Tick():
            return bool, False
        case card_fields.Choices():
            return Annotated[list[field.of], Field(max_length=len(field.of))], ...  # type: ignore[name-defined]
        case card_fields.UnitRefs():
            return Annotated[list[Code], Field(max_length=MOST_UNITS)], ... if field.required else []
        case card_fields.Matters():
            return Annotated[list[MatterBody], Field(max_length=MOST_MATTERS)], ...
    kind = _plain_type(field)
    return (kind, ...) if field.required else (kind | None, None)


def _text_type(field: card_fields.Text | card_fields.Line) -> Any:
    if isinstance(field, card_fields.Text):
        return LongText
    longest = field.longest_sent or field.longest
    return Annotated[str, StringConstraints(max_length=longest), AfterValidator(check_storable)]


def _plain_type(field: CardField) -> Any:
    match field:
        case card_fields.Choice():
            return field.of
        case card_fields.GradeChoice():
            return Category.Grade
        case card_fields.YesNo() | card_fields.Answer():
            return bool
        case card_fields.UnitRef() | card_fields.CategoryRef() | card_fields.PlaceRef() | card_fields.Code():
            return Code
        case card_fields.CaseRef():
            return CaseNumber
        case card_fields.DateTime():
            return AwareInstant
        case card_fields.Day():
            return Day
        case card_fields.Photo() | card_fields.Files():
            return FileContent
    raise TypeError(f"{type(field).__name__} is not for programs")


# Actions of people; warnings and recomputations are made by timers and the platform only.
BODIES: dict[Action, type[Body]] = {
    do: body_for(CARDS[do]) for do in Action if any(may_ever(do, role) for role in EVERY_ROLE)
}
