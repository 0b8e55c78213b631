"""Notifications to the requester: in the account's inbox, and by text message to a phone."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from jieban.cases.flow import messages
from jieban.cases.flow.states import Channel
from jieban.cases.history.case_texts import unseal_text
from jieban.cases.models import AlsoNotified, Case, CaseText, Support
from jieban.channels import outbox, sms
from jieban.channels.message_types import Language, MessageType, Recipient

BATCH_SIZE = 500  # messages per statement
# Channels whose requesters are notified by the platform; for other sources the other office does it.
OWN_CHANNELS = frozenset({Channel.PHONE, Channel.WEB, Channel.WECHAT})


def receipt_notes(case: Case, phone: str, language: Language) -> list[outbox.OutgoingMessage]:
    """Messages of receipt; no new text message for the parts of a split case."""
    notes = [outbox.OutgoingMessage(messages.RECEIVED, case.number, person_id=case.requester_id)]
    if case.parent is None and case.channel in OWN_CHANNELS and sms.can_reach(phone):
        notes.append(outbox.OutgoingMessage(messages.RECEIVED, case.number, phone=phone, language=language))
    return notes


def notify_requester(kind: MessageType, case: Case, at: datetime) -> None:
    """Notifies the requester in the account's inbox, and all followers of the case by text message."""
    notes = [outbox.OutgoingMessage(kind, case.number, person_id=case.requester_id)]
    outbox.queue_all([*notes, *_text_messages(kind, case)], at=at)


def text_requester(kind: MessageType, case: Case, at: datetime) -> None:
    """Notifies by text message only."""
    notes = _text_messages(kind, case)
    if notes:
        outbox.queue_all(notes, at=at)


def notify_supporters(kind: MessageType, case: Case, at: datetime) -> None:
    """Notifies supporters of a public case that it was closed."""
    if not sms.configured():
        return
    rows = (
        Support.objects.filter(case=case)
        .exclude(phone_index=b"")
        .order_by("pk")
        .values_list("phone", "language")
    )
    outgoing = (
        outbox.OutgoingMessage(
            kind,
            case.number,
            phone=unseal_text(phone, "support"),
            recipient=Recipient.FOLLOWER,
            language=Language(language),
        )
        for phone, language in rows
    )
    for some in batched(outgoing, BATCH_SIZE):
        outbox.queue_all(some, at=at)


def batched(notes: Iterable[outbox.OutgoingMessage], size: int) -> Iterator[list[outbox.OutgoingMessage]]:
    notes = iter(notes)
    while some := list(islice(notes, size)):
        yield some


def _text_messages(kind: MessageType, case: Case) -> list[outbox.OutgoingMessage]:
    """Text messages to the requester, the requesters of merged cases, and other callers about the case.

    Each number gets one message, about the case that its owner knows.
    """
    if not sms.configured():
        return []
    known = {case.pk: case.parent.number if case.parent else case.number}
    known |= dict(Case.objects.filter(primary=case, channel__in=OWN_CHANNELS).values_list("pk", "number"))
    if case.channel not in OWN_CHANNELS:
        del known[case.pk]
    texts = CaseText.objects.filter(case__in=known).order_by("case_id")
    notes = {
        phone: outbox.OutgoingMessage(kind, known[pk], phone=phone, language=Language(language))
        for pk, sealed, language in texts.values_list("case_id", "phone", "language")
        for phone in [unseal_text(sealed, "phone")]
    }
    callers = AlsoNotified.objects.filter(case=case).order_by("pk").values_list("phone", flat=True)
    for phone in (unseal_text(sealed, "phone") for sealed in callers):
        also = outbox.OutgoingMessage(kind, case.number, phone=phone, recipient=Recipient.FOLLOWER)
        notes.setdefault(phone, also)
    return [note for phone, note in notes.items() if sms.can_reach(phone)]
