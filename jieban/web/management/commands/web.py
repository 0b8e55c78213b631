import logging
import os
import shutil
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from jieban import launch
from jieban.web.shell import warmup

THREADS = 4
SERVER_PID = "JIEBAN_WEB_PID"
COUNTERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # of prometheus_client, see jieban/api/observability/health.py


class Command(BaseCommand):
    help = "网页服务器 / one web server: JIEBAN_LISTEN, PORT, JIEBAN_WEB_WORKERS"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--grace", type=int, default=20, help="seconds for open requests after SIGTERM")

    def handle(self, *args: Any, **options: Any) -> None:
        launch.end_with_supervisor()
        os.environ[SERVER_PID] = str(os.getpid())
        listen, port = launch.listen_address()
        launch.check_port_is_free(listen, port, wait_seconds=5)  # a server that is still stopping may hold it
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing folder
        count_together(port)
        load_application()
        _ = get_resolver().url_patterns  # the pages are imported once here, not in every process
        launch.close_connections()  # the forked processes must not share one
        Granian(
            "jieban.wsgi:application",
            address=listen,
            port=port,
            interface=Interfaces.WSGI,
            workers=launch.whole_number("JIEBAN_WEB_WORKERS", 2),
            blocking_threads=min(THREADS, settings.DATABASE_POOL_SIZE or THREADS),
            websockets=False,
            log_access=False,  # a page's URL may name a case
            log_level=LogLevels(logging.getLevelName(logging.getLogger().level).lower()),
            respawn_failed_workers=True,
            workers_kill_timeout=options["grace"],
        ).serve(target_loader=load_in_worker, wrap_loader=False)


def count_together(port: int) -> None:
    """Sets a common counters folder for all processes, emptied; must be set before the application is imported."""
    folder = settings.VAR / "metrics" / str(port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[COUNTERS_FOLDER] = str(folder)


def load_application() -> Callable[..., Any]:
    from jieban.wsgi import application

    return application


def load_in_worker() -> Callable[..., Any]:
    """Application loader of each web process, which must not outlive the server, or it would keep the port."""
    launch.end_with(int(os.environ[SERVER_PID]))
    warmup.start_thread()
    return load_application()
