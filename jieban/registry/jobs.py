"""Periodic jobs of the registry."""

from procrastinate.contrib.django import app

from jieban.base.clock import now
from jieban.registry.documents import storage_checks
from jieban.registry.identity import attempts
from jieban.registry.identity.sessions import SessionStore
from jieban.registry.ledger import seals
from jieban.registry.models import Seal


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


@app.periodic(cron="5,15,25,35,45,55 * * * *")
@app.task(name="seal_now", queueing_lock="seal_now")
def seal_now(timestamp: int) -> None:
    """Seals the events since the last seal, so that a cut tail shows within ten minutes."""
    seals.make_seal(now())


@app.periodic(cron="10 16 * * *")  # 00:10 in Beijing
@app.task(name="seal_day", queueing_lock="seal_day")
def seal_day(timestamp: int) -> None:
    """The daily seal over all events since the daily seal before."""
    seals.make_seal(now(), Seal.Level.DAY)


@app.periodic(cron="50 18 * * *")  # 02:50 in Beijing
@app.task(name="sweep_files", queueing_lock="sweep_files")
def sweep_files(timestamp: int) -> None:
    """Removes files that no document names, a day after they were written."""
    storage_checks.sweep_files(now())
