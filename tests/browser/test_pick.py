"""A long list is typed into: words, first letters or a code find the entry, and what was chosen is sent."""

import pytest
from playwright.sync_api import Page, expect

from jieban.cases.models import Case
from jieban.registry.models import Category
from tests.cases.scene import Scene, make_scene

from .conftest import sign_in

NAMES = [f"其他事项{number:02}" for number in range(12)] + ["冬季采暖", "停车管理", "安全隐患"]


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    scene = make_scene()
    for number, name in enumerate(NAMES):
        Category.objects.create(
            code=f"Z{number:02}",
            name=name,
            level=3,
            path=f"民生 / 公共服务 / {name}",
            valid_from="2020-01-01",
        )
    return scene


def test_an_entry_is_found_and_sent_by_keys(page: Page, scene: Scene) -> None:
    sign_in(page, "operator")
    field = page.get_by_role("combobox", name="分类")
    entries = page.locator(".combo-list:visible li")
    for typed, name in (("采暖", "冬季采暖"), ("tcgl", "停车管理"), ("z13", "停车管理")):
        field.fill(typed)
        expect(entries.first).to_contain_text(f"公共服务 / {name}")
    field.press("Escape")
    expect(entries).to_have_count(0)
    field.fill("djcn")
    field.press("Enter")
    expect(field).to_have_value("公共服务 / 冬季采暖")
    page.get_by_label("内容").fill("暖气不热")
    page.get_by_role("radio", name="求助").check()
    field.fill("这一类没有")
    field.press("Enter")
    page.get_by_label("内容").click()
    expect(field).to_have_value("公共服务 / 冬季采暖")
    page.get_by_role("button", name="受理").click()
    expect(page.get_by_role("status").first).to_contain_text("已受理")
    case = Case.objects.get()
    assert case.category is not None and case.category.name == "冬季采暖"


def test_what_was_chosen_is_taken_back_by_emptying_the_field(page: Page, scene: Scene) -> None:
    sign_in(page, "operator")
    field = page.get_by_role("combobox", name="分类")
    field.fill("tcgl")
    field.press("Enter")
    field.fill("")
    page.get_by_label("内容").fill("不知道归谁管")
    page.get_by_role("radio", name="求助").check()
    page.get_by_role("button", name="受理").click()
    expect(page.get_by_role("status").first).to_contain_text("已受理")
    assert Case.objects.get().category is None
