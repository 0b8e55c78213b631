"""Pydantic models of request bodies. Units, categories and places are given by code, cases by number."""

from datetime import date
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Base64Bytes, ConfigDict, Field, StringConstraints

from jieban.cases.flow.states import CaseKind, Channel, Nature, Urgency


def check_storable(text: str) -> str:
    """Validator of text: no NUL, no lone surrogate, because the database stores neither."""
    text.encode()
    if "\0" in text:
        raise ValueError("NUL")
    return text


def _check_year(at: Any) -> Any:
    """Validator of times: years outside a case's possible range are typing errors, and overflow in arithmetic."""
    if not 1990 <= at.year <= 2200:
        raise ValueError("year")
    return at


ShortText = Annotated[str, StringConstraints(max_length=200), AfterValidator(check_storable)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(check_storable)]
CaseNumber = Annotated[str, StringConstraints(min_length=1, max_length=24), AfterValidator(check_storable)]
LongText = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(check_storable)]
MessageText = Annotated[str, StringConstraints(max_length=200_000), AfterValidator(check_storable)]
AwareInstant = Annotated[AwareDatetime, AfterValidator(_check_year)]
Day = Annotated[date, AfterValidator(_check_year)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
# A file of 20 MB in Base64.
FileContent = Annotated[Base64Bytes, Field(max_length=28_000_000)]


class Body(Schema):
    """A misspelt field is refused: nothing that was sent is lost in silence."""

    model_config = ConfigDict(extra="forbid")


class RequesterBody(Body):
    name: ShortText = ""
    phone: ShortText = ""


class NewCaseBody(Body):
    kind: CaseKind = CaseKind.APPEAL
    channel: Channel = Channel.API
    subject: ShortText = ""
    text: MessageText
    requester: RequesterBody = RequesterBody()
    preferred_contact: ShortText = ""
    anonymous: bool = False
    hidden: bool = False
    shared_with_property: bool = False
    address_text: ShortText = ""
    lat: Latitude | None = None
    long: Longitude | None = None
    place: Code | None = None
    category: Code | None = None
    nature: Nature = Nature.HELP
    urgency: Urgency = Urgency.NORMAL
    sensitive: bool = False
    complained_about: Code | None = None


class ReasonBody(Body):
    reason: LongText


class MatterBody(Body):
    text: LongText
    subject: ShortText = ""
    category: Code | None = None
    nature: Nature | None = None
