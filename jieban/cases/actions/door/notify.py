"""What the requester of a case is told: in the account, and by text message where there is a telephone."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from jieban.cases.flow.states import Channel
from jieban.cases.history.event_digests import opened
from jieban.cases.models import AlsoTold, Case, CaseText, Support
from jieban.channels import outbox, sms

# Of what came by other offices and tables those tell their requesters.
MOST_AT_ONCE = 500  # messages of one statement
OURS = frozenset({Channel.PHONE, Channel.WEB, Channel.WECHAT})


def received_notes(case: Case, phone: str) -> list[outbox.Note]:
    """What is said when a case has come in; of the matters of a split one nothing new by text message."""
    notes = [outbox.Note("received", case.number, person_id=case.requester_id)]
    if case.parent is None and case.channel in OURS and sms.reaches(phone):
        notes.append(outbox.Note("received", case.number, phone=phone))
    return notes


def tell_requester(template: str, case: Case, at: datetime) -> None:
    """Tells whoever asked, in the account if they have one; and by text message everybody who follows the case."""
    notes = [outbox.Note(template, case.number, person_id=case.requester_id)]
    outbox.queue_all([*notes, *_text_messages(template, case)], at=at)


def text_requester(template: str, case: Case, at: datetime) -> None:
    """The same by text message only."""
    notes = _text_messages(template, case)
    if notes:
        outbox.queue_all(notes, at=at)


def tell_supporters(case: Case, at: datetime) -> None:
    """Whoever supported a public case hears that it was closed."""
    if not sms.configured():
        return
    phones = (
        Support.objects.filter(case=case)
        .exclude(phone_index=b"")
        .order_by("pk")
        .values_list("phone", flat=True)
    )
    told = (outbox.Note("supported_closed", case.number, phone=opened(phone, "support")) for phone in phones)
    for some in batched(told, MOST_AT_ONCE):
        outbox.queue_all(some, at=at)


def batched(notes: Iterable[outbox.Note], size: int) -> Iterator[list[outbox.Note]]:
    notes = iter(notes)
    while some := list(islice(notes, size)):
        yield some


def _text_messages(template: str, case: Case) -> list[outbox.Note]:
    """To the requester, those whose cases were merged into this one, and who called about it too.

    Each number is told once, about the case that its holder knows.
    """
    if not sms.configured():
        return []
    known = {case.pk: case.parent.number if case.parent else case.number}
    known |= dict(Case.objects.filter(primary=case, channel__in=OURS).values_list("pk", "number"))
    if case.channel not in OURS:
        del known[case.pk]
    rows = CaseText.objects.filter(case__in=known).order_by("case_id").values_list("case_id", "phone")
    notes = {
        phone: outbox.Note(template, known[pk], phone=phone)
        for pk, sealed in rows
        for phone in [opened(sealed, "phone")]
    }
    callers = AlsoTold.objects.filter(case=case).order_by("pk").values_list("phone", flat=True)
    for phone in (opened(sealed, "phone") for sealed in callers):
        notes.setdefault(phone, outbox.Note(f"{template}_also", case.number, phone=phone))
    return [note for phone, note in notes.items() if sms.reaches(phone)]
