"""What the worker does for the registry by the clock."""

from procrastinate.contrib.django import app

from jieban.base.clock import now
from jieban.registry.identity import attempts
from jieban.registry.identity.sessions import SessionStore


@app.periodic(cron="40 3 * * *")
@app.task(name="forget_attempts", queueing_lock="forget_attempts")
def forget_attempts(timestamp: int) -> None:
    """Drops counted tries that no limit looks at any more."""
    attempts.delete_expired(now())


@app.periodic(cron="45 3 * * *")
@app.task(name="forget_sessions", queueing_lock="forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Drops sessions whose time is over; nobody could use them any more."""
    SessionStore.clear_expired()
