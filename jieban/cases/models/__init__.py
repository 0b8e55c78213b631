"""The tables of a case. Only jieban.cases.actions writes them."""

from jieban.cases.models.case import Case, CaseText, NumberDay
from jieban.cases.models.event import AccessLog, CaseEvent, EventText, Seal, UnmaskAlert
from jieban.cases.models.lists import Export, SavedView
from jieban.cases.models.open import Filing, FilingPhoto, Publication, Support
from jieban.cases.models.reading import CertaintyBand, Reading
from jieban.cases.models.replies import ResultMark
from jieban.cases.models.rules import CallingHours, DeadlineRule, Limit
from jieban.cases.models.sent import SentItem
from jieban.cases.models.topics import HotTopic, HotTopicCase, HotTopicChange
from jieban.cases.models.trace import Trace
from jieban.cases.models.trained import ModelUse, TrainedModel
from jieban.cases.models.work import (
    AlsoTold,
    Assignment,
    Attachment,
    AttachmentBody,
    AttachmentFile,
    Call,
    CallLease,
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
    "AlsoTold",
    "Assignment",
    "Attachment",
    "AttachmentBody",
    "CallLease",
    "CallingHours",
    "Call",
    "AttachmentFile",
    "Case",
    "CaseEvent",
    "CaseText",
    "CertaintyBand",
    "DeadlineRule",
    "Dispute",
    "Draft",
    "EventText",
    "Export",
    "Filing",
    "FilingPhoto",
    "HotTopic",
    "HotTopicCase",
    "HotTopicChange",
    "Involvement",
    "Limit",
    "ModelUse",
    "NumberDay",
    "Order",
    "Publication",
    "Reading",
    "Request",
    "ResultMark",
    "SavedView",
    "Seal",
    "UnmaskAlert",
    "Support",
    "SentItem",
    "Trace",
    "TrainedModel",
    "Visit",
    "VisitBack",
    "Whistle",
    "WhistleCall",
]
