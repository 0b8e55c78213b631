"""Rows written by statements of our own are those that Django would have written, whatever is in them."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from jieban.base.sql.row_writes import StatementPart, fetch, write
from jieban.registry.models import Attempt, Place, PlaceVersion

pytestmark = pytest.mark.django_db
ON, SINCE = date(2019, 1, 1), datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
AWKWARD = """100%s %% %(x)s '"\\ $1 {} 老山"""


def place(code: str, name: str = AWKWARD) -> Place:
    return Place(code=code, level="street", name=name, aliases=[name, "'"], lat=-0.5, opened_on=ON)


def without_state(rows: list[Place]) -> list[dict[str, object]]:
    return [vars(row) | {"_state": None} for row in rows]


def test_rows_come_back_as_they_were_written_by_one_statement() -> None:
    attempt = Attempt(name=AWKWARD, key=b"\0'%s\xff", since=SINCE, count=70_000)
    district = Place.objects.create(code="1", level="district", name="区", opened_on=ON)
    district.name, district.closed_on, district.level = AWKWARD[::-1], ON, "not written"
    with CaptureQueriesContext(connection) as queries:
        write([place("2"), attempt, place("3", name="")], [(district, ["name", "closed_on"])])
    assert len(queries) == 1
    found = fetch(Place, "WHERE code > %s ORDER BY code", ["0"])
    assert without_state(found) == without_state(list(Place.objects.order_by("code")))
    assert [(row.name, row.level, row.closed_on, row.lat) for row in found] == [
        (AWKWARD[::-1], "district", ON, None), (AWKWARD, "street", None, -0.5), ("", "street", None, -0.5),
    ]  # fmt: skip
    tried = Attempt.objects.get()
    assert (tried.name, bytes(tried.key), tried.since, tried.count) == (AWKWARD, b"\0'%s\xff", SINCE, 70_000)
    assert not attempt._state.adding and not found[0]._state.adding


def test_a_part_reads_an_earlier_one_by_its_name() -> None:
    """And all of it is one change: what is refused leaves nothing."""
    insert = "INSERT INTO registry_place (code, level, name, aliases, opened_on) VALUES (%s, 'street', '', '{}', %s) "
    copy = (
        "INSERT INTO registry_placeversion (place_id, name, valid_from, drawn, source, boundary_source) "
        "SELECT id, %s, %s, '', '', '' FROM made"
    )
    extra = [StatementPart(insert + "RETURNING id", ["1", ON], "made"), StatementPart(copy, [AWKWARD, ON])]
    write([place("2")], extra=extra)
    assert PlaceVersion.objects.get(place__code="1").name == AWKWARD
    with pytest.raises(IntegrityError), transaction.atomic():
        write([place("3")], extra=extra)
    assert sorted(Place.objects.values_list("code", flat=True)) == ["1", "2"]


def test_a_row_stays_locked_for_whoever_fetched_it_so() -> None:
    write([place("1")])
    with connection.cursor() as cursor:
        [row] = fetch(Place, "WHERE code = %s FOR NO KEY UPDATE", ["1"])
        cursor.execute("SELECT xmax::text <> '0' FROM registry_place WHERE id = %s", [row.pk])
        assert cursor.fetchone() == (True,)


def test_a_column_that_django_must_prepare_is_refused() -> None:
    with pytest.raises(TypeError, match="PlaceVersion has a column that must be prepared"):
        write([PlaceVersion(name="老山", valid_from=ON, boundary={})])
