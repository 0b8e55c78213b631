"""The gazetteer of a day is that of the registry: names, former names, what is ended, and what stands beside."""

from datetime import date, timedelta

import pytest

from jieban.cases.checks.district_gazetteer import (
    FOLDER,
    entries_from_folder,
    gazetteer,
    landmark_entries,
)
from jieban.cases.suggestions import proposing
from jieban.language.place.gazetteer import Gazetteer, build
from jieban.language.place.place_finder import PlaceResult, find
from jieban.registry.district import place_search
from jieban.registry.models import Place, PlaceVersion
from tests.cases.scene import FROM
from tests.registry.district.estates import ON, add, make_estates


@pytest.fixture
def community(db: None) -> Place:
    return make_estates()


def said(text: str, on: date = ON) -> tuple[PlaceResult, Gazetteer]:
    places = gazetteer(on)
    return find(text, places), places


def best(text: str, on: date = ON) -> str:
    found, places = said(text, on)
    return places.path(found.best.id, " › ") if found.best else ""


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("我住老山东里北，楼下烧烤店油烟大", "老山街道 › 老山东里北社区", "老山东里北"),
        (
            "住老山东里北 12 号楼 3 单元",
            "老山街道 › 老山东里北社区 › 老山东里北区 › 老山东里北区12号楼",
            "老山东里北 12 号楼 3 单元",
        ),
        ("老山街道老山东里甲院门口", "老山街道 › 老山东里北社区 › 老山东里甲院", "老山东里甲院"),
        ("八角街道的晨光小区没有暖气", "八角街道 › 八角南里社区 › 晨光小区", "晨光小区"),
    ],
)
def test_a_place_of_the_registry_is_found_in_a_text(
    community: Place, text: str, path: str, words: str
) -> None:
    found, places = said(text)
    assert found.best is not None
    assert (places.path(found.best.id, " › "), found.best.words) == (path, words)


def test_two_of_one_name_are_left_to_the_person_unless_the_street_is_said(community: Place) -> None:
    found, _places = said("晨光小区没有暖气")
    assert (found.best, len(found.candidates)) == (None, 2)
    assert best("八角街办的晨光小区没有暖气") == "八角街道 › 八角南里社区 › 晨光小区"


def test_what_is_ended_or_not_begun_is_not_found(community: Place) -> None:
    add("E9", "estate", "拆迁小院", community, closed=date(2026, 1, 1))
    assert best("拆迁小院漏水") == ""
    assert best("拆迁小院漏水", date(2025, 12, 31)).endswith("拆迁小院")
    assert best("老山东里甲院漏水", FROM - timedelta(days=1)) == ""


def test_a_former_name_leads_to_the_place(community: Place) -> None:
    PlaceVersion.objects.create(
        place=Place.objects.get(code="E2"), name="纺织厂宿舍", valid_from=FROM, valid_to=date(2025, 1, 1)
    )
    assert best("纺织厂宿舍漏水") == "老山街道 › 老山东里北社区 › 老山东里甲院"


def test_a_place_that_is_added_is_found(community: Place) -> None:
    assert best("新建里小区") == ""
    add("E8", "estate", "新建里小区", community)
    assert best("新建里小区").endswith("新建里小区")


def test_a_landmark_in_a_street_that_is_not_registered_says_no_place(db: None) -> None:
    assert all(not entry.parents for entry in landmark_entries({}))
    assert find("首钢园里", gazetteer(ON)).candidates == ()


def test_the_tables_beside_the_registry_name_streets_of_the_district() -> None:
    streets = {
        entry.id for entry in entries_from_folder(FOLDER.parent / "district") if entry.level == "street"
    }
    assert len(streets) == 9
    named = [
        entry for entry in entries_from_folder(FOLDER.parent / "district") if entry.id < 0 and entry.parents
    ]
    assert named and all(set(entry.parents) <= streets for entry in named)


def test_a_grid_cell_of_the_registry_is_proposed_where_it_is_named(community: Place) -> None:
    third = add("G3", "grid", "老山东里北社区第三网格", community, "老山东里北社区3号网格")
    cell = add("G2", "grid", "老山东里北社区第二网格", community, "老山东里北社区2号网格")
    for text in ("老山东里北社区第二网格垃圾没人清", "住老山东里北，2号网格垃圾没人清"):
        found = proposing.place(text, ON)
        assert found is not None and found.sure and found.first.value == str(cell.pk), text
        assert found.first.label == "老山街道 › 老山东里北社区 › 老山东里北社区第二网格"
    near = proposing.place("老山东里北社区第九网格垃圾没人清", ON)
    assert near is not None and near.first.value == str(community.pk)
    chosen = place_search.place_of(cell.pk, ON)
    assert chosen is not None and (chosen.level, chosen.community_id) == ("grid", community.pk)
    assert [place.id for place in place_search.search("老山东里北第二网格", ON)] == [cell.pk]
    assert [place.id for place in place_search.search("老山东里北网格", ON)] == [cell.pk, third.pk]


def test_the_grid_cells_of_the_demonstration_are_found_by_their_number() -> None:
    places = build(entries_from_folder(FOLDER.parent / "district"))
    cells = [entry for entry in places.entries.values() if entry.level == "grid"]
    assert len(cells) > 450
    for cell in cells[:: len(cells) // 40]:
        found = find(f"{places.name(cell.parents[0])}{cell.name[-4:]}垃圾没人清", places)
        assert found.best is not None and found.best.id == cell.id, cell.name
