"""The demonstration district in data/district is whole and agrees with itself and with its sources."""

import csv
import itertools
import json
import re
import runpy
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import shapely
from shapely.geometry import Point, shape

from jieban.registry.models import Category, Place, PlaceVersion, Unit
from jieban.registry.roles import Role

ROOT = Path(__file__).resolve().parents[3]
DISTRICT = ROOT / "data" / "district"
SHARED = ROOT.parent / "shared" / "data"
DEMONSTRATION_ACCOUNTS = {role for role in Role.values if role != Role.SYSTEM}
CELL_LEVELS = ("district", "street", "community")
# About a hundredth of a square metre, in square degrees: what rounding to five decimals may leave.
TOLERANCE = 1e-12

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def rows(name: str) -> list[Row]:
    return read(DISTRICT / f"{name}.csv")


def codes(name: str) -> set[str]:
    return {row["code"] for row in rows(name)}


def listed(cell: str) -> list[str]:
    return cell.split(";") if cell else []


def places_of(level: str) -> dict[str, Row]:
    """Today's row of each place of a level, by code."""
    return {row["code"]: row for row in rows("places") if row["level"] == level and not row["valid_to"]}


@cache
def cells(level: str) -> dict[str, shapely.Geometry]:
    drawn = {row["place_code"]: shape(json.loads(row["geometry"])) for row in rows("boundaries")}
    return {code: drawn[code] for code in places_of(level)}


def shared_rows(name: str) -> list[Row]:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the source {name} is not beside the repository")
    return read(path)


def test_divisions_equal_the_statistical_source() -> None:
    source = {
        (row["level"], row["code"], row["name"], row["parent_code"])
        for row in shared_rows("divisions_110107.csv")
        if row["level"] != "district"
    }

    ours = {
        (row["level"], row["code"], row["name"], row["parent_code"])
        for level in ("street", "community")
        for row in places_of(level).values()
    }

    assert ours == source


def test_district_has_nine_streets_and_153_communities() -> None:
    counts = Counter(row["level"] for row in rows("places") if not row["valid_to"])

    assert (counts["district"], counts["street"], counts["community"]) == (1, 9, 153)
    assert counts["estate"] > 200
    assert counts["building"] > 200


def test_category_tree_equals_its_source() -> None:
    names = {row["code"]: row["name"] for row in rows("categories")}
    ours = [
        (names[row["code"][:3]], names[row["code"][:5]], row["name"])
        for row in rows("categories")
        if row["level"] == "3"
    ]

    source = [tuple(row.values()) for row in shared_rows("category_tree_517.csv")]

    assert sorted(ours) == sorted(source)


def test_category_tree_has_its_three_levels() -> None:
    counts = Counter(row["level"] for row in rows("categories"))

    assert counts == {"1": 15, "2": 118, "3": 517}


@pytest.mark.parametrize("name", ["units", "posts", "categories", "directory"])
def test_codes_are_given_once(name: str) -> None:
    assert len(codes(name)) == len(rows(name))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("places", ("code", "valid_from")),
        ("boundaries", ("place_code", "valid_from")),
        ("people", ("username",)),
        ("holdings", ("username", "post_code", "valid_from")),
        ("categories", ("parent_code", "name")),
    ],
)
def test_keys_are_given_once(name: str, key: tuple[str, ...]) -> None:
    counts = Counter(tuple(row[column] for column in key) for row in rows(name))

    assert [found for found, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(
    ("name", "column", "target"),
    [
        ("places", "parent_code", "places"),
        ("boundaries", "place_code", "places"),
        ("units", "parent_code", "units"),
        ("units", "place_code", "places"),
        ("units", "estate_codes", "places"),
        ("posts", "unit_code", "units"),
        ("holdings", "post_code", "posts"),
        ("categories", "parent_code", "categories"),
        ("directory", "category_code", "categories"),
        ("directory", "place_code", "places"),
        ("directory", "lead_code", "units"),
        ("directory", "co_codes", "units"),
    ],
)
def test_referenced_codes_exist(name: str, column: str, target: str) -> None:
    used = {code for row in rows(name) for code in listed(row[column])}

    assert used - codes(target) == set()


@pytest.mark.parametrize(
    ("name", "column", "allowed"),
    [
        ("places", "level", Place.Level.values),
        ("boundaries", "drawn", PlaceVersion.OutlineKind.values),
        ("units", "kind", Unit.Kind.values),
        ("posts", "role", Role.values),
        ("categories", "grade", Category.Grade.values),
        ("categories", "needs_photo", ["0", "1"]),
        ("categories", "is_property", ["0", "1"]),
        ("directory", "place_level", Place.Level.values),
    ],
)
def test_choices_are_known_to_the_registry(name: str, column: str, allowed: list[str]) -> None:
    assert {row[column] for row in rows(name)} - set(allowed) == set()


@pytest.mark.parametrize("name", ["places", "units", "posts", "holdings", "categories", "directory"])
def test_dated_rows_run_forward(name: str) -> None:
    for row in rows(name):
        start = date.fromisoformat(row["valid_from"])
        assert not row["valid_to"] or start < date.fromisoformat(row["valid_to"]), row


def test_parents_are_of_the_level_above() -> None:
    above = {
        "street": "district",
        "community": "street",
        "estate": "community",
        "building": "estate",
        "grid": "community",
    }
    levels = {row["code"]: row["level"] for row in rows("places")}

    for row in rows("places"):
        assert levels.get(row["parent_code"]) == above.get(row["level"]), row


def test_renamed_place_has_one_name_at_a_time() -> None:
    history = defaultdict(list)
    for row in rows("places"):
        history[row["code"]].append(row)
    renamed = {code: versions for code, versions in history.items() if len(versions) > 1}

    assert len(renamed) >= 5
    for versions in renamed.values():
        versions.sort(key=lambda row: row["valid_from"])
        for older, newer in itertools.pairwise(versions):
            assert older["valid_to"] == newer["valid_from"]
            assert older["name"] in listed(newer["aliases"])


def test_name_or_alias_means_one_place_of_a_level() -> None:
    called = defaultdict(set)
    for row in rows("places"):
        for name in [row["name"], *listed(row["aliases"])]:
            called[row["level"], name].add(row["code"])

    assert {name: found for name, found in called.items() if len(found) > 1} == {}


def test_every_level_down_to_the_community_has_a_cell() -> None:
    drawn = {row["place_code"] for row in rows("boundaries")}

    assert drawn == {code for level in CELL_LEVELS for code in places_of(level)}


def test_each_community_has_grid_cells_inside_of_it_as_the_script_lays_them_out() -> None:
    script = runpy.run_path(str(ROOT / "data" / "build_district.py"))
    grids = [row for row in rows("places") if row["level"] == "grid"]

    assert grids == script["grid_rows"]([row for row in script["read_places"]() if row["level"] != "grid"])
    assert set(Counter(row["parent_code"] for row in grids).values()) == {3, 4}
    assert {row["parent_code"] for row in grids} == set(places_of("community"))
    for row in grids:
        cell = cells("community")[row["parent_code"]]
        assert cell.contains(Point(float(row["long"]), float(row["lat"]))), row["name"]


def test_boundaries_are_what_the_script_draws() -> None:
    script = runpy.run_path(str(ROOT / "data" / "build_district.py"))

    drawn = {row["place_code"]: row for row in script["boundary_rows"](script["read_places"]())}

    # Compared as areas: another release of the geometry library may begin a ring at another corner.
    assert set(drawn) == {row["place_code"] for row in rows("boundaries")}
    for row in rows("boundaries"):
        now = shape(json.loads(drawn[row["place_code"]]["geometry"]))
        assert now.symmetric_difference(shape(json.loads(row["geometry"]))).area < 1e-8


@pytest.mark.parametrize("level", CELL_LEVELS)
def test_cells_are_valid_and_contain_their_point(level: str) -> None:
    for code, place in places_of(level).items():
        cell = cells(level)[code]
        assert cell.is_valid
        assert cell.geom_type == "Polygon"
        assert cell.contains(Point(float(place["long"]), float(place["lat"]))), place["name"]


@pytest.mark.parametrize("level", ["street", "community"])
def test_cells_of_a_level_do_not_overlap(level: str) -> None:
    shapes = list(cells(level).values())
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")

    shared = [shapes[a].intersection(shapes[b]).area for a, b in zip(first, second, strict=True) if a < b]

    assert max(shared) < TOLERANCE


@pytest.mark.parametrize(("inner", "outer"), [("community", "street"), ("street", "district")])
def test_cells_fill_the_cell_of_their_parent(inner: str, outer: str) -> None:
    members = defaultdict(list)
    for code, place in places_of(inner).items():
        members[place["parent_code"]].append(cells(inner)[code])

    for code, whole in cells(outer).items():
        assert shapely.union_all(members[code]).symmetric_difference(whole).area < TOLERANCE


def test_estates_and_buildings_lie_in_the_cell_of_their_community() -> None:
    for row in rows("places"):
        if row["level"] in ("estate", "building"):
            cell = cells("community")[row["code"][:12]]
            assert cell.contains(Point(float(row["long"]), float(row["lat"]))), row["name"]


def test_every_community_has_an_estate() -> None:
    assert {row["parent_code"] for row in places_of("estate").values()} == set(places_of("community"))


def holders(role: str) -> set[str]:
    """The units that have a post of this role which somebody holds today."""
    held = {row["post_code"] for row in rows("holdings") if not row["valid_to"]}
    return {row["unit_code"] for row in rows("posts") if row["role"] == role and row["code"] in held}


def units_of(kind: str) -> dict[str, Row]:
    return {row["code"]: row for row in rows("units") if row["kind"] == kind}


def test_every_street_has_an_office_and_a_staffed_centre() -> None:
    offices, centres = units_of("street"), units_of("street_centre")

    assert sorted(row["place_code"] for row in offices.values()) == sorted(places_of("street"))
    assert {row["parent_code"] for row in centres.values()} == set(offices)
    assert set(centres) == holders("street") == holders("patrol")


def test_every_community_has_a_staffed_committee_under_its_street() -> None:
    committees = units_of("community")
    parents = {code: place["parent_code"] for code, place in places_of("community").items()}

    assert sorted(row["place_code"] for row in committees.values()) == sorted(parents)
    assert set(committees) == holders("community")
    for row in committees.values():
        assert row["parent_code"] == f"ST-{parents[row['place_code']]}"


def test_every_department_partner_and_company_has_a_holder() -> None:
    assert set(units_of("department")) | set(units_of("partner")) == holders("department")
    assert set(units_of("property")) == holders("property")
    assert len(units_of("department")) >= 50


def test_there_is_one_root_unit() -> None:
    assert [row["code"] for row in rows("units") if not row["parent_code"]] == ["LD01"]


def test_company_serves_estates_that_no_other_serves() -> None:
    served = Counter(code for row in units_of("property").values() for code in listed(row["estate_codes"]))

    assert set(served.values()) == {1}
    assert set(served) <= set(places_of("estate"))
    assert all(row["estate_codes"] for row in units_of("property").values())


def test_owners_committee_stands_for_one_served_estate() -> None:
    served = {code for row in units_of("property").values() for code in listed(row["estate_codes"])}

    for row in units_of("owners").values():
        (estate,) = listed(row["estate_codes"])
        assert estate in served
        assert row["parent_code"] == f"CM-{estate[:12]}"


def test_demonstration_account_of_each_role_holds_a_post_of_it() -> None:
    roles = {row["code"]: row["role"] for row in rows("posts")}

    held = {row["username"]: roles[row["post_code"]] for row in rows("holdings")}

    assert {name: held[name] for name in DEMONSTRATION_ACCOUNTS} == {
        name: name for name in DEMONSTRATION_ACCOUNTS
    }


def test_demonstration_accounts_meet_in_one_street() -> None:
    post = {row["username"]: row["post_code"] for row in rows("holdings")}
    units = {row["code"]: row for row in rows("units")}
    unit_of_post = {row["code"]: units.get(row["unit_code"]) for row in rows("posts")}
    unit = {name: unit_of_post[post[name]] for name in DEMONSTRATION_ACCOUNTS}

    assert unit["department"]["name"] == "石景山区城市管理委员会"
    assert unit["street"]["place_code"] == "110107003"
    assert unit["patrol"]["code"] == unit["street"]["code"]
    assert unit["community"]["place_code"].startswith("110107003")
    estates = listed(unit["property"]["estate_codes"])
    assert unit["community"]["place_code"] in {code[:12] for code in estates}


def test_every_post_has_its_own_account_and_some_people_hold_two() -> None:
    people = {row["username"] for row in rows("people")}
    today = Counter(row["username"] for row in rows("holdings") if not row["valid_to"])

    assert people == DEMONSTRATION_ACCOUNTS | {f"u{code.lower()}" for code in codes("posts")}
    assert {row["username"] for row in rows("holdings")} == people
    assert sum(count == 2 for count in today.values()) >= 3
    assert [row["post_code"] for row in rows("holdings") if row["valid_to"]] == ["P-D-MARKET"]


def test_every_third_level_category_is_covered_by_the_directory_in_each_year() -> None:
    for day in ("2025-06-01", "2026-06-01"):
        general = {
            row["category_code"]
            for row in rows("directory")
            if row["valid_from"] <= day
            and (not row["valid_to"] or row["valid_to"] > day)
            and not row["duty"]
            and not row["place_code"]
        }
        leaves = {row["code"] for row in rows("categories") if row["level"] == "3"}
        assert {leaf for leaf in leaves if leaf not in general and leaf[:5] not in general} == set()


def test_one_directory_row_holds_at_a_time() -> None:
    spans = defaultdict(list)
    for row in rows("directory"):
        key = (row["category_code"], row["place_code"], row["duty"])
        spans[key].append((row["valid_from"], row["valid_to"] or "9999-12-31"))

    for found in spans.values():
        for earlier, later in itertools.pairwise(sorted(found)):
            assert earlier[1] <= later[0]


def test_lead_can_answer_for_the_case_and_is_no_co_handler() -> None:
    kinds = {row["code"]: row["kind"] for row in rows("units")}

    for row in rows("directory"):
        co_handlers = listed(row["co_codes"])
        assert not row["lead_code"] or kinds[row["lead_code"]] in ("department", "partner")
        assert row["lead_code"] not in co_handlers
        assert len(set(co_handlers)) == len(co_handlers)


def test_street_leads_only_where_the_street_is_known() -> None:
    levels = {row["place_level"] for row in rows("directory") if not row["lead_code"]}

    assert levels == {"street"}


def test_directory_shows_a_change_of_edition() -> None:
    ended = [row for row in rows("directory") if row["valid_to"]]

    assert len(ended) >= 5
    assert {row["edition"] for row in ended} == {"2025年第1版"}
    assert {row["edition"] for row in rows("directory") if not row["valid_to"]} == {"2026年第1版"}
    assert all(row["ground"] for row in rows("directory"))


def test_every_source_is_named() -> None:
    assert all(row["source"] for row in [*rows("places"), *rows("boundaries")])


@pytest.mark.parametrize("path", sorted(DISTRICT.glob("*.csv")), ids=lambda path: path.stem)
def test_no_telephone_or_identity_number_stands_in_the_data(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    mobile = re.findall(r"(?<![\d.])1\d{10}(?!\d)", text)
    landline = re.findall(r"(?<!\d)0\d{2,3}-\d{7,8}", text)
    identity = re.findall(r"(?<![\d.])\d{17}[\dXx](?!\d)", text)

    assert (mobile, landline, identity) == ([], [], [])
