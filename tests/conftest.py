"""Fixtures of the suite. Tests that commit have their tables emptied afterwards, and the initial data restored."""

import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.test.client import ClientHandler
from django.test.signals import setting_changed

from jieban.cases.initial_rules import add_initial_rules
from jieban.channels.initial_wordings import add_initial_wordings
from jieban.registry.identity.passwords import Argon2
from jieban.registry.initial_values import add_initial_values
from tests.platforms import Platform, free_port, wait_until

# Tables that Django itself fills about the models.
STAYS = {"django_content_type", "auth_permission"}
EMPTY = """
DO $$ DECLARE name text; filled boolean; BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOREACH name IN ARRAY '{%s}'::text[] LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %%I)', name) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM %%I', name); END IF;
    END LOOP;
END $$
"""


def _emptied(_test: TransactionTestCase) -> None:
    """Empties the tables that have rows, also append-only ones: to truncate a hundred takes a second each time."""
    with connection.cursor() as cursor:
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        cursor.execute(EMPTY % ",".join(sorted(set(names) - STAYS)))


TransactionTestCase._fixture_teardown = _emptied  # type: ignore[method-assign]

CHAIN: dict[str, Any] = {}
PARTS = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")
_load = ClientHandler.load_middleware


def _loaded_once(handler: ClientHandler, is_async: bool = False) -> None:
    """A test client shares the middleware of an earlier one: loading it reads all static files."""
    if not CHAIN:
        _load(handler, is_async)
        CHAIN.update({part: getattr(handler, part) for part in PARTS})
    vars(handler).update(CHAIN)


ClientHandler.load_middleware = _loaded_once  # type: ignore[method-assign]
# Middleware reads the settings when it is made.
setting_changed.connect(lambda **_changed: CHAIN.clear(), weak=False, dispatch_uid="chain")


def pytest_collection_finish() -> None:
    """Objects made before the first test stay in memory: collecting garbage among them takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


COST = (Argon2.time_cost, Argon2.memory_cost)


@pytest.fixture(scope="session", autouse=True)
def passwords_cost_little() -> None:
    """The same password algorithm with less memory: most tests never check a password."""
    Argon2.time_cost, Argon2.memory_cost = 1, 64


@pytest.fixture
def passwords_cost_what_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real cost of passwords, for tests about the time that it takes."""
    monkeypatch.setattr(Argon2, "time_cost", COST[0])
    monkeypatch.setattr(Argon2, "memory_cost", COST[1])


@pytest.fixture(autouse=True)
def no_seals_of_others() -> Iterator[None]:
    """Seal files lie outside the database: those of one test would not match the database of the next."""
    yield
    shutil.rmtree(Path(settings.VAR) / "seals", ignore_errors=True)


@pytest.fixture(autouse=True)
def initial_data(request: pytest.FixtureRequest) -> None:
    """Restores the initial data for a test that commits; an earlier one may have emptied the tables."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marker is not None and marker.kwargs.get("transaction")):
        request.getfixturevalue("transactional_db")
        add_initial_values(apps)
        add_initial_rules(apps)
        add_initial_wordings(apps)


# If it began last, everything would wait for it.
TAKES_LONG = "test_bench.py"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Keeps the tests of the one running platform on one worker where tests run in parallel."""
    for item in items:
        if "place" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("platform"))
    yield
    items.sort(key=lambda item: item.path.name != TAKES_LONG)  # after Django's plugin has ordered them


@pytest.fixture(scope="session")
def place() -> Iterator[Platform]:
    platform = Platform(Path(tempfile.mkdtemp(prefix="jieban-launch-")), free_port(), JIEBAN_DEMO_CASES="60")
    yield platform
    platform.kill_everything()
    shutil.rmtree(platform.var)


@pytest.fixture
def platform(place: Platform) -> Platform:
    """A running platform; a test may leave it in any state."""
    assert not place.failed, "it did not start before"  # each attempt may take a minute
    if not place.is_up():
        place.failed = True
        place.start()
        place.failed = False
    wait_until(place.answers, 10)
    return place


@pytest.fixture(autouse=True)
def no_files_of_others() -> Iterator[None]:
    """Removes stored files, which lie outside the database, too."""
    yield
    shutil.rmtree(Path(settings.VAR) / "files", ignore_errors=True)
