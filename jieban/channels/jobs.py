"""What the worker does for the outbox."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from jieban.base.clock import now
from jieban.channels import sms
from jieban.channels.models import Message

# The waits grow, so that a gateway that is being mended is not called every second.
RETRY = RetryStrategy(max_attempts=sms.MOST_REFUSALS + 2, linear_wait=15)


@app.task(name="deliver", queue="messages", retry=RETRY)
def deliver(message_id: int) -> None:
    """Puts the message where its reader finds it. Running it twice delivers it once."""
    at = now()
    if Message.objects.filter(pk=message_id, channel=Message.Channel.SMS).exists():
        sms.send(message_id, at)
    else:
        Message.objects.filter(pk=message_id, delivered_at=None).update(delivered_at=at)
