"""A parameter is bound by its name, takes the type of the column beside it, and finds what the value itself finds."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db.models import CharField, Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import Exact

from jieban.base.sql.as_of import AT, TODAY, PreparedAsOf
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.registry.models import Attempt, Category, Place, PlaceVersion, ShiftKind

pytestmark = pytest.mark.django_db
ON, SINCE = date(2019, 1, 1), datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
OUTLINE = {"type": "Point", "coordinates": [116.2, 39.9], "of": {"name": "老山"}}
X = Param("x")


@pytest.fixture
def street() -> Place:
    """A street in a district, and a row of each kind of column."""
    district = Place.objects.create(code="110107", level="district", name="石景山区", opened_on=ON)
    street = Place.objects.create(
        code="110107002", level="street", name="Old 100% 老山", aliases=["老山", "山"], parent=district, lat=39.9,
        opened_on=ON,
    )  # fmt: skip
    PlaceVersion.objects.create(place=street, name="老山", valid_from=ON, boundary=OUTLINE)
    Category.objects.create(code="01", name="市容", level=1, valid_from=ON)
    Attempt.objects.create(name="sign in", key=b"\0\xff", since=SINCE, count=70_000)
    return street


FINDS: list[tuple[type[Any], str, Any]] = [
    (Place, "code", "110107002"), (Place, "code__gt", "110107"), (Place, "code__iexact", "110107002"),
    (Place, "name__startswith", "Old 100%"), (Place, "name__istartswith", "old"), (Place, "name__contains", "0% 老"),
    (Place, "name__icontains", "OLD"), (Place, "name__endswith", "老山"), (Place, "name__iexact", "old 100% 老山"),
    (Place, "name__regex", "^Old .*山$"), (Place, "lat", 39.9), (Place, "lat__lt", 40), (Place, "opened_on", ON),
    (Place, "opened_on__lte", date(2020, 1, 1)), (Place, "opened_on__year", 2019),
    (Place, "aliases", ["老山", "山"]), (Place, "aliases__contains", ["山"]), (Place, "aliases__overlap", ["山", "水"]),
    (Place, "aliases__len", 2), (Place, "aliases__0", "老山"), (Place, "parent__code", "110107"),
    (Place, "children__name__contains", "老山"), (Place, "versions__name", "老山"),
    (PlaceVersion, "boundary", OUTLINE), (PlaceVersion, "boundary__type", "Point"),
    (PlaceVersion, "boundary__of__name", "老山"), (PlaceVersion, "boundary__contains", {"type": "Point"}),
    (PlaceVersion, "boundary__has_key", "of"), (PlaceVersion, "boundary__type__startswith", "Poi"),
    (Category, "level", 1), (Category, "level__lt", 2), (Category, "level__gte", 0.5), (Category, "is_property", False),
    (Attempt, "key", b"\0\xff"), (Attempt, "count", 70_000), (Attempt, "count__gt", 3), (Attempt, "since", SINCE),
    (Attempt, "since__lte", SINCE + timedelta(1)), (Attempt, "since__date", SINCE.date()),
    (Attempt, "since__hour", 16), (ShiftKind, "starts", time(8)), (ShiftKind, "starts__lt", time(20)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "lookup", "value"), FINDS, ids=lambda each: str(getattr(each, "__name__", each))
)
def test_it_finds_what_the_value_finds(street: Place, model: type[Any], lookup: str, value: Any) -> None:
    rows = model.objects.order_by("pk").values_list("pk")
    own = list(rows.filter(**{lookup: value}))
    assert own and Prepared(lambda: rows.filter(**{lookup: X})).rows(x=value) == own
    assert Prepared(lambda: rows.exclude(**{lookup: X})).rows(x=value) == list(
        rows.exclude(**{lookup: value})
    )


def test_it_is_a_key_a_list_of_keys_or_one_of_a_list(street: Place) -> None:
    parent, pks = street.parent_id, [street.pk, 0]

    def rows(*conditions: Any, **more: Any) -> list[Any]:
        query = Prepared(lambda: Place.objects.filter(*conditions).order_by("pk").values_list("pk"))
        return query.rows(**more)

    assert rows(Q(pk=X), x=street.pk) == rows(Q(parent=X), x=parent) == [(street.pk,)]
    assert rows(Q(pk__among=X), x=pks) == rows(Q(parent__among=X), x={parent}) == [(street.pk,)]
    assert rows(Q(pk__among=X), x=[]) == []
    assert rows(Q(code__in=[X, "110107003"]), x="110107002") == [(street.pk,)]
    assert rows(Q(opened_on__range=(X, Param("y"))), x=ON, y=ON) == [(parent,), (street.pk,)]
    assert rows(Q(pk__in=Place.objects.filter(parent=X)), x=parent) == [(street.pk,)]
    assert rows(Q(Exists(Place.objects.filter(parent=OuterRef("pk"), code=X))), x="110107002") == [(parent,)]
    assert rows(Exact(Lower(F("name")), Lower(X)), x="OLD 100% 老山") == [(street.pk,)]
    assert rows(Q(pk__in=RawSQL("SELECT unnest(%s::bigint[])", (X,))), x=pks) == [(street.pk,)]


def test_it_is_reckoned_with_selected_and_counted(street: Place) -> None:
    due = Prepared(
        lambda: Attempt.objects.filter(since__gt=Param("at") - timedelta(hours=1), since__lte=Param("at"))
    )
    assert [due.count(at=SINCE + timedelta(hours=hours)) for hours in (-1, 0, 1)] == [0, 1, 0]
    at = Param("at", DateTimeField())
    [row] = Prepared(lambda: Attempt.objects.annotate(later=at + timedelta(days=1))).objects(at=SINCE)
    assert row.later == SINCE + timedelta(days=1)
    called = Prepared(lambda: Place.objects.values_list(Coalesce(Value(None), Param("name", CharField()))))
    assert called.rows(name="区") == [("区",), ("区",)]
    with_name = Count("children", filter=Q(children__name=Param("name")))
    numbers = Prepared(lambda: Place.objects.annotate(n=with_name).order_by("pk").values_list("n"))
    assert numbers.rows(name="Old 100% 老山") == [(1,), (0,)]


def test_a_value_that_the_query_holds_itself_or_that_two_have_is_bound_by_name(street: Place) -> None:
    """Both hold whatever the values are: nothing is recognised by its value."""

    def query(first: object, second: object) -> QuerySet[Place]:
        rows = Place.objects.filter(Q(code=first) | Q(name=second)).exclude(code="110107").exclude(name="-1")
        return rows.exclude(pk=-1).exclude(closed_on=date(1900, 1, 1)).exclude(parent__code="\1")

    prepared = Prepared(lambda: query(Param("first"), Param("second")))
    for first in ("110107", "110107002", "-1", "\1"):
        for second in ("110107", "Old 100% 老山", "-1", first):
            found = prepared.objects(first=first, second=second)
            assert found == list(query(first, second)), (first, second)
    assert prepared.objects(first="110107002", second="110107002") == [street]
    assert prepared.objects(first="110107", second="Old 100% 老山") == [street]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "has the parameters code, level; given were none"),
        ({"code": "1"}, "given were code"),
        ({"code": "1", "level": "street", "parent": 3}, "given were code, level, parent"),
        ({"code": None, "level": "street"}, "given None for code"),
    ],
)
def test_values_that_are_missing_unknown_or_none_are_refused_with_the_querys_name(
    values: dict[str, Any], reason: str
) -> None:
    query = Prepared(lambda: Place.objects.filter(code=Param("code"), level=Param("level")))
    with pytest.raises(TypeError, match=rf"test_param.*lambda.*, line \d+ .*{reason}"):
        query.objects(**values)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (
            Q(opened_on=X) | Q(code=X),
            "one name for two types: registry.Place.opened_on and registry.Place.code",
        ),
        (Q(pk=X) | Q(pk__among=X), "one name for two types"),
        (Q(pk__in=X), "can't stand for a list in `in`: use `among`"),
        (Q(opened_on__range=X), "can't stand for a list in `range`"),
        (Q(closed_on__isnull=X), "True or False"),
    ],
)
def test_what_no_value_can_be_bound_to_is_refused_when_it_is_compiled(condition: Q, reason: str) -> None:
    query = Prepared(lambda: Place.objects.filter(condition))
    with pytest.raises(ValueError, match=reason):
        query.objects(x=1)


def test_a_slice_and_a_selection_without_type_are_refused_by_django() -> None:
    with pytest.raises(TypeError, match="Param"):
        Place.objects.all()[:X]  # type: ignore[misc]
    with pytest.raises(FieldError, match="unknown output_field"):
        Prepared(lambda: Place.objects.annotate(of=X)).objects(x="区")


def test_columns_of_one_kind_share_a_parameter(street: Place) -> None:
    same = Q(pk=X) | Q(parent=X)
    assert Prepared(lambda: Place.objects.filter(same)).count(x=street.parent_id) == 2
    assert Prepared(lambda: Place.objects.filter(Q(code=X) | Q(parent__name=X))).count(x="石景山区") == 1


def test_a_name_that_no_row_can_satisfy_is_still_the_querys(street: Place) -> None:
    nobody = Prepared(lambda: Place.objects.filter(Q(code__in=[]) & Q(level=X)))
    partly = Prepared(lambda: Place.objects.filter(Q(code__in=[], level=X) | Q(name=Param("name"))))
    assert nobody.rows(x="street") == [] and nobody.count(x="street") == 0
    assert partly.objects(x="street", name="石景山区") == [street.parent]
    with pytest.raises(TypeError, match="given were none"):
        nobody.rows()


def test_a_query_as_of_an_instant_takes_of_it_what_it_has(street: Place) -> None:
    late, known = SINCE.replace(hour=17), PreparedAsOf(lambda: Place.objects.filter(opened_on__lte=TODAY))
    PlaceVersion.objects.update(
        valid_from=date(2026, 3, 3)
    )  # the day in Beijing when it is 17 o'clock in UTC
    today = PreparedAsOf(lambda: PlaceVersion.objects.filter(valid_from=TODAY).values_list("name"))
    assert (today.rows(late), today.rows(SINCE)) == ([("老山",)], [])
    assert known.count(SINCE) == PreparedAsOf(lambda: Place.objects.all()).count(SINCE) == 2
    assert PreparedAsOf(lambda: Attempt.objects.filter(since=AT)).objects(SINCE) == list(
        Attempt.objects.all()
    )
