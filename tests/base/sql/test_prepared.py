"""A query written and planned once says the same as Django's own, whatever its values."""

from datetime import date

import pytest
from django.db import OperationalError, connection
from django.db.models import F, QuerySet, Value
from django.test.utils import CaptureQueriesContext

from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.registry.models import Place

pytestmark = pytest.mark.django_db
ON = date(2019, 1, 1)


@pytest.fixture
def street() -> Place:
    district = Place.objects.create(code="110107", level="district", name="石景山区", opened_on=ON)
    street = Place.objects.create(
        code="110107002", level="street", name="老山街道", aliases=["老山"], parent=district, opened_on=ON
    )
    Place.objects.create(code="110107003", level="street", name="八角%街道", parent=district, opened_on=ON)
    return street


def streets(level: object, parent: object) -> QuerySet[Place]:
    rows = Place.objects.filter(level=level, parent=parent).exclude(name__contains="100%s")
    return rows.select_related("parent__parent").annotate(called=F("name"), of=Value("区")).order_by("code")


def test_objects_are_those_that_django_makes(street: Place) -> None:
    prepared = Prepared(lambda: streets(Param("level"), Param("parent")))
    parent = street.parent_id or 0
    for asked in ({"level": "street", "parent": parent}, {"level": "street", "parent": street.pk}):
        own = list(streets(**asked))
        made = prepared.objects(**asked)
        assert [vars(row) | {"_state": 0} for row in made] == [vars(row) | {"_state": 0} for row in own]
        assert [vars(row.parent)["name"] for row in made] == [row.parent.name for row in own if row.parent]
        assert not any(row._state.adding for row in made)
        assert prepared.count(**asked) == len(own)


def test_what_is_beside_a_row_is_asked_for_once(street: Place) -> None:
    prepared = Prepared(lambda: streets(Param("level"), Param("parent")))
    made = prepared.objects(level="street", parent=street.parent_id)
    with connection.execute_wrapper(_refused):
        assert [(row.called, row.of, row.parent.name, row.parent.parent) for row in made] == [
            ("老山街道", "区", "石景山区", None),
            ("八角%街道", "区", "石景山区", None),
        ]


def _refused(*_asked: object) -> None:
    raise AssertionError("a query")


def test_the_server_plans_once_and_its_own_values_stand_in_the_text(street: Place) -> None:
    prepared = Prepared(lambda: Place.objects.filter(level="street", pk=Param("pk")).values_list("name"))
    with CaptureQueriesContext(connection) as queries:
        for _time in range(3):
            assert prepared.rows(pk=street.pk) == [("老山街道",)]
    assert all("registry_place" in query["sql"] for query in queries) and len(queries) == 3
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%registry_place%= 'street'%"],
        )
        [(text, times)] = cursor.fetchall()
    assert times == 3 and "$1" in text and "$2" not in text
    Place.objects.filter(pk=street.pk).update(name="老山")
    assert prepared.rows(pk=street.pk) == [("老山",)]


@pytest.mark.django_db(transaction=True)
def test_after_a_broken_connection_it_goes_on_with_the_next(street: Place) -> None:
    prepared = Prepared(lambda: Place.objects.filter(pk=Param("pk")).values_list("name"))
    assert prepared.rows(pk=street.pk) == [("老山街道",)]
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(OperationalError):
        prepared.rows(pk=street.pk)
    connection.close_if_unusable_or_obsolete()
    assert prepared.rows(pk=street.pk) == [("老山街道",)]


def test_a_query_that_can_have_no_rows_asks_nothing() -> None:
    prepared = Prepared(lambda: Place.objects.none())
    with connection.execute_wrapper(_refused):
        assert (prepared.rows(), prepared.objects(), prepared.count()) == ([], [], 0)
