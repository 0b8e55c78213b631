"""Job of the outbox: delivery of one message."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jieban.base.clock import now
from jieban.channels import sms
from jieban.channels.models import Message

# Exponential backoff, so that a broken gateway is not called every second.
RETRY = RetryStrategy(max_attempts=sms.MOST_REFUSALS + 2, linear_wait=15)


@app.task(name="deliver", queue="messages", retry=RETRY)
def deliver(message_id: int) -> None:
    """Delivers the message; idempotent."""
    at = now()
    if Message.objects.filter(pk=message_id, channel=Message.Channel.SMS).exists():
        sms.send(message_id, at)
    else:
        Message.objects.filter(pk=message_id, delivered_at=None).update(delivered_at=at)
