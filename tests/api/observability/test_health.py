"""What watchers see: health without a right to see more, figures for known addresses only."""

from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from jieban.api.observability import health
from tests.cases.scene import Scene, make_case


@pytest.mark.django_db(transaction=True)
def test_health_tells_each_part() -> None:
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    told = answer.json()
    assert list(told) == ["database", "worker", "queue"]
    assert told["database"] == {"ok": True}
    assert set(told["worker"]) == set(told["queue"]) == {"ok", "seconds"}


def test_health_says_so_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_address", lambda: {"host": "127.0.0.1", "port": "9", "dbname": "none"})
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, {"ok": False})


def test_figures_are_told_to_known_addresses(scene: Scene) -> None:
    make_case(scene)
    Client().get("/healthz")
    told = Client(REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    assert "jieban_events_unsealed 1" in told
    assert "jieban_cases_overdue 1" in told  # received in March 2026, long ago
    assert 'jieban_requests_total{status="' in told


def test_the_figures_are_what_prometheus_reads(scene: Scene) -> None:
    """Each name with its kind: whoever watches has rules on them."""
    Client().get("/login/")
    Client().get("/nowhere/")
    answer = Client(REMOTE_ADDR="127.0.0.1").get("/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    families = {one.name: one for one in text_string_to_metric_families(answer.content.decode())}
    assert {name: one.type for name, one in families.items()} == {
        "jieban_jobs_waiting": "gauge", "jieban_jobs_failed": "gauge", "jieban_messages_waiting": "gauge",
        "jieban_cases_overdue": "gauge", "jieban_visit_backs_waiting": "gauge", "jieban_unmask_alerts_open": "gauge",
        "jieban_events_unsealed": "gauge", "jieban_requests": "counter", "jieban_request_seconds": "counter",
        "jieban_request_duration_seconds": "histogram",
    }  # fmt: skip
    assert all(one.documentation for one in families.values())
    assert {"2xx", "4xx"} <= {sample.labels["status"] for sample in families["jieban_requests"].samples}
    routes = {sample.labels["route"] for sample in families["jieban_request_duration_seconds"].samples}
    assert "login" in routes and not any("/" in route for route in routes)  # names, never addresses
    (seconds,) = families["jieban_request_seconds"].samples
    assert (seconds.name, seconds.value > 0) == ("jieban_request_seconds_total", True)


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-forwarded-for": "127.0.0.1"}, {"x-real-ip": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}],
)
def test_figures_are_not_told_to_others(db: None, headers: dict[str, str], settings: Any) -> None:
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics", headers=headers).status_code == 403
