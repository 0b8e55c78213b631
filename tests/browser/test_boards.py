"""The desks of those who watch, in a real browser: twenty-odd cases, both widths, the keys of the supervisor."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import Order
from tests.cases.scene import (
    Scene,
    dispatched,
    handling,
    make_case,
    make_scene,
    reported,
    visited,
    visited_back,
)

from .conftest import overflow, sign_in

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ADDRESSES = {"supervisor": "/oversight/", "leader": "/leader/", "street": "/street/", "analyst": "/analysis/"}
AXE = Path(__file__).parent / "axe.min.js"
TEXTS = (
    "楼道灯不亮",
    "井盖松动有人绊倒",
    "垃圾三天没有清运",
    "楼上漏水无人处理",
    "占道经营影响出行",
    "暖气不热",
)


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    scene = make_scene()
    fill(scene)
    return scene


def fill(scene: Scene) -> None:
    """Twenty-odd cases at every stage, some of them late."""
    community, at = scene.unit("C").place, now()
    assert community is not None
    where = {"place_id": community.pk, "category_id": scene.category.pk}
    for number, text in enumerate(TEXTS):
        late = at - (number + 1) * DAY
        make_case(scene, at=at - number * HOUR / 60, text=text, **where)
        handling(scene, at=late, text=text, lead="S" if number % 2 else "D1", **where)
        dispatched(scene, at=late - HOUR, text=text, lead="D2")
        visited_back(scene, at=at - HOUR / 60, text=text, lead="S", **where)
    make_case(scene, at=at - HOUR / 2, text="燃气味很重，老人出不来", urgency="life", **where)
    case = visited(scene, lead="S", at=at - HOUR / 2, text="违建堵住消防通道", **where)
    actions.whistle(
        case.pk, actor=scene.actor("street"), at=at, kind="joint", place="楼下", meet_at=at + HOUR,
        unit_ids=[scene.unit("D1").pk, scene.unit("D2").pk],
    )  # fmt: skip
    actions.arrive(case.pk, actor=scene.actor("department"), at=at, place="楼下")
    actions.hand_down(case.pk, actor=scene.actor("street"), at=at, unit_id=scene.unit("C").pk)
    reported(scene, at=at - HOUR / 60)


@pytest.mark.parametrize("name", ["supervisor", "leader", "street", "analyst"])
def test_the_page_of_each_fits(page: Page, scene: Scene, name: str) -> None:
    sign_in(page, name, ADDRESSES[name])
    expect(page.locator("p.answer").first).to_be_visible()
    assert overflow(page) == 0


def test_axe_finds_nothing(browser: Browser, live_server, scene: Scene) -> None:  # type: ignore[no-untyped-def]
    """In contexts of their own: what axe itself does is against the pages' policy."""
    for name, address in ADDRESSES.items():
        context = browser.new_context(base_url=live_server.url, bypass_csp=True)
        page = context.new_page()
        sign_in(page, name, address)
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa']})")
        context.close()
        assert [(name, v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]] == []


@pytest.mark.parametrize("page", ["desk"], indirect=True)
def test_a_supervisor_reminds_several_by_keys(page: Page, scene: Scene) -> None:
    sign_in(page, "supervisor", "/oversight/")
    keys = page.keyboard
    for key in "jxjxc":
        keys.press(key)
    expect(page.locator("#orders textarea")).to_be_focused()
    keys.type("请今天内办结并反馈")
    keys.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("已催办 2 件。")
    assert Order.objects.count() == 2


@pytest.mark.parametrize("page", ["desk"], indirect=True)
def test_an_analyst_copies_a_table(page: Page, scene: Scene) -> None:
    sign_in(page, "analyst")
    button = page.get_by_role("button", name="复制表格").first
    button.click()
    expect(page.get_by_role("button", name="已复制，可粘贴到表格")).to_be_visible()
