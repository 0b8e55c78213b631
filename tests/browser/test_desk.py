"""A dispatcher's hands stay on the keys: choose, dispatch, go on, compare, merge."""

import pytest
from playwright.sync_api import Page, expect

from jieban.base.clock import now
from jieban.cases.models import Case
from jieban.registry.models import Person
from tests.cases.scene import Scene, make_case, make_scene
from tests.web.people import PASSWORD

from .conftest import overflow
from .test_walk import sign_in


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    scene = make_scene()
    person = Person.objects.get(username="dispatcher")
    person.set_password(PASSWORD)
    person.save()
    return scene


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
