"""A web process gets ready what proposals are made of before an operator needs it: at its start, and every day."""

import gc
import logging
import threading
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection

from jieban.base.clock import local_date, now
from jieban.cases.suggestions import proposing

log = logging.getLogger("jieban.warming")

EVERY_SECONDS = 60.0  # so a new model, too, is read before anybody waits for it
SAMPLE_TEXT = "小区停水了，暖气不热"  # any words: what is prepared at the first use is prepared then
LOOK_AHEAD = timedelta(minutes=5)  # before midnight the names of the next day are read


def start_thread() -> None:
    """Begins beside the process; its start does not wait."""
    threading.Thread(target=_warm_forever, name="warming", daemon=True).start()


def _warm_forever() -> None:
    warm_once()
    freeze_garbage_collector()
    while True:
        time.sleep(EVERY_SECONDS)
        warm_once()


def freeze_garbage_collector() -> None:
    """What is in memory by now stays, and is not gone through for garbage again.

    Four hundred thousand objects take a sixth of a second, in which somebody waits for a page.
    """
    gc.collect()
    gc.freeze()


def warm_once() -> None:
    """Today and the day of the next minutes. Without the database it is left to the next time."""
    at = now()
    try:
        for day in sorted({local_date(at), local_date(at + LOOK_AHEAD)}):
            proposing.proposals(SAMPLE_TEXT, day, list)
    except (OperationalError, InterfaceError) as error:
        log.warning("准备分类和地名时数据库中断 / the database was lost while warming: %s", error)
    finally:
        connection.close()
