"""Who leads by the dispatch directory, and what is missing in it."""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from jieban.registry.district.directory import DirectoryGaps, gaps, rows_for
from jieban.registry.models import Category, DirectoryRow, Holding, Place, Unit
from tests.registry.files import load_district

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def district(tmp_path: Path) -> None:
    load_district(tmp_path)


def category(code: str) -> Category:
    return Category.objects.get(code=code)


def make_row(code: str, of: str, level: str = "district", **more: object) -> DirectoryRow:
    values = {"ground": "条例", "edition": "2026版", "valid_from": date(2019, 1, 1), **more}
    return DirectoryRow.objects.create(code=code, category=category(of), place_level=level, **values)


def codes(of: str, place: str | None, on: date = DAY) -> list[str]:
    at = Place.objects.get(code=place) if place else None
    return [row.code for row in rows_for(category(of), at, on)]


def test_row_of_the_category_comes_before_its_parents() -> None:
    make_row("E0", "C1")

    assert codes("C111", "11") == ["E2", "E1", "E0"]
    assert codes("C112", "11") == ["E1", "E0"]
    assert codes("C11", "11") == ["E1", "E0"]


def test_row_for_the_place_comes_before_what_lies_around_and_the_general() -> None:
    community, street = Place.objects.get(code="111"), Place.objects.get(code="11")
    make_row("B", "C111", "street", place=street)
    make_row("A", "C111", "community", place=community)
    make_row("C", "C111")
    make_row("D", "C111", duty="井盖")

    assert codes("C111", "111-E1-B1") == ["A", "B", "D", "E2", "C", "E1"]
    assert codes("C111", "11") == ["B", "D", "E2", "C", "E1"]
    assert codes("C111", "121") == ["D", "E2", "C", "E1"]


def test_row_for_the_district_is_found_from_a_building() -> None:
    make_row("A", "C111", place=Place.objects.get(code="1"))

    assert codes("C111", "111-E1-B1") == ["A", "E2", "E1"]


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (None, []),
        ("1", []),
        ("11", ["E3"]),
        ("111", ["E3"]),
        ("111-E1", ["E3", "E4"]),
        ("111-E1-B1", ["E3", "E4"]),
        ("111-G1", ["E3"]),
    ],
)
def test_row_holds_only_where_the_place_is_known_that_exactly(place: str | None, found: list[str]) -> None:
    make_row("E4", "C121", "estate")

    assert codes("C121", place) == found


def test_rows_hold_on_their_days() -> None:
    DirectoryRow.objects.filter(code="E1").update(valid_to=DAY)

    assert codes("C112", "11") == []
    assert codes("C112", "11", date(2026, 3, 9)) == ["E1"]
    assert codes("C112", "11", date(2018, 12, 31)) == []


@pytest.mark.parametrize("count", [1, 30])
def test_two_queries_for_any_number_of_rows(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lead = Unit.objects.get(code="D-FIRE")
    for number in range(count):
        row = make_row(f"X{number:02}", "C112", lead=lead, duty=f"职责{number:02}")
        row.co_handlers.add(Unit.objects.get(code="D-URBAN"))
    of, place = category("C112"), Place.objects.get(code="111")

    with django_assert_num_queries(2):
        found = [
            (row.code, row.lead and row.lead.code, [unit.code for unit in row.helpers])
            for row in rows_for(of, place, DAY)
        ]

    assert found == [
        *((f"X{number:02}", "D-FIRE", ["D-URBAN"]) for number in range(count)),
        ("E1", "D-URBAN", ["D-FIRE"]),
    ]


def test_whole_district_has_no_gaps() -> None:
    found = gaps(DAY)

    assert found == DirectoryGaps()
    assert list(found) == []


def test_empty_registry_is_one_gap() -> None:
    DirectoryRow.objects.all().delete()
    Category.objects.update(valid_to=DAY)
    Place.objects.update(closed_on=DAY)

    assert list(gaps(DAY)) == ["登记册是空的，请运行 python -m jieban load-registry 目录 装载。"]


def test_category_without_a_general_row_is_a_gap() -> None:
    DirectoryRow.objects.filter(code="E1").update(duty="只管这一项")

    found = gaps(DAY)

    assert [one.code for one in found.categories] == ["C111", "C112"]
    assert list(found) == [
        "事项“城乡建设 / 安全生产 / 安全隐患”在派单目录中没有通用条目，请补充。",
        "事项“城乡建设 / 安全生产 / 事故处理”在派单目录中没有通用条目，请补充。",
    ]


def test_street_and_community_without_a_unit_are_gaps() -> None:
    Unit.objects.filter(code__in=("ST-12", "CM-121")).update(closed_on=DAY)

    found = gaps(DAY)

    assert list(found) == [
        "“古城街道”没有责任单位，请在 units.csv 中登记。",
        "“南路社区”没有责任单位，请在 units.csv 中登记。",
    ]


def test_unit_in_which_nobody_is_at_work_is_a_gap() -> None:
    Holding.objects.filter(post__code__in=("P-FIRE", "P-SC", "P-111")).update(valid_to=DAY)

    assert list(gaps(DAY)) == [
        "“北路社区居委会”没有人在岗，请安排岗位和人员。",
        "“消防”没有人在岗，请安排岗位和人员。",
        "“八角街道办事处”没有人在岗，请安排岗位和人员。",
    ]


def test_row_that_names_an_ended_unit_is_a_gap() -> None:
    Unit.objects.filter(code="D-FIRE").update(closed_on=DAY)

    assert list(gaps(DAY)) == [
        f"派单目录的条目 {code} 指向已撤销或尚未启用的单位，请修订。" for code in ("E1", "E2", "E3")
    ]


def test_gaps_are_found_in_six_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(6):
        list(gaps(DAY))
