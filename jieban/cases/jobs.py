"""Periodic jobs for cases; each calls one function and is idempotent."""

import asyncio
import logging
import sys

from django.db import InterfaceError, OperationalError
from procrastinate.contrib.django import app

from jieban.base.clock import now
from jieban.cases.suggestions import readings
from jieban.cases.timers import sweep
from jieban.cases.topics import hot_topics

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="sweep_clocks", queueing_lock="sweep_clocks")
def sweep_clocks(timestamp: int) -> None:
    """Issues due warnings, and opens the visit-back of an expired case."""
    sweep.sweep(now())


@app.periodic(cron="* * * * * */15")
@app.task(name="read_waiting", queueing_lock="read_waiting")
def read_waiting(timestamp: int) -> None:
    """Reads cases that came in without an operator, so that danger in a text is found before somebody opens it."""
    try:
        readings.read_waiting(now())
    except (OperationalError, InterfaceError) as error:
        log.warning(
            "数据库中断，下一次再读 / the database was lost while reading; left to the next run: %s", error
        )


@app.periodic(cron="30 16 * * *")
@app.task(name="recompute_provisional", queueing_lock="recompute_provisional")
def recompute_provisional(timestamp: int) -> None:
    """Recomputes provisional limits when the calendar of their year is available."""
    sweep.recompute_provisional(now())


@app.periodic(cron="20 19 * * *")  # 03:20 in Beijing
@app.task(name="refresh_hot_topics", queueing_lock="refresh_hot_topics")
def refresh_hot_topics(timestamp: int) -> None:
    """Adds new cases to the hot topics, and creates new topics."""
    hot_topics.refresh(now())


@app.periodic(cron="40 19 * * *")  # 03:40 in Beijing
@app.task(name="learn_categories", queueing_lock="learn_categories")
async def learn_categories(timestamp: int) -> None:
    """Trains on decisions of people, in a subprocess whose memory is freed and which can be killed."""
    training = await asyncio.create_subprocess_exec(sys.executable, "-m", "jieban", "train", "district")
    try:
        code = await training.wait()
    except asyncio.CancelledError:
        # Safe at any time: it has written nothing yet, or everything.
        training.kill()
        raise
    if code:
        raise RuntimeError(f"train district ended with {code}")
