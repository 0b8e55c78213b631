"""Whether the platform does its work: for those who watch it, from outside and from Prometheus."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from time import perf_counter
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from jieban.base.clock import now
from jieban.cases.flow.states import RUNNING_STATES
from jieban.registry.ledger.seals import unsealed_count

CONNECT_TIMEOUT_SECONDS = 2  # seconds for the database to answer
STALE_HEARTBEAT_SECONDS = 60  # seconds after which a worker counts as gone
MOST_COUNTED = 10_000  # a figure that is larger says this

QUEUE_SQL = """
SELECT (SELECT max(last_heartbeat) FROM procrastinate_workers),
       (SELECT min(coalesce(j.scheduled_at, e.at))
          FROM procrastinate_jobs j LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
         WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now()))
"""


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 with a word for each part; 503 when the database, without which nothing comes in, is down."""
    parts = component_status(now())
    return JsonResponse(parts, status=200 if parts["database"]["ok"] else 503)


def component_status(at: datetime) -> dict[str, Any]:
    """The parts: the database, the worker's last sign of life, the age of the oldest job that waits, in seconds."""
    try:
        with (
            psycopg.connect(**_address(), connect_timeout=CONNECT_TIMEOUT_SECONDS) as own,
            own.cursor() as cursor,
        ):
            cursor.execute(f"SET statement_timeout = '{CONNECT_TIMEOUT_SECONDS}s'")
            cursor.execute(QUEUE_SQL)
            row = cursor.fetchone()
    except psycopg.Error:
        unknown = {"ok": False, "seconds": None}
        return {"database": {"ok": False}, "worker": unknown, "queue": unknown}
    beat, oldest = row or (None, None)
    since = (at - beat).total_seconds() if beat else None
    age = max((at - oldest).total_seconds(), 0.0) if oldest else 0.0
    return {
        "database": {"ok": True},
        "worker": {"ok": since is not None and since < STALE_HEARTBEAT_SECONDS, "seconds": since},
        "queue": {"ok": age < STALE_HEARTBEAT_SECONDS, "seconds": age},
    }


def _address() -> dict[str, Any]:
    """A connection of its own: a pool that is used up must not look like a database that is down."""
    params: dict[str, Any] = connection.get_connection_params()
    return {name: params[name] for name in ("dbname", "user", "password", "host", "port") if params.get(name)}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures as Prometheus text, for the addresses in the settings only; the caller's own word for it is not asked."""
    if request.META.get("REMOTE_ADDR") not in settings.METRICS_ADDRESSES:
        return HttpResponseForbidden("Not for this address.\n", content_type="text/plain")
    lines = [
        line
        for name, (kind, told, value) in _collect_metrics().items()
        for line in _metric_lines(name, kind, told, value)
    ]
    return HttpResponse("\n".join([*lines, *Requests.lines(), ""]), content_type="text/plain; version=0.0.4")


def _collect_metrics() -> dict[str, tuple[str, str, Any]]:
    states = "', '".join(sorted(RUNNING_STATES))
    return {
        "jieban_jobs_waiting": ("gauge", "Jobs not begun yet.", _count("procrastinate_jobs WHERE status = 'todo'")),
        "jieban_jobs_failed": ("gauge", "Jobs that failed.", _count("procrastinate_jobs WHERE status = 'failed'")),
        "jieban_messages_waiting": (
            "gauge", "Messages not delivered yet.",
            _count("channels_message WHERE delivered_at IS NULL AND failed_at IS NULL"),
        ),
        "jieban_cases_overdue": (
            "gauge", f"Cases in hand over their limit, {MOST_COUNTED} at most.",
            _count(f"cases_case WHERE state IN ('{states}') AND finish_due_at < now()"),
        ),
        "jieban_visit_backs_waiting": (
            "gauge", f"Cases to be visited back, {MOST_COUNTED} at most.",
            _count("cases_case WHERE visit_back_due_at IS NOT NULL"),
        ),
        "jieban_unmask_alerts_open": (
            "gauge", "Alerts at unusual looks at contact data that nobody looked into yet.",
            _count("cases_unmaskalert WHERE looked_at IS NULL"),
        ),
        "jieban_events_unsealed": (
            "gauge", f"Events under no seal yet, {MOST_COUNTED} at most.",
            min(unsealed_count(most=MOST_COUNTED), MOST_COUNTED),
        ),
    }  # fmt: skip


def _count(what: str) -> int:
    """How many rows, counted no further than MOST_COUNTED; `what` is ours, never a caller's."""
    return _scalar(f"SELECT count(*) FROM (SELECT 1 FROM {what} LIMIT {MOST_COUNTED}) AS bounded")  # noqa: S608


def _scalar(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def _metric_lines(name: str, kind: str, told: str, value: Any) -> list[str]:
    return [f"# HELP {name} {told}", f"# TYPE {name} {kind}", f"{name} {value}"]


class Requests:
    """Counts what this web process answered, by status class, and how long that took."""

    lock = Lock()
    counts: dict[str, int] = {}
    seconds = 0.0

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = perf_counter()
        sent = self.get_response(request)
        kind = f"{sent.status_code // 100}xx"
        with Requests.lock:
            Requests.counts[kind] = Requests.counts.get(kind, 0) + 1
            Requests.seconds += perf_counter() - begun
        return sent

    @classmethod
    def lines(cls) -> list[str]:
        total = "jieban_requests_total"
        return [
            f"# HELP {total} Requests answered by this process.",
            f"# TYPE {total} counter",
            *(f'{total}{{status="{kind}"}} {count}' for kind, count in sorted(cls.counts.items())),
            *_metric_lines(
                "jieban_request_seconds_total", "counter", "Time spent on them.", round(cls.seconds, 3)
            ),
        ]
