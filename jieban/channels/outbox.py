"""The outbox: a message and the job that sends it are written with the change that causes them."""

from datetime import datetime

from django.db import connection
from django.db.models import F

from jieban.channels.jobs import deliver
from jieban.channels.models import Message


def queue(
    template: str,
    *,
    about: str,
    at: datetime,
    person_id: int | None = None,
    unit_id: int | None = None,
) -> Message:
    """Queues a message about a case: to a person, to a unit, or else to whoever made the request."""
    message = Message.objects.create(
        template=template, about=about, person_id=person_id, unit_id=unit_id, queued_at=at
    )
    deliver.defer(message_id=message.pk)
    return message


def deliver_waiting() -> None:
    """Delivers all that waits in one go, with its jobs: for messages of the past, which nobody waits for."""
    Message.objects.filter(delivered_at=None).update(delivered_at=F("queued_at"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'deliver' AND status = 'todo'")
