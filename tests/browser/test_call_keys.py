"""A whole call by keyboard alone, and the page that opens with whoever is calling."""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from deploy import telephone
from jieban.base.clock import now
from jieban.cases.models import Case
from jieban.registry.models import Category, Place, PlaceVersion
from tests.cases.scene import FROM, Scene, handling, make_case, make_scene

from .conftest import overflow, sign_in

SECRET = "telephone-secret-of-32-characters-"
SQUARE = [[116.2, 39.9], [116.3, 39.9], [116.3, 40.0], [116.2, 40.0], [116.2, 39.9]]


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """A scene with an estate, a block, a street's outline and a category."""
    scene = make_scene()
    community = Place.objects.get(level="community")
    estate = Place.objects.create(
        code="E1", level="estate", name="老山东里北区", parent=community, opened_on=FROM
    )
    Place.objects.create(
        code="B12", level="building", name="老山东里北区12号楼", parent=estate, opened_on=FROM
    )
    PlaceVersion.objects.create(
        place=community.parent, name="老山街道", valid_from=FROM, source="示意", drawn="sketch",
        boundary={"type": "Polygon", "coordinates": [SQUARE]},
    )  # fmt: skip
    Category.objects.create(
        code="C010101",
        name="餐饮油烟",
        level=3,
        parent=scene.category,
        path="环境 / 大气 / 餐饮油烟",
        valid_from=FROM,
    )
    return scene


def begin(page: Page) -> None:
    """At the page of a call, with its keys at work."""
    sign_in(page, "operator")
    expect(page.locator("#call-form[data-ready=yes]")).to_be_visible()


@pytest.fixture
def telephone_system() -> Iterator[None]:
    with override_settings(TELEPHONE_SECRET=SECRET):
        yield


def test_a_whole_call_by_keyboard_alone(page: Page, scene: Scene) -> None:
    begin(page)
    keys = page.keyboard
    expect(page.get_by_label("电话")).to_be_focused()
    keys.type("10001234567")
    keys.press("F2")
    keys.type("楼下烧烤店餐饮油烟太大，投诉过一次，墙皮脱落")
    proposals = page.locator("#proposals [data-take]")
    expect(proposals).to_have_count(3)
    assert overflow(page) == 0
    for key in ("Alt+2", "Alt+3", "Alt+4"):
        keys.press(key)
    expect(page.locator("#proposals .call-proposal-taken")).to_have_count(3)
    expect(page.get_by_label("投诉", exact=True)).to_be_checked()
    expect(page.locator(".behind mark").first).to_have_text("餐饮油烟")
    # One key more is a correction; going round comes back to what was proposed.
    keys.press("Alt+4")
    expect(page.get_by_label("一般", exact=True)).to_be_checked()
    for _press in range(2):
        keys.press("Alt+4")
    expect(page.get_by_label("紧急", exact=True)).to_be_checked()
    keys.press("F3")
    keys.type("lsdlb12")
    expect(page.locator("#place-list li").first).to_contain_text(
        "老山街道 › 老山东里北社区 › 老山东里北区 › 老山东里北区12号楼"
    )
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.get_by_label("地点")).to_have_value(
        "老山街道 › 老山东里北社区 › 老山东里北区 › 老山东里北区12号楼"
    )
    keys.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="已受理，单号")).to_be_visible()
    case = Case.objects.get()
    assert (case.nature, case.urgency, case.place.code, case.category.name) == (  # type: ignore[union-attr]
        "complaint", "urgent", "B12", "餐饮油烟",
    )  # fmt: skip


def test_the_emergency_card_by_keys(page: Page, scene: Scene) -> None:
    begin(page)
    keys = page.keyboard
    keys.press("F2")
    keys.type("老山东里北12号楼三层冒烟，有人被困")
    expect(page.locator("#proposals")).to_contain_text("危及生命安全")
    keys.press("F8")
    page.get_by_role("button", name="119 消防").press("Enter")
    expect(page.get_by_label("119 消防：呼叫时间")).not_to_have_value("")
    keys.type("接警员")
    keys.press("Tab")
    keys.type("三层冒烟，一人被困")
    keys.press("Alt+1")
    keys.press("Alt+3")
    page.get_by_label("求助", exact=True).check()
    assert overflow(page) == 0
    page.get_by_role("button", name="受理并移交紧急服务").press("Enter")
    expect(page.get_by_role("status").filter(has_text="已报告值班领导")).to_be_visible()
    assert Case.objects.get().state == "declined"


def test_a_pin_is_set_and_taken_by_keys(page: Page, scene: Scene) -> None:
    begin(page)
    page.keyboard.press("Alt+m")
    expect(page.locator("#pin[data-ready=yes]")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#pin-take")).to_contain_text("老山街道")
    expect(page.get_by_label("地点")).to_have_value("")
    page.keyboard.press("Enter")
    expect(page.get_by_label("地点")).to_have_value("老山街道")
    assert float(page.locator("[name=long]").input_value()) > 116.2
    assert overflow(page) == 0


def test_a_like_case_is_joined_by_one_press(page: Page, scene: Scene) -> None:
    like = handling(scene, at=now(), text="路边井盖松动", phone="10009999999")
    begin(page)
    page.get_by_label("内容", exact=True).fill("路边井盖松动，走过去咣当响")
    expect(page.locator("#beside")).to_contain_text("受理并并入")
    page.get_by_label("求助", exact=True).check()
    page.get_by_role("button", name="受理并并入").click()
    expect(page.get_by_role("status").filter(has_text="已受理并并入相近诉求")).to_be_visible()
    assert Case.objects.get(primary=like).state == "merged"


def test_the_page_opens_with_whoever_calls(
    page: Page, scene: Scene, telephone_system: None, live_server: object
) -> None:
    make_case(scene, at=now(), text="楼道灯不亮三天了")
    server = str(live_server.url)  # type: ignore[attr-defined]
    sign_in(page, "operator", "/cases/")
    ringing, answered, _ended = telephone.events("c1", "operator", "10001234567")
    assert telephone.post(server, SECRET, ringing) == 204
    expect(page.locator("#ringing")).to_contain_text("100****4567", timeout=6_000)
    assert "10001234567" not in page.content()
    assert telephone.post(server, SECRET, answered) == 204
    expect(page.get_by_label("电话")).to_have_value("10001234567", timeout=6_000)
    expect(page.locator("#beside")).to_contain_text("楼道灯不亮三天了")
    assert overflow(page) == 0
