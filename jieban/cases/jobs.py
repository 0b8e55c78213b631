"""What the worker does for cases by the clock; each job calls one function and may run twice."""

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
    """Warns of limits that are near or over, and opens the visit-back at expiry."""
    sweep.sweep(now())


@app.periodic(cron="* * * * * */15")
@app.task(name="read_waiting", queueing_lock="read_waiting")
def read_waiting(timestamp: int) -> None:
    """Reads what came in without an operator, so that danger in its words is seen before somebody opens it."""
    try:
        readings.read_waiting(now())
    except (OperationalError, InterfaceError) as error:
        log.warning(
            "数据库中断，下一次再读 / the database was lost while reading; left to the next run: %s", error
        )


@app.periodic(cron="30 16 * * *")
@app.task(name="recompute_provisional", queueing_lock="recompute_provisional")
def recompute_provisional(timestamp: int) -> None:
    """Makes provisional limits certain once the calendar of their year is there."""
    sweep.recompute_provisional(now())


@app.periodic(cron="20 19 * * *")  # 03:20 in Beijing
@app.task(name="refresh_hot_topics", queueing_lock="refresh_hot_topics")
def refresh_hot_topics(timestamp: int) -> None:
    """New cases join the hot topics or found new ones."""
    hot_topics.refresh(now())


@app.periodic(cron="40 19 * * *")  # 03:40 in Beijing
@app.task(name="learn_categories", queueing_lock="learn_categories")
async def learn_categories(timestamp: int) -> None:
    """Learns from what people decided, in a process of its own that gives its memory back and can be ended."""
    learning = await asyncio.create_subprocess_exec(sys.executable, "-m", "jieban", "train", "district")
    try:
        code = await learning.wait()
    except asyncio.CancelledError:
        learning.kill()  # it has written nothing yet, or all
        raise
    if code:
        raise RuntimeError(f"train district ended with {code}")
