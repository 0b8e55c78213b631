"""Models of cases; only jieban.cases.actions writes them."""

from jieban.cases.models.assignment import Assignment, Dispute, Involvement, Whistle, WhistleCall
from jieban.cases.models.attachment import Attachment
from jieban.cases.models.case import Case, CaseDetail, CaseText, NumberDay
from jieban.cases.models.dated_rule import CallingHours, DeadlineRule, Limit
from jieban.cases.models.event import AccessLog, CaseEvent, EventText, UnmaskAlert
from jieban.cases.models.fingerprint import Fingerprint
from jieban.cases.models.hot_topic import HotTopic, HotTopicCase, HotTopicChange
from jieban.cases.models.phone_call import Call, CallLease, Draft
from jieban.cases.models.publication import Publication, PublicSubmission, SubmissionPhoto, Support
from jieban.cases.models.saved_list import Export, SavedView
from jieban.cases.models.sent_item import SentItem
from jieban.cases.models.suggestion import CertaintyBand, Reading, ResultMark
from jieban.cases.models.trained_model import ModelUse, TrainedModel
from jieban.cases.models.visit import AlsoNotified, Order, Request, Visit, VisitBack

__all__ = [
    "AccessLog",
    "AlsoNotified",
    "Assignment",
    "Attachment",
    "CallLease",
    "CallingHours",
    "Call",
    "Case",
    "CaseDetail",
    "CaseEvent",
    "CaseText",
    "CertaintyBand",
    "DeadlineRule",
    "Dispute",
    "Draft",
    "EventText",
    "Export",
    "PublicSubmission",
    "SubmissionPhoto",
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
    "UnmaskAlert",
    "Support",
    "SentItem",
    "Fingerprint",
    "TrainedModel",
    "Visit",
    "VisitBack",
    "Whistle",
    "WhistleCall",
]
