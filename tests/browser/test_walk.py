"""One case from the first word to closed, in a real browser, by five accounts; its history verifies."""

import re

import pytest
from playwright.sync_api import Page, expect

from jieban.cases.models import Case
from jieban.registry.ledger import verification
from jieban.registry.models import Person
from tests.cases.calls import call_at_any_hour
from tests.cases.scene import make_scene
from tests.web.people import PASSWORD

from .conftest import overflow

FIVE = ("operator", "dispatcher", "department", "caller", "supervisor")


def sign_in(page: Page, username: str) -> None:
    page.goto("/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator("summary", has_text=f"人员{username}")).to_be_visible()


def sign_out(page: Page) -> None:
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()


def told(page: Page, words: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(words)
    assert overflow(page) == 0


def open_first(page: Page) -> None:
    page.locator(".row-subject, a.queue-row").first.click()
    expect(page.locator("#record h1, main.visit-back h1, h1:visible").last).to_contain_text("楼道灯坏了三天")
    assert overflow(page) == 0


def take_down(page: Page) -> None:
    sign_in(page, "operator")
    page.get_by_label("内容", exact=True).fill("楼道灯坏了三天，老人上下楼不方便，请尽快修好。")
    page.get_by_label("姓名").fill("王建国")
    page.get_by_label("电话").fill("10001234567")
    page.get_by_label("求助").check()
    assert overflow(page) == 0
    page.get_by_role("button", name="受理").click()
    told(page, "已受理，单号")
    sign_out(page)


def dispatch(page: Page) -> None:
    sign_in(page, "dispatcher")
    open_first(page)
    page.get_by_label("主办单位").select_option(label="单位D1")
    page.get_by_role("button", name="派单", exact=True).click()
    told(page, "已记录：派单。")
    sign_out(page)


def visit(page: Page, said: str) -> None:
    page.get_by_label("当面").check()
    page.get_by_label("来电人怎么说").fill(said)
    page.get_by_role("button", name="保存见面记录").click()
    told(page, "已记录：记录见面。")


def handle(page: Page) -> None:
    sign_in(page, "department")
    open_first(page)
    page.get_by_role("button", name="签收", exact=True).click()
    told(page, "已记录：签收。")
    visit(page, "灯不亮，晚上看不见台阶")
    visit(page, "同意换成声控灯")
    page.locator("summary", has_text="备注").click()
    page.get_by_label("内容", exact=True).fill("灯具由物业提供")
    page.get_by_role("button", name="保存备注").click()
    told(page, "已记录：备注。")
    page.get_by_label("办理结果").fill("今天下午电工更换声控灯两盏，通电正常。")
    page.get_by_role("button", name="报结", exact=True).click()
    told(page, "已记录：报结。")
    sign_out(page)


def call_back(page: Page) -> None:
    sign_in(page, "caller")
    expect(page.get_by_role("heading", name="待回访")).to_be_visible()
    open_first(page)
    page.get_by_role("radio", name="联系过", exact=True).check()
    page.get_by_role("radio", name="已解决", exact=True).check()
    page.get_by_role("radio", name="满意", exact=True).check()
    page.get_by_role("button", name="记录回访").click()
    told(page, "已记录回访。")
    expect(page.get_by_role("main")).to_contain_text("现在没有要回访的诉求")
    sign_out(page)


def close(page: Page) -> None:
    sign_in(page, "supervisor")
    page.get_by_role("link", name=re.compile("待结案 1")).click()
    open_first(page)
    page.locator("details.reveal summary").click()
    page.get_by_label("查看理由").fill("结案前抽查")
    page.get_by_role("button", name="查看联系方式").click()
    expect(page.locator("#requester")).to_contain_text("10001234567")
    page.get_by_role("button", name="结案", exact=True).click()
    told(page, "已记录：结案。")


@pytest.mark.django_db(transaction=True)
def test_one_case_walks_through_five_accounts(page: Page) -> None:
    make_scene()
    call_at_any_hour()
    for person in Person.objects.filter(username__in=FIVE):
        person.set_password(PASSWORD)
        person.save()

    take_down(page)
    dispatch(page)
    handle(page)
    call_back(page)
    close(page)

    case = Case.objects.get()
    assert case.state == "closed"
    assert [event.role for event in case.events.order_by("seq")] == [
        "operator", "dispatcher", "department", "department", "department", "department", "department", "caller",
        "supervisor",
    ]  # fmt: skip
    assert verification.verify_history().faults == []
