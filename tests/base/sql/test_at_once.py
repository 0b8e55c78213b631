"""From which migrations a database goes on: a new one, one that has all of the earlier ones, one that has some."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.utils import translation

OURS = ("registry", "channels", "cases")
Key = tuple[str, str]
pytestmark = pytest.mark.django_db


def earlier(app: str) -> list[Key]:
    """The migrations that `0100_at_once` stands for, in their order."""
    loader = MigrationExecutor(connection).loader
    return list(loader.disk_migrations[app, "0100_at_once"].replaces)


def plan(monkeypatch: pytest.MonkeyPatch, applied: list[Key]) -> list[Key]:
    """What `migrate` would do with our apps where these of ours have been applied, and all of others."""
    others = [key for key in MigrationRecorder(connection).applied_migrations() if key[0] not in OURS]
    known = dict.fromkeys([*others, *applied])
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _self: dict(known))
    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(step.app_label, step.name) for step, _backwards in steps if step.app_label in OURS]


def test_models_and_migrations_say_the_same() -> None:
    loader = MigrationExecutor(connection).loader
    with translation.override(None):  # names of Django's own that are translated are no change
        now = ProjectState.from_apps(apps)
        assert MigrationAutodetector(loader.project_state(), now).changes(loader.graph) == {}


def test_a_new_database_takes_one_step_for_each_app(monkeypatch: pytest.MonkeyPatch) -> None:
    first = [key for key in plan(monkeypatch, []) if key[1] == "0100_at_once"]
    assert sorted(first) == [
        ("cases", "0100_at_once"),
        ("channels", "0100_at_once"),
        ("registry", "0100_at_once"),
    ]
    assert not {key for app in OURS for key in earlier(app)} & set(plan(monkeypatch, []))


def test_one_that_has_all_of_the_earlier_ones_has_nothing_to_do_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    had = [key for app in OURS for key in earlier(app)]
    assert [key for key in plan(monkeypatch, had) if key[1] <= "0100_at_once"] == []


def test_one_that_has_some_goes_on_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = earlier("cases")
    had = [*earlier("registry"), *earlier("channels"), *cases[:-2]]
    assert plan(monkeypatch, had)[:2] == cases[-2:]
    assert ("cases", "0100_at_once") not in plan(monkeypatch, had)
