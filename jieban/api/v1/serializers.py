"""Serializers of cases and events; fields that the token's owner may not see are left out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jieban.base.clock import local
from jieban.cases.access import offers, rules
from jieban.cases.flow.states import RUNNING_STATES
from jieban.cases.lists import contact_reads
from jieban.cases.models import Attachment, Case, CaseDetail, CaseEvent
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Category, Place, Unit
from jieban.registry.roles import REQUESTER_ROLES

Json = dict[str, Any]


def iso_time(at: datetime | None) -> str | None:
    """A time in Chinese wall-clock time: 2026-11-23T14:02:05+08:00."""
    return local(at).isoformat() if at else None


def received_case(case: Case) -> Json:
    """Serializer of a case just received."""
    return {
        "number": case.number,
        "state": case.state,
        "contact_due_at": iso_time(case.contact_due_at),
        "finish_due_at": iso_time(case.finish_due_at),
        "provisional": case.provisional,
    }


def case_status(case: Case) -> Json:
    """Serializer of what an action may have changed; the whole case has an endpoint of its own."""
    return received_case(case) | {
        "reported_at": iso_time(case.reported_at),
        "visit_back_due_at": iso_time(case.visit_back_due_at),
        "visited_back_at": iso_time(case.visited_back_at),
        "closed_at": iso_time(case.closed_at),
        "review_on": case.review_on.isoformat() if case.review_on else None,
        "reopened_count": case.reopened_count,
    }


def case_row(case: Case, at: datetime) -> Json:
    """Serializer of a case in a list."""
    late = case.state in RUNNING_STATES and case.finish_due_at is not None and case.finish_due_at < at
    return received_case(case) | {
        "kind": case.kind,
        "channel": case.channel,
        "subject": case.subject,
        "nature": case.nature,
        "grade": case.grade,
        "urgency": case.urgency,
        "category": _category(case.category),
        "street": _code_and_name(case.street),
        "community": _code_and_name(case.community),
        "lead": _code_and_name(case.lead),
        "received_at": iso_time(case.received_at),
        "reported_at": iso_time(case.reported_at),
        "closed_at": iso_time(case.closed_at),
        "overdue": late,
    }


def attachment_json(row: Attachment) -> Json:
    """Serializer of an attachment from `attachment_reads.attachments_of`, without its content; `size` is in bytes."""
    return {
        "id": row.pk, "kind": row.kind, "media_type": row.media_type, "at": iso_time(row.at),
        "size": row.size, "erased": row.erased,
    }  # fmt: skip


def case_detail(case: CaseDetail, actor: Actor, at: datetime) -> Json:
    """Serializer of a case with its details; the case comes from `case_detail.get_case_detail`."""
    return (
        case_row(case, at)
        | case_status(case)
        | {
            "text": rules.mask_for_case(case.words.text, case, actor) if rules.may_see_text(actor) else None,
            "requester": _requester(case, actor),
            "primary": case.primary.number if case.primary else None,
            "parent": case.parent.number if case.parent and rules.may_see_inner_course(actor) else None,
            "assignments": [
                {
                    "unit": _code_and_name(row.unit),
                    "relation": row.relation,
                    "due_at": iso_time(row.due_at),
                    "signed_at": iso_time(row.signed_at),
                    "reported_at": iso_time(row.reported_at),
                }
                for row in case.active
            ],
            "visits": [
                {"kind": visit.kind, "way": visit.way, "at": iso_time(visit.at)} for visit in case.made_visits
            ],
            "actions": [do.value for do in offers.offered_actions(case, actor, at)],
        }
    )


def _category(category: Category | None) -> Json | None:
    return {"code": category.code, "path": category.path} if category else None


def _code_and_name(row: Place | Unit | None) -> Json | None:
    return {"code": row.code, "name": row.name} if row else None


def _requester(case: Case, actor: Actor) -> Json | None:
    """The requester, masked; in full only by the contact endpoint, which asks for a reason."""
    if not rules.may_see_contact(case, actor):
        return None
    masked = contact_reads.masked_contact(case.words)
    return {"name": masked.name, "phone": masked.phone}


def event_json(row: CaseEvent, case: Case, actor: Actor) -> Json:
    """Serializer of an event of the case's history."""
    words = rules.may_see_event_text(row.action, actor)
    named = rules.may_see_people(actor) and row.role not in REQUESTER_ROLES
    facts = {name: value for name, value in row.facts.items() if name != "words"}
    return {
        "seq": row.seq,
        "action": row.action,
        "at": iso_time(row.at),
        "role": row.role,
        "unit": _code_and_name(row.unit),
        "person": row.person.name if row.person and named else None,
        "before": row.before,
        "after": row.after,
        "facts": facts if rules.may_see_inner_course(actor) else {},
        "texts": {text.name: rules.mask_for_case(text.text, case, actor) for text in row.written if text.text}
        if words
        else {},
        "hash": bytes(row.hash).hex(),
    }


def events_json(rows: Sequence[CaseEvent], case: Case, actor: Actor) -> list[Json]:
    """The events that the token's owner may see, in order."""
    return [event_json(row, case, actor) for row in rows if rules.may_see_event(row.action, actor)]
