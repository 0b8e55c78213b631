"""Cache warm-up of a web process: loads what proposals need before an operator waits for it, at start and every day."""

import gc
import logging
import threading
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection

from jieban.base.clock import local_date, now
from jieban.cases.suggestions import proposing

log = logging.getLogger("jieban.warming")

EVERY_SECONDS = 60.0  # often enough that a new model is loaded before anybody waits for it
SAMPLE_TEXT = "小区停水了，暖气不热"  # any text: the first use loads everything
LOOK_AHEAD = timedelta(minutes=5)  # shortly before midnight the place names of the next day are loaded


def start_thread() -> None:
    """Starts the warm-up thread; the process does not wait for it."""
    threading.Thread(target=_warm_forever, name="warming", daemon=True).start()


def _warm_forever() -> None:
    warm_once()
    freeze_garbage_collector()
    while True:
        time.sleep(EVERY_SECONDS)
        warm_once()


def freeze_garbage_collector() -> None:
    """Excludes the objects in memory by now from garbage collection: they stay anyway.

    Going through four hundred thousand objects takes a sixth of a second, in which somebody waits for a page.
    """
    gc.collect()
    gc.freeze()


def warm_once() -> None:
    """Warms up for today and, just before midnight, for tomorrow. Without the database it waits for the next round."""
    at = now()
    try:
        for day in sorted({local_date(at), local_date(at + LOOK_AHEAD)}):
            proposing.proposals(SAMPLE_TEXT, day, list)
    except (OperationalError, InterfaceError) as error:
        log.warning("准备分类和地名时数据库中断 / the database was lost while warming: %s", error)
    finally:
        connection.close()
