"""What the worker does for the registry by the clock."""

from procrastinate.contrib.django import app

from jieban.base.clock import now
from jieban.registry import attempts


@app.periodic(cron="40 3 * * *")
@app.task(name="forget_attempts", queueing_lock="forget_attempts")
def forget_attempts(timestamp: int) -> None:
    """Drops counted tries that no limit looks at any more."""
    attempts.forget(now())
