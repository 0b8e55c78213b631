"""The shapes of what programs send. Units, categories and places are named by code, cases by number."""

from datetime import date
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Base64Bytes, ConfigDict, Field, StringConstraints

from jieban.cases.flow.enums import (
    AccountReason,
    Contacted,
    DeclineReason,
    EmergencyService,
    Satisfied,
    SettleOutcome,
    Solved,
    TakeOverBy,
    VisitKind,
    VisitWay,
    WhistleKind,
)
from jieban.cases.flow.states import Channel, Kind, Nature, Urgency
from jieban.registry.models import Category


def _storable(text: str) -> str:
    """Text that can be kept: no NUL, no half of a character."""
    text.encode()
    if "\0" in text:
        raise ValueError("NUL")
    return text


def _year(at: Any) -> Any:
    """Times that a case can have; others are slips of the pen and overflow in arithmetic."""
    if not 1990 <= at.year <= 2200:
        raise ValueError("year")
    return at


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_storable)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(_storable)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=24), AfterValidator(_storable)]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_storable)]
Message = Annotated[str, StringConstraints(max_length=200_000), AfterValidator(_storable)]
At = Annotated[AwareDatetime, AfterValidator(_year)]
Day = Annotated[date, AfterValidator(_year)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
# A file of 20 MB as Base64.
File = Annotated[Base64Bytes, Field(max_length=28_000_000)]


class Body(Schema):
    """A misspelt field is refused: nothing that was sent is lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Requester(Body):
    name: Line = ""
    phone: Line = ""


class NewCase(Body):
    kind: Kind = Kind.APPEAL
    channel: Channel = Channel.API
    subject: Line = ""
    text: Message
    requester: Requester = Requester()
    preferred_contact: Line = ""
    anonymous: bool = False
    hidden: bool = False
    shared_with_property: bool = False
    address_text: Line = ""
    lat: Latitude | None = None
    long: Longitude | None = None
    place: Code | None = None
    category: Code | None = None
    nature: Nature = Nature.HELP
    urgency: Urgency = Urgency.NORMAL
    sensitive: bool = False
    complained_about: Code | None = None


class Nothing(Body):
    pass


class Said(Body):
    text: Text


class MaybeSaid(Body):
    text: Text = ""


class Reason(Body):
    reason: Text


class MaybeReason(Body):
    reason: Text = ""


class AtPlace(Body):
    place: Line


class Decline(Body):
    reason: DeclineReason
    told: Text
    danger: bool = False


class HandOver(Body):
    service: EmergencyService
    called_at: At
    said: Text


class Merge(Body):
    primary: Number


class MatterBody(Body):
    text: Text
    subject: Line = ""
    category: Code | None = None
    nature: Nature | None = None


class Split(Body):
    matters: Annotated[list[MatterBody], Field(max_length=20)]


class Dispatch(Body):
    lead: Code
    co_handlers: Annotated[list[Code], Field(max_length=20)] = []
    property: Code | None = None
    note: Text = ""


class HandDown(Body):
    unit: Code
    due_at: At | None = None
    note: Text = ""


class Whistle(Body):
    kind: WhistleKind
    units: Annotated[list[Code], Field(max_length=20)]
    place: Line
    meet_at: At


class Dispute(Body):
    reason: Text
    proposed: Code | None = None


class Settle(Body):
    outcome: SettleOutcome
    text: Text
    lead: Code | None = None
    co_handlers: Annotated[list[Code], Field(max_length=20)] = []


class RecordVisit(Body):
    kinds: Annotated[list[VisitKind], Field(max_length=3)]
    way: VisitWay
    said: Text


class RequestExtension(Body):
    new_due_at: At
    reason: Text


class PutOnAccount(Body):
    reason_code: AccountReason
    plan: Text
    responsible: Annotated[str, StringConstraints(max_length=60), AfterValidator(_storable)]
    review_on: Day


class Review(Body):
    text: Text
    review_on: Day


class VisitBack(Body):
    reached: bool
    contacted: Contacted | None = None
    solved: Solved | None = None
    satisfied: Satisfied | None = None
    remark: Text = ""
    recording: Code | None = None


class Check(Body):
    passed: bool
    text: Text
    photo: File


class Supervise(Body):
    text: Text
    answer_by: At | None = None


class TakeOver(Body):
    by: TakeOverBy
    text: Text


class Reclassify(Body):
    category: Code | None = None
    place: Code | None = None
    nature: Nature | None = None
    grade: Category.Grade | None = None
    sensitive: bool | None = None
    is_property: bool | None = None
    reason: Text = ""


class MarkUrgent(Body):
    urgency: Urgency
    text: Text


class Attach(Body):
    file: File


class Publish(Body):
    title: Line
    summary: Text


class Support(Body):
    phone: Line
    text: Text = ""


class Erase(Body):
    ground: Line
