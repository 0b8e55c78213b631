"""Periodic jobs of the registry."""

from procrastinate.contrib.django import app

from jieban.base.clock import now
from jieban.registry.identity import attempts
from jieban.registry.identity.sessions import SessionStore


@app.periodic(cron="40 3 * * *")
@app.task(name="forget_attempts", queueing_lock="forget_attempts")
def forget_attempts(timestamp: int) -> None:
    """Deletes expired counters of the rate limiter."""
    attempts.delete_expired(now())


@app.periodic(cron="45 3 * * *")
@app.task(name="forget_sessions", queueing_lock="forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Deletes expired sessions."""
    SessionStore.clear_expired()
