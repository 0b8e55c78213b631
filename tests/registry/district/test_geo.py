"""Where a point lies: certain, on a border, nowhere, or not a point of this country at all."""

import math
from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from jieban.registry.district.geo import Located, LocatedArea, LocateOutcome, locate
from jieban.registry.loaders.registry_loader import load
from jieban.registry.models import Place, PlaceVersion
from tests.registry.files import BOUNDARIES, NOON, load_district, square, write_boundaries

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def district(tmp_path: Path) -> None:
    load_district(tmp_path)


def area(code: str) -> LocatedArea:
    place = Place.objects.get(code=code)
    return LocatedArea(place.pk, code, place.level, place.name)


def test_point_in_a_community_has_all_levels_above() -> None:
    assert locate(39.905, 116.205, DAY) == Located(
        LocateOutcome.FOUND, "", district=area("1"), street=area("11"), community=area("111")
    )


def test_point_in_an_estate_has_its_community_also_without_its_boundary(tmp_path: Path) -> None:
    rows = [["111-E1", "2019-01-01", "survey", "测绘", square(116.204, 39.904, 116.206, 39.906)]]
    write_boundaries(tmp_path, rows)
    load(tmp_path, NOON)
    PlaceVersion.objects.exclude(place__code="111-E1").update(boundary=None)

    assert locate(39.905, 116.205, DAY) == Located(
        LocateOutcome.FOUND, "", area("1"), area("11"), area("111"), area("111-E1")
    )


def test_point_in_a_street_outside_its_communities() -> None:
    assert locate(39.915, 116.215, DAY) == Located(
        LocateOutcome.FOUND,
        "该点在八角街道，但不在已登记的任何社区范围内，请人工选择社区。",
        district=area("1"),
        street=area("11"),
    )


@pytest.mark.parametrize("long", [116.21, 116.2100000001, 116.2099999999])
def test_point_on_the_border_of_two_communities_lies_on_both_sides(long: float) -> None:
    assert locate(39.905, long, DAY) == Located(
        LocateOutcome.SEVERAL,
        "该点在边界上或范围有重叠，可能属于：北路社区、南里社区。请人工选择。",
        district=area("1"),
        street=area("11"),
        candidates=(area("111"), area("112")),
    )


def test_point_on_the_border_of_two_streets_has_only_the_district() -> None:
    assert locate(39.905, 116.22, DAY) == Located(
        LocateOutcome.SEVERAL,
        "该点在边界上或范围有重叠，可能属于：南里社区、南路社区。请人工选择。",
        district=area("1"),
        candidates=(area("112"), area("121")),
    )


def test_point_outside_the_district_is_nowhere() -> None:
    assert locate(39.80, 116.205, DAY) == Located(
        LocateOutcome.NONE, "该点不在本辖区的任何范围内，请核对地点，或人工选择所属街道和社区。"
    )


def test_swapped_coordinates_are_told() -> None:
    assert locate(116.205, 39.905, DAY) == Located(
        LocateOutcome.SWAPPED, "经度和纬度好像写反了：纬度约为 3 到 54，经度约为 73 到 136。请对调后重试。"
    )


@pytest.mark.parametrize(("lat", "long"), [(48.85, 2.35), (-33.9, 151.2), (0.0, 0.0)])
def test_point_abroad_is_told(lat: float, long: float) -> None:
    assert locate(lat, long, DAY) == Located(LocateOutcome.ABROAD, "该点不在中国境内，请核对坐标。")


@pytest.mark.parametrize(
    ("lat", "long"), [(math.nan, 116.2), (39.9, math.inf), (500.0, 116.2), (95.0, -10.0), (39.9, 181.0)]
)
def test_numbers_that_are_no_coordinates_are_told(lat: float, long: float) -> None:
    assert locate(lat, long, DAY) == Located(LocateOutcome.INVALID, "这不是有效的经纬度，请核对坐标。")


def test_boundary_holds_from_its_day(tmp_path: Path) -> None:
    moved = ["112", "2025-01-01", "sketch", "调整", square(116.21, 39.91, 116.22, 39.92)]
    write_boundaries(tmp_path, [*BOUNDARIES, moved])
    load(tmp_path, NOON)

    assert locate(39.905, 116.215, date(2024, 12, 31)).community == area("112")
    assert locate(39.915, 116.215, date(2024, 12, 31)).community is None
    assert locate(39.905, 116.215, date(2025, 1, 1)).community is None
    assert locate(39.915, 116.215, date(2025, 1, 1)).community == area("112")
    assert locate(39.905, 116.215, date(2018, 12, 31)).outcome == LocateOutcome.NONE


def test_index_is_kept_until_a_load_changes_a_boundary(
    tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    locate(39.905, 116.205, DAY)
    with django_assert_num_queries(2):
        assert locate(39.915, 116.215, DAY).community is None

    rows = [*BOUNDARIES[:4], ["112", "2019-01-01", "sketch", "示意", square(116.21, 39.90, 116.22, 39.92)]]
    write_boundaries(tmp_path, rows)
    load(tmp_path, NOON)

    assert locate(39.915, 116.215, DAY).community == area("112")


def test_load_that_changes_nothing_keeps_the_index(
    tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    locate(39.905, 116.205, DAY)
    load(tmp_path, NOON)

    with django_assert_num_queries(2):
        locate(39.905, 116.205, DAY)


def test_place_renamed_by_a_load_has_its_new_name(tmp_path: Path) -> None:
    locate(39.905, 116.205, DAY)
    path = tmp_path / "places.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("北路社区", "北里社区"), encoding="utf-8")
    load(tmp_path, NOON)

    found = locate(39.905, 116.205, DAY).community
    assert found == area("111")
    assert found is not None
    assert found.name == "北里社区"
