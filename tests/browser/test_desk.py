"""A dispatcher's hands stay on the keys: choose, dispatch, go on, compare, merge."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from jieban.base.clock import now
from jieban.cases.models import Case, CaseEvent
from jieban.cases.suggestions import readings
from jieban.registry.models import DirectoryRow
from jieban.registry.roles import Role
from tests.cases.scene import FROM, Scene, make_actor, make_case, make_leaf

from .conftest import overflow, sign_in


def shown(page: Page, words: str) -> None:
    expect(page.locator("#record h1")).to_have_text(words)
    expect(page.locator("[data-row-link][aria-current]")).to_be_focused()
    assert overflow(page) == 0


@pytest.mark.parametrize("page", ["desk"], indirect=True)
def test_cases_are_dispatched_and_merged_by_keys_alone(page: Page, scene: Scene) -> None:
    for text in ("楼道灯不亮", "井盖松动", "垃圾成堆", "垃圾成堆有异味"):
        make_case(scene, at=now(), text=text, category_id=scene.category.pk)
    sign_in(page, "dispatcher")
    expect(page.locator("#record h1")).to_have_text("楼道灯不亮")
    keys = page.keyboard

    keys.press("j")
    shown(page, "井盖松动")
    keys.press("k")
    shown(page, "楼道灯不亮")
    page.get_by_label("主办单位").select_option(label="单位D1")
    keys.press("Escape")
    keys.press("Enter")
    shown(page, "井盖松动")
    expect(page.get_by_role("status")).to_contain_text("已记录：派单。")

    keys.press("n")
    expect(page.locator("#act-add_note textarea")).to_be_focused()
    keys.type("先电话核实位置")
    keys.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("已记录：备注。")
    shown(page, "井盖松动")

    keys.press("j")
    shown(page, "垃圾成堆")
    keys.press("j")
    shown(page, "垃圾成堆有异味")
    page.get_by_role("link", name="对照").first.click()
    expect(page.locator(".compare-side")).to_have_count(2)
    keys.press("Escape")
    shown(page, "垃圾成堆有异味")
    page.get_by_role("link", name="对照").first.click()
    expect(page.locator(".compare-side")).to_have_count(2)
    keys.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已记录：")

    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    states = {case.subject: case.state for case in Case.objects.all()}
    assert states["楼道灯不亮"] == "dispatched"
    assert "merged" in (states["垃圾成堆"], states["垃圾成堆有异味"])


@pytest.mark.parametrize("page", ["desk"], indirect=True)
def test_of_two_browsers_on_one_case_the_second_is_told_what_the_first_did(
    page: Page, browser: Browser, live_server: LiveServer, scene: Scene
) -> None:
    case = make_case(scene, at=now(), text="楼道灯不亮")
    make_actor(scene, "dispatcher2", Role.DISPATCHER, "HOT")
    other = browser.new_context(base_url=live_server.url, locale="zh-CN").new_page()
    for one, username, lead in ((page, "dispatcher", "单位D1"), (other, "dispatcher2", "单位D2")):
        sign_in(one, username)
        one.get_by_label("主办单位").select_option(label=lead)
    other.get_by_label("派单意见").fill("请当天到现场")
    page.get_by_role("button", name="派单").click()
    expect(page.get_by_role("status")).to_contain_text("已记录：派单。")
    other.get_by_role("button", name="派单").click()
    expect(other.get_by_role("alert")).to_contain_text("案件现在是“已派单”，不能“派单”。")
    expect(other.locator("#record")).to_contain_text("已派给单位D1")
    expect(other.get_by_label("派单意见")).to_have_value("请当天到现场")  # nothing that was typed is lost
    other.context.close()
    case.refresh_from_db()
    assert (case.state, case.lead) == ("dispatched", scene.unit("D1"))
    assert [event.action for event in CaseEvent.objects.filter(case=case).order_by("seq")] == [
        "receive",
        "dispatch",
    ]


@pytest.mark.parametrize("page", ["desk"], indirect=True)
def test_what_was_read_is_taken_over_and_dispatched_with_two_keys_a_case(page: Page, scene: Scene) -> None:
    leaf = make_leaf(scene)
    DirectoryRow.objects.create(
        code="M1", category=leaf, lead=scene.unit("D2"), place_level="district", ground="城市管理职责",
        edition="2026年第1版", valid_from=FROM,
    )  # fmt: skip
    for number in range(5):
        make_case(
            scene,
            at=now(),
            text=f"{number + 1}号楼下烧烤店的餐饮油烟太大，我要投诉",
            subject=f"油烟{number + 1}",
        )
    make_case(scene, at=now(), text="隔壁餐饮油烟呛人，听说楼里有人被困过", subject="油烟和传闻")
    readings.read_waiting(now())
    sign_in(page, "dispatcher")
    keys = page.keyboard
    for number in range(5):
        shown(page, f"油烟{number + 1}")
        keys.press("y")
        expect(page.locator("#record .read")).to_have_count(0)
        expect(page.locator("[data-choose][aria-pressed=true]")).to_contain_text("单位D2")
        keys.press("Enter")
    shown(page, "油烟和传闻")
    expect(page.locator(".queue")).to_contain_text("疑似危险")
    keys.press("q")
    expect(page.locator(".queue")).not_to_contain_text("疑似危险")
    expect(page.get_by_role("status")).to_contain_text("已记录：")
    done = Case.objects.filter(subject__startswith="油烟", state="dispatched")
    assert set(done.values_list("lead__code", "category__code", "nature")) == {("D2", "C010101", "complaint")}
    assert done.count() == 5


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_on_a_phone_the_queue_comes_first_and_then_the_case(page: Page, scene: Scene) -> None:
    make_case(scene, at=now(), text="楼道灯不亮")
    sign_in(page, "dispatcher")
    expect(page.locator("#record")).to_be_hidden()
    page.locator("a.queue-row").click()
    expect(page.locator("#record h1")).to_be_visible()
    expect(page.locator(".desk-queue")).to_be_hidden()
    assert overflow(page) == 0
    page.get_by_role("link", name="返回待办").click()
    expect(page.locator("a.queue-row")).to_be_visible()
    assert overflow(page) == 0
