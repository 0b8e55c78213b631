"""Tests that commit: their tables are emptied afterwards, and the rules a district begins with come back."""

import importlib
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection

from jieban.cases.models import DeadlineRule


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Emptying the tables after a test that commits is the one TRUNCATE that the history must bear."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for table in ("caseevent", "seal", "accesslog"):
            cursor.execute(f"ALTER TABLE cases_{table} DISABLE TRIGGER {table}_no_truncate")


@pytest.fixture(autouse=True)
def first_rules(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that commits finds the first rules, which an earlier one's emptying took away."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marker is not None and marker.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        if not DeadlineRule.objects.exists():
            importlib.import_module("jieban.cases.migrations.0003_first_rules").add(apps, None)
    yield
