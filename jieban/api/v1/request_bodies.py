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
from jieban.cases.flow.states import CaseKind, Channel, Nature, Urgency
from jieban.registry.models import Category


def _check_storable(text: str) -> str:
    """Text that can be kept: no NUL, no half of a character."""
    text.encode()
    if "\0" in text:
        raise ValueError("NUL")
    return text


def _check_year(at: Any) -> Any:
    """Times that a case can have; others are slips of the pen and overflow in arithmetic."""
    if not 1990 <= at.year <= 2200:
        raise ValueError("year")
    return at


ShortText = Annotated[str, StringConstraints(max_length=200), AfterValidator(_check_storable)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(_check_storable)]
CaseNumber = Annotated[str, StringConstraints(min_length=1, max_length=24), AfterValidator(_check_storable)]
LongText = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_check_storable)]
MessageText = Annotated[str, StringConstraints(max_length=200_000), AfterValidator(_check_storable)]
AwareInstant = Annotated[AwareDatetime, AfterValidator(_check_year)]
Day = Annotated[date, AfterValidator(_check_year)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
# A file of 20 MB as Base64.
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


class EmptyBody(Body):
    pass


class TextBody(Body):
    text: LongText


class OptionalTextBody(Body):
    text: LongText = ""


class ReasonBody(Body):
    reason: LongText


class OptionalReasonBody(Body):
    reason: LongText = ""


class ArriveBody(Body):
    place: ShortText


class DeclineBody(Body):
    reason: DeclineReason
    told: LongText
    danger: bool = False


class HandOverBody(Body):
    service: EmergencyService
    called_at: AwareInstant
    said: LongText


class MergeBody(Body):
    primary: CaseNumber


class MatterBody(Body):
    text: LongText
    subject: ShortText = ""
    category: Code | None = None
    nature: Nature | None = None


class SplitBody(Body):
    matters: Annotated[list[MatterBody], Field(max_length=20)]


class DispatchBody(Body):
    lead: Code
    co_handlers: Annotated[list[Code], Field(max_length=20)] = []
    property: Code | None = None
    note: LongText = ""


class HandDownBody(Body):
    unit: Code
    due_at: AwareInstant | None = None
    note: LongText = ""


class WhistleBody(Body):
    kind: WhistleKind
    units: Annotated[list[Code], Field(max_length=20)]
    place: ShortText
    meet_at: AwareInstant


class DisputeBody(Body):
    reason: LongText
    proposed: Code | None = None


class SettleBody(Body):
    outcome: SettleOutcome
    text: LongText
    lead: Code | None = None
    co_handlers: Annotated[list[Code], Field(max_length=20)] = []


class RecordVisitBody(Body):
    kinds: Annotated[list[VisitKind], Field(max_length=3)]
    way: VisitWay
    said: LongText


class RequestExtensionBody(Body):
    new_due_at: AwareInstant
    reason: LongText


class PutOnAccountBody(Body):
    reason_code: AccountReason
    plan: LongText
    responsible: Annotated[str, StringConstraints(max_length=60), AfterValidator(_check_storable)]
    review_on: Day


class ReviewBody(Body):
    text: LongText
    review_on: Day


class VisitBackBody(Body):
    reached: bool
    contacted: Contacted | None = None
    solved: Solved | None = None
    satisfied: Satisfied | None = None
    remark: LongText = ""
    recording: Code | None = None


class CheckBody(Body):
    passed: bool
    text: LongText
    photo: FileContent


class SuperviseBody(Body):
    text: LongText
    answer_by: AwareInstant | None = None


class TakeOverBody(Body):
    by: TakeOverBy
    text: LongText


class ReclassifyBody(Body):
    category: Code | None = None
    place: Code | None = None
    nature: Nature | None = None
    grade: Category.Grade | None = None
    sensitive: bool | None = None
    is_property: bool | None = None
    reason: LongText = ""


class MarkUrgentBody(Body):
    urgency: Urgency
    text: LongText


class AttachBody(Body):
    file: FileContent


class PublishBody(Body):
    title: ShortText
    summary: LongText


class SupportBody(Body):
    phone: ShortText
    text: LongText = ""


class EraseBody(Body):
    ground: ShortText
