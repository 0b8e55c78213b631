"""Outbox: messages and their delivery jobs are written in the transaction of the change that causes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from jieban.base.clock import local_date
from jieban.channels import message_types, message_wordings, sms
from jieban.channels.jobs import deliver
from jieban.channels.message_types import ABOUT, Language, MessageType, Recipient
from jieban.channels.models import Message

Statement = tuple[str, list[Any], str]  # SQL text, values, name
_INSERT = (
    "INSERT INTO channels_message "
    "(template, about, channel, person_id, unit_id, queued_at, phone, text, refusals) VALUES "
)
# Procrastinate's own function, whose name has a version; `deliver.defer` calls it as well.
_DEFER = """
SELECT procrastinate_defer_jobs_v1(array_agg(ROW(
    %s, %s, 0, NULL, NULL, jsonb_build_object('message_id', id), NULL
)::procrastinate_job_to_defer_v1)) FROM message
"""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Message to be queued about a case: to a person, to a unit, or else to the requester.

    With a phone number that text messages can reach, it is a text message with the text for `recipient` in
    `language`; `values` fills its placeholders. Raises ValueError for an undeclared type, or one without such a text.
    """

    kind: MessageType
    about: str
    person_id: int | None = None
    unit_id: int | None = None
    phone: str = ""
    recipient: Recipient = Recipient.REQUESTER
    language: Language = Language.CHINESE
    values: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if message_types.find(self.kind.code) is not self.kind:
            raise ValueError(f"message {self.kind.code!r} is not declared")
        if self.phone and self.recipient not in self.kind.texts:
            raise ValueError(f"message {self.kind.code!r} has no text for {self.recipient.value}")


def queue(
    kind: MessageType,
    *,
    about: str,
    at: datetime,
    person_id: int | None = None,
    unit_id: int | None = None,
) -> None:
    """Queues a message about a case: to a person, to a unit, or else to the requester."""
    queue_all([OutgoingMessage(kind, about, person_id, unit_id)], at=at)


def queue_all(notes: Sequence[OutgoingMessage], *, at: datetime) -> None:
    """Queues messages with their delivery jobs, in one statement."""
    if not notes:
        return
    (insert, rows, name), (defer, job, _none) = insert_statements(notes, at=at)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {name} AS ({insert}) {defer}", [*rows, *job])


def insert_statements(notes: Sequence[OutgoingMessage], *, at: datetime) -> tuple[Statement, Statement]:
    """The statements of `queue_all`, to be combined with others: the part to go before, and the last part."""
    texts = message_wordings.texts_on(local_date(at)) if any(note.phone for note in notes) else {}
    rows = [value for note in notes for value in _row(note, at, texts)]
    insert = _INSERT + ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, 0)"] * len(notes)) + " RETURNING id"
    return (insert, rows, "message"), (_DEFER, [deliver.queue, deliver.name], "")


def _row(note: OutgoingMessage, at: datetime, texts: message_wordings.Texts) -> list[Any]:
    channel, phone, text = Message.Channel.IN_APP, b"", b""
    if note.phone:
        channel = Message.Channel.SMS
        values = {ABOUT: note.about, **dict(note.values)}
        rendered = message_wordings.render(note.kind, note.recipient, note.language, texts, values)
        phone, text = sms.seal_recipient(note.phone, rendered)
    return [note.kind.code, note.about, channel, note.person_id, note.unit_id, at, phone, text]


@transaction.atomic
def resolve_doubtful_sms(message_id: int, *, sent: bool, person_id: int, at: datetime) -> None:
    """Resolves a text message in doubt, after a person found out whether it was sent; if not, it is sent again."""
    sms.settle(message_id, sent=sent, person_id=person_id, at=at)
    if not sent:
        deliver.defer(message_id=message_id)


def discard_sms(about: str) -> None:
    """Deletes unsent text messages about a case whose personal data are erased."""
    Message.objects.filter(about=about, channel=Message.Channel.SMS, delivered_at=None).delete()


def deliver_waiting() -> None:
    """Delivers all queued messages in bulk, and deletes their jobs; for the demonstration's past."""
    Message.objects.filter(delivered_at=None, channel=Message.Channel.SMS).delete()
    Message.objects.filter(delivered_at=None).update(delivered_at=F("queued_at"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'deliver' AND status = 'todo'")
