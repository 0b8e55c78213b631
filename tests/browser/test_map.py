"""The map in a real browser: drawn from our own data only, opened by a press."""

import pytest
from playwright.sync_api import Page, expect

from jieban.base.clock import now
from jieban.cases.models import Case
from jieban.registry.models import Place, PlaceVersion
from tests.cases.scene import Scene, make_case

from .conftest import overflow, sign_in

SQUARE = [[116.1, 39.85], [116.3, 39.85], [116.3, 40.0], [116.1, 40.0], [116.1, 39.85]]


@pytest.fixture
def spots(scene: Scene) -> Scene:
    street = Place.objects.get(level="street")
    PlaceVersion.objects.create(
        place=street, name="八角街道", boundary={"type": "Polygon", "coordinates": [SQUARE]}, drawn="sketch",
        source="x", valid_from="2020-01-01",
    )  # fmt: skip
    for text, lat in (("井盖松动", 39.98), ("楼道灯不亮", 39.9), ("垃圾成堆", 39.9001)):
        case = make_case(scene, at=now(), text=text, place_id=street.pk)
        Case.objects.filter(pk=case.pk).update(lat=lat, long=116.2)
    return scene


def test_open_cases_are_found_on_the_map(page: Page, spots: Scene) -> None:
    sign_in(page, "dispatcher")
    page.get_by_role("link", name="地图").click()
    expect(page.locator("#map[data-ready=yes]")).to_be_visible()
    expect(page.locator("#map-note")).to_have_text("街道界线为示意图，非测绘成果")
    expect(page.locator(".street-name")).to_have_text("八角街道")
    assert overflow(page) == 0
    page.get_by_alt_text("井盖松动").or_(page.locator("[title=井盖松动]")).first.click()
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
    expect(page.locator(".leaflet-pan-anim")).to_have_count(0)  # the map has moved to show it
    page.get_by_role("link", name="查看").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("井盖松动")
    page.go_back()
    expect(page.locator("#map[data-ready=yes]")).to_be_visible()
    page.locator("[title='2 件未办结']").click()
    expect(page.locator("td", has_text="3")).to_be_visible()
