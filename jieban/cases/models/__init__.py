"""The tables of a case. Only jieban.cases.actions writes them."""

from jieban.cases.models.case import Case, CaseText, NumberDay
from jieban.cases.models.event import AccessLog, CaseEvent, EventText, Seal
from jieban.cases.models.open import Filing, FilingPhoto, Publication, Support
from jieban.cases.models.rules import DeadlineRule, Limit
from jieban.cases.models.work import (
    Assignment,
    Attachment,
    AttachmentBody,
    Dispute,
    Draft,
    Involvement,
    Order,
    Request,
    Visit,
    VisitBack,
    Whistle,
    WhistleCall,
)

__all__ = [
    "AccessLog",
    "Assignment",
    "Attachment",
    "AttachmentBody",
    "Case",
    "CaseEvent",
    "CaseText",
    "DeadlineRule",
    "Dispute",
    "Draft",
    "EventText",
    "Filing",
    "FilingPhoto",
    "Involvement",
    "Limit",
    "NumberDay",
    "Order",
    "Publication",
    "Request",
    "Seal",
    "Support",
    "Visit",
    "VisitBack",
    "Whistle",
    "WhistleCall",
]
