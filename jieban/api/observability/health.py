"""Health check and Prometheus metrics of the platform."""

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

CONNECT_TIMEOUT_SECONDS = 2  # timeout for the database
STALE_HEARTBEAT_SECONDS = 60  # a worker without a heartbeat for longer counts as dead
MOST_COUNTED = 10_000  # counts stop here

# Folder in which all web processes count, if there are several; prometheus_client reads it when it is imported.
COUNTERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
disable_created_metrics()  # these would be a second figure for each counter, which nobody reads
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
    """Health check: 200 with a word for each part; 503 when the database, which everything needs, is down."""
    parts = component_status(now())
    return JsonResponse(parts, status=200 if parts["database"]["ok"] else 503)


def component_status(at: datetime) -> dict[str, Any]:
    """Status of the parts: database, last heartbeat of the worker, age of the oldest waiting job; ages in seconds."""
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
    """Parameters of a separate connection: an exhausted pool must not look like a database that is down."""
    params: dict[str, Any] = connection.get_connection_params()
    return {name: params[name] for name in ("dbname", "user", "password", "host", "port") if params.get(name)}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Metrics as Prometheus text, only for the addresses in the settings; headers of the caller do not count."""
    if request.META.get("REMOTE_ADDR") not in settings.METRICS_ADDRESSES:
        return HttpResponseForbidden("Not for this address.\n", content_type="text/plain")
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _registry() -> CollectorRegistry:
    """Registry with the database gauges and the counters, which all web processes share where there are several."""
    registry = CollectorRegistry()
    registry.register(Figures())
    if COUNTERS_FOLDER in os.environ:
        MultiProcessCollector(registry)
    else:
        for counter in (REQUESTS, SECONDS, DURATIONS):
            registry.register(counter)
    return registry


class Figures(Collector):
    """Collector of gauges that are counted in the database at each request."""

    def describe(self) -> list[Metric]:
        return []  # no query only to register it

    def collect(self) -> Iterator[Metric]:
        for name, (help_text, source) in _collect_metrics().items():
            yield GaugeMetricFamily(name, help_text, value=_count(source))
        unsealed = min(unsealed_count(most=MOST_COUNTED), MOST_COUNTED)
        text = f"Events under no seal yet, {MOST_COUNTED} at most."
        yield GaugeMetricFamily("jieban_events_unsealed", text, value=unsealed)


def _collect_metrics() -> dict[str, tuple[str, str]]:
    """Help text and FROM clause of each metric, by its name."""
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


def _count(source: str) -> int:
    """Number of rows, counted up to MOST_COUNTED; `source` is a constant of this module, never input."""
    return _scalar(f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {MOST_COUNTED}) AS bounded")  # noqa: S608


def _scalar(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


class Requests:
    """Middleware that counts responses by status class, and measures their duration by page."""

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
