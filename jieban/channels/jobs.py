"""What the worker does for the outbox."""

from procrastinate.contrib.django import app

from jieban.base.clock import now
from jieban.channels.models import Message


@app.task(name="deliver", queue="messages", retry=5)
def deliver(message_id: int) -> None:
    """Puts the message where its reader finds it. Running it twice delivers it once."""
    Message.objects.filter(pk=message_id, delivered_at=None).update(delivered_at=now())
