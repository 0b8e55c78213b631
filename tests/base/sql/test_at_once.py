"""A new database: the models and the migrations say the same, and one step writes tables whole."""

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation

from jieban.base.sql.at_once import BatchedOperations
from jieban.cases.initial_rules import add_initial_rules
from jieban.cases.models import CallingHours, DeadlineRule, Limit
from jieban.channels.initial_wordings import add_initial_wordings
from jieban.channels.models import MessageWording
from jieban.registry.initial_values import add_initial_values
from jieban.registry.models import CallScript, ShiftKind

pytestmark = pytest.mark.django_db

BOOK = migrations.CreateModel(
    name="Book",
    fields=[
        ("id", models.BigAutoField(primary_key=True)),
        ("shelf", models.ForeignKey("library.shelf", models.PROTECT)),
    ],
    options={"indexes": [models.Index(fields=["shelf"], name="book_first")]},
)
SHELF = migrations.CreateModel(name="Shelf", fields=[("id", models.BigAutoField(primary_key=True))])
TITLE = migrations.AddField("book", "title", models.CharField(max_length=20, default=""))
BY_TITLE = migrations.AddIndex("book", models.Index(fields=["title"], name="book_second"))


def indexes(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [table])
        return {name for (name,) in cursor.fetchall()}


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def apply(operation: BatchedOperations, before: ProjectState, backwards: bool = False) -> ProjectState:
    after = before.clone()
    operation.state_forwards("library", after)
    with connection.schema_editor() as editor:
        if backwards:
            operation.database_backwards("library", editor, after, before)
        else:
            operation.database_forwards("library", editor, before, after)
    return after


def test_models_and_migrations_say_the_same() -> None:
    loader = MigrationLoader(connection)
    with translation.override(None):  # names of Django's own that are translated are no change
        now = ProjectState.from_apps(apps)
        assert MigrationAutodetector(loader.project_state(), now).changes(loader.graph) == {}


def test_new_tables_are_written_whole_in_any_order_and_go_again() -> None:
    """The table of books points to one that comes after it; its field and index of later are written with it."""
    both = BatchedOperations([BOOK, SHELF, TITLE, BY_TITLE])
    apply(both, ProjectState())
    assert columns("library_book") == ["id", "shelf_id", "title"]
    assert {"book_first", "book_second"} <= indexes("library_book")
    apply(both, ProjectState(), backwards=True)
    assert not {"library_book", "library_shelf"} & set(connection.introspection.table_names())


def test_what_belongs_to_a_table_of_before_is_written_to_it() -> None:
    before = apply(BatchedOperations([BOOK, SHELF]), ProjectState())
    more = BatchedOperations([TITLE, BY_TITLE])
    apply(more, before)
    assert columns("library_book") == ["id", "shelf_id", "title"]
    assert "book_second" in indexes("library_book")
    apply(more, before, backwards=True)
    assert columns("library_book") == ["id", "shelf_id"]


def test_the_models_of_before_are_made_anew_once_at_the_end() -> None:
    state = ProjectState()
    BatchedOperations([BOOK, SHELF]).state_forwards("library", state)
    assert state.apps.get_model("library", "book") and "apps" in vars(state)
    BatchedOperations([TITLE]).state_forwards("library", state)
    assert "apps" not in vars(state)
    assert state.apps.get_model("library", "book")._meta.get_field("title")


def test_initial_data_are_added_once() -> None:
    tables = (DeadlineRule, Limit, CallingHours, ShiftKind, CallScript, MessageWording)

    def rows() -> list[list[dict[str, object]]]:
        return [list(table._default_manager.order_by("pk").values()) for table in tables]

    found = rows()
    Limit.objects.get(name="late_hours").delete()
    Limit.objects.filter(name="attempts").update(value=5)
    MessageWording.objects.filter(code="closed", recipient="follower", language="en").delete()
    add_initial_rules(apps)
    add_initial_values(apps)
    add_initial_wordings(apps)
    assert [len(table) for table in rows()] == [len(table) for table in found]
    assert all(found)
    assert Limit.objects.get(name="late_hours").value == 72
    assert Limit.objects.get(name="attempts").value == 5
