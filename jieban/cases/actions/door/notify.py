"""What the requester of a case is told: in the account, and by text message where there is a telephone."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from jieban.cases.flow import messages
from jieban.cases.flow.states import Channel
from jieban.cases.history.case_texts import unseal_text
from jieban.cases.models import AlsoNotified, Case, CaseText, Support
from jieban.channels import outbox, sms
from jieban.channels.message_types import Language, MessageType, Recipient

# Of what came by other offices and tables those tell their requesters.
BATCH_SIZE = 500  # messages of one statement
OWN_CHANNELS = frozenset({Channel.PHONE, Channel.WEB, Channel.WECHAT})


def receipt_notes(case: Case, phone: str, language: Language) -> list[outbox.OutgoingMessage]:
    """What is said when a case has come in; of the matters of a split one nothing new by text message."""
    notes = [outbox.OutgoingMessage(messages.RECEIVED, case.number, person_id=case.requester_id)]
    if case.parent is None and case.channel in OWN_CHANNELS and sms.can_reach(phone):
        notes.append(outbox.OutgoingMessage(messages.RECEIVED, case.number, phone=phone, language=language))
    return notes


def notify_requester(kind: MessageType, case: Case, at: datetime) -> None:
    """Tells whoever asked, in the account if they have one; and by text message everybody who follows the case."""
    notes = [outbox.OutgoingMessage(kind, case.number, person_id=case.requester_id)]
    outbox.queue_all([*notes, *_text_messages(kind, case)], at=at)


def text_requester(kind: MessageType, case: Case, at: datetime) -> None:
    """The same by text message only."""
    notes = _text_messages(kind, case)
    if notes:
        outbox.queue_all(notes, at=at)


def notify_supporters(kind: MessageType, case: Case, at: datetime) -> None:
    """Whoever supported a public case hears that it was closed."""
    if not sms.configured():
        return
    rows = (
        Support.objects.filter(case=case)
        .exclude(phone_index=b"")
        .order_by("pk")
        .values_list("phone", "language")
    )
    told = (
        outbox.OutgoingMessage(
            kind,
            case.number,
            phone=unseal_text(phone, "support"),
            recipient=Recipient.FOLLOWER,
            language=Language(language),
        )
        for phone, language in rows
    )
    for some in batched(told, BATCH_SIZE):
        outbox.queue_all(some, at=at)


def batched(notes: Iterable[outbox.OutgoingMessage], size: int) -> Iterator[list[outbox.OutgoingMessage]]:
    notes = iter(notes)
    while some := list(islice(notes, size)):
        yield some


def _text_messages(kind: MessageType, case: Case) -> list[outbox.OutgoingMessage]:
    """To the requester, those whose cases were merged into this one, and who called about it too.

    Each number is told once, about the case that its holder knows.
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
