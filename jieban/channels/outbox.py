"""The outbox: a message and the job that sends it are written with the change that causes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from jieban.channels.jobs import deliver
from jieban.channels.models import Message

Part = tuple[str, list[Any], str]  # text, values, name
_INSERT = "INSERT INTO channels_message (template, about, channel, person_id, unit_id, queued_at) VALUES "
# Procrastinate's own function, whose name carries its version; `deliver.defer` calls the same.
_DEFER = """
SELECT procrastinate_defer_jobs_v1(array_agg(ROW(
    %s, %s, 0, NULL, NULL, jsonb_build_object('message_id', id), NULL
)::procrastinate_job_to_defer_v1)) FROM message
"""


@dataclass(frozen=True, slots=True)
class Note:
    """A message to be queued about a case: to a person, to a unit, or else to whoever made the request."""

    template: str
    about: str
    person_id: int | None = None
    unit_id: int | None = None


def queue(
    template: str,
    *,
    about: str,
    at: datetime,
    person_id: int | None = None,
    unit_id: int | None = None,
) -> None:
    """Queues a message about a case: to a person, to a unit, or else to whoever made the request."""
    queue_all([Note(template, about, person_id, unit_id)], at=at)


def queue_all(notes: Sequence[Note], *, at: datetime) -> None:
    """Queues messages, each with the job that delivers it, by one statement."""
    if not notes:
        return
    (insert, rows, name), (defer, job, _none) = parts(notes, at=at)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {name} AS ({insert}) {defer}", [*rows, *job])


def parts(notes: Sequence[Note], *, at: datetime) -> tuple[Part, Part]:
    """The same for a statement that writes the change along with its messages: what goes before, and its end."""
    rows: list[Any] = []
    for note in notes:
        rows += [note.template, note.about, Message.Channel.IN_APP, note.person_id, note.unit_id, at]
    insert = _INSERT + ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(notes)) + " RETURNING id"
    return (insert, rows, "message"), (_DEFER, [deliver.queue, deliver.name], "")


def deliver_waiting() -> None:
    """Delivers all that waits in one go, with its jobs: for messages of the past, which nobody waits for."""
    Message.objects.filter(delivered_at=None).update(delivered_at=F("queued_at"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'deliver' AND status = 'todo'")
