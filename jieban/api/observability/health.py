"""Whether the platform does its work: for those who watch it, from outside and from Prometheus."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from time import perf_counter
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from jieban.base.clock import now
from jieban.cases.flow.states import RUNNING_STATES
from jieban.registry.ledger.seals import unsealed_count

CONNECT_TIMEOUT_SECONDS = 2  # seconds for the database to answer
STALE_HEARTBEAT_SECONDS = 60  # seconds after which a worker counts as gone
MOST_COUNTED = 10_000  # a figure that is larger says this

# Where all web processes count, if they do so together; prometheus_client reads it when it is imported.
COUNTERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
disable_created_metrics()  # a second figure for each, which nobody reads
REQUESTS = Counter("jieban_requests", "Requests answered.", ["status"], registry=None)
SECONDS = Counter("jieban_request_seconds", "Time spent on them.", registry=None)
DURATIONS = Histogram(
    "jieban_request_duration_seconds", "Time until an answer began, by the name of the page or call.", ["route"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10), registry=None,
)  # fmt: skip

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
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _registry() -> CollectorRegistry:
    """Figures of the database, and the counters: of all web processes where they share a folder."""
    registry = CollectorRegistry()
    registry.register(Figures())
    if COUNTERS_FOLDER in os.environ:
        MultiProcessCollector(registry)
    else:
        for counter in (REQUESTS, SECONDS, DURATIONS):
            registry.register(counter)
    return registry


class Figures(Collector):
    """Gauges counted in the database when somebody asks."""

    def describe(self) -> list[Metric]:
        return []  # nothing is counted to register it

    def collect(self) -> Iterator[Metric]:
        for name, (told, what) in _collect_metrics().items():
            yield GaugeMetricFamily(name, told, value=_count(what))
        unsealed = min(unsealed_count(most=MOST_COUNTED), MOST_COUNTED)
        text = f"Events under no seal yet, {MOST_COUNTED} at most."
        yield GaugeMetricFamily("jieban_events_unsealed", text, value=unsealed)


def _collect_metrics() -> dict[str, tuple[str, str]]:
    """By name what is counted: in words, and as a part of a query."""
    states = "', '".join(sorted(RUNNING_STATES))
    return {
        "jieban_jobs_waiting": ("Jobs not begun yet.", "procrastinate_jobs WHERE status = 'todo'"),
        "jieban_jobs_failed": ("Jobs that failed.", "procrastinate_jobs WHERE status = 'failed'"),
        "jieban_messages_waiting": (
            "Messages not delivered yet.", "channels_message WHERE delivered_at IS NULL AND failed_at IS NULL",
        ),
        "jieban_cases_overdue": (
            f"Cases in hand over their limit, {MOST_COUNTED} at most.",
            f"cases_case WHERE state IN ('{states}') AND finish_due_at < now()",
        ),
        "jieban_visit_backs_waiting": (
            f"Cases to be visited back, {MOST_COUNTED} at most.", "cases_case WHERE visit_back_due_at IS NOT NULL",
        ),
        "jieban_unmask_alerts_open": (
            "Alerts at unusual looks at contact data that nobody looked into yet.",
            "cases_unmaskalert WHERE looked_at IS NULL",
        ),
    }  # fmt: skip


def _count(what: str) -> int:
    """How many rows, counted no further than MOST_COUNTED; `what` is ours, never a caller's."""
    return _scalar(f"SELECT count(*) FROM (SELECT 1 FROM {what} LIMIT {MOST_COUNTED}) AS bounded")  # noqa: S608


def _scalar(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


class Requests:
    """Middleware that counts what was answered, by class of status, and how long that took, by page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = perf_counter()
        sent = self.get_response(request)
        seconds = perf_counter() - begun
        REQUESTS.labels(f"{sent.status_code // 100}xx").inc()
        SECONDS.inc(seconds)
        if match := request.resolver_match:
            DURATIONS.labels(match.view_name).observe(seconds)
        return sent
