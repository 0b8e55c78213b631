import asyncio
import logging
import signal
from contextlib import suppress
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

from jieban import launch

log = logging.getLogger("jieban.worker")

CONCURRENCY = 4
LONGEST_PAUSE_SECONDS = 5.0
# Timeout for a connection; without the database the worker stops after it and is started again.
WAIT_SECONDS = 4.0


class OneLine(logging.Filter):
    """Log filter that shortens a lost database to one line: the loop below handles it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], ConnectorException):
            record.exc_info = record.exc_text = None
        return True


class Command(BaseCommand):
    help = "后台任务 / one background worker; any number may run"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--grace", type=int, default=30, help="seconds for running jobs after SIGTERM")
        parser.add_argument("--concurrency", type=int, default=CONCURRENCY, help="jobs at the same time")

    def handle(self, *args: Any, **options: Any) -> None:
        launch.end_with_supervisor()
        for name in ("procrastinate.worker.worker", "procrastinate.utils"):
            logging.getLogger(name).addFilter(OneLine())
        asyncio.run(work_until_stopped(options["grace"], options["concurrency"]))


async def work_until_stopped(grace: int, concurrency: int) -> None:
    """Runs jobs until SIGTERM; when the database is lost, it waits and starts again.

    A job that was running when the database was lost stays marked as running under the old worker's number,
    and `retry_stalled` gives it to another.
    """
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    pause = 0.5
    while not stop.is_set():
        if await _database_answers():
            pause = 0.5
            await _work(stop, grace, concurrency)
        if not stop.is_set():
            log.warning("后台任务中断，%.1f 秒后继续 / interrupted, going on in %.1f s", pause, pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _work(stop: asyncio.Event, grace: int, concurrency: int) -> None:
    working = asyncio.create_task(_work_once(grace, concurrency))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    working.cancel()  # tells procrastinate to fetch no more jobs and to let running ones end
    try:
        await working
    except asyncio.CancelledError:
        pass
    except (ConnectorException, psycopg.Error) as error:
        log.warning("数据库中断 / the database was lost: %r", error.__cause__ or error)
    except Exception:  # the outer loop of the worker: whatever happened, it starts again
        log.exception("后台任务出错 / the worker failed")


async def _work_once(grace: int, concurrency: int) -> None:
    # Periodic jobs are deferred over Django's own connection, which may be a broken one from the last round.
    await sync_to_async(connections.close_all)()
    worker = app.with_connector(
        PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=concurrency, timeout=WAIT_SECONDS)
    )
    async with worker.open_async():
        await worker.run_worker_async(
            concurrency=concurrency,
            wait=True,
            shutdown_graceful_timeout=grace,
            install_signal_handlers=False,
        )


async def _database_answers() -> bool:
    try:
        async with await psycopg.AsyncConnection.connect(settings.DATABASE_URL, connect_timeout=5):
            return True
    except psycopg.OperationalError as error:
        log.warning("数据库连不上 / the database cannot be reached: %s", error)
        return False
