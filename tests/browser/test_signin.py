import pytest
from playwright.sync_api import Page, expect

from jieban.registry.models import Unit
from jieban.registry.roles import Role
from tests.web.people import PASSWORD, make_person, make_post, make_unit

from .conftest import overflow


@pytest.mark.django_db(transaction=True)
def test_from_login_over_the_choice_of_a_post_to_the_first_page(page: Page) -> None:
    person = make_person()
    make_post(person)
    make_post(person, "派单员", Role.DISPATCHER, make_unit("区热线中心", Unit.Kind.HOTLINE))

    page.goto("/")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert overflow(page) == 0
    page.get_by_label("用户名").fill("zhoumin")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()

    expect(page.get_by_role("heading", name="这次以哪个岗位办理")).to_be_visible()
    assert overflow(page) == 0
    page.get_by_role("button", name="八角街道接诉即办指挥中心").click()

    expect(page.get_by_role("link", name="工作台")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("main")).to_contain_text("这里都办完了")
    assert overflow(page) == 0
    assert page.evaluate("document.documentElement.lang") == "zh-CN"

    page.locator("summary", has_text="周敏").click()
    expect(page.locator(".menu-list")).to_contain_text("八角街道接诉即办指挥中心 · 指挥员")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
