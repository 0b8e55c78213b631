"""An operator takes a call down: the caller's cases while the number is typed, and nothing lost with the tab."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from jieban.base.clock import now
from jieban.cases.models import Case
from jieban.cases.reception import drafts
from tests.cases.scene import Scene, make_case
from tests.platforms import wait_until

from .chromium import WIDTHS
from .conftest import let_in, overflow, sign_in


def test_a_call_is_taken_down_and_survives_a_closed_tab(page: Page, scene: Scene) -> None:
    make_case(scene, at=now(), text="楼道灯不亮三天了")
    sign_in(page, "operator")
    expect(page.get_by_role("heading", name="登记诉求")).to_be_visible()

    page.get_by_label("电话").press_sequentially("10001234567", delay=20)
    expect(page.locator("#beside")).to_contain_text("楼道灯不亮三天了")
    with page.expect_response("**/calls/beside/"):
        page.get_by_label("内容").fill("楼道灯还是不亮，老人摔了一跤")
    expect(page.locator("#beside .saved")).to_contain_text("已自动保存")
    assert overflow(page) == 0
    expect(page.get_by_label("内容")).to_be_focused()

    page.get_by_label("姓名").fill("王建国")  # and gone, before the next saving
    again = page.context.new_page()
    page.goto("/cases/")
    wait_until(
        lambda: "name" in (drafts.newest_draft(scene.actor("operator").person_id or 0, now()) or ({},))[0], 10
    )
    page.close()
    again.goto("/cases/new/")
    expect(again.get_by_label("姓名")).to_have_value("王建国")
    expect(again.get_by_text("没有提交的登记已恢复")).to_be_visible()
    expect(again.get_by_label("内容")).to_have_value("楼道灯还是不亮，老人摔了一跤")
    again.get_by_label("求助").check()
    again.get_by_label("内容").press("Control+Enter")
    expect(again.get_by_role("status").first).to_contain_text("已受理，单号")
    assert Case.objects.count() == 2


@pytest.mark.parametrize("page", ["desk"], indirect=True)
def test_who_types_while_the_page_still_loads_goes_on_typing(page: Page, scene: Scene) -> None:
    let_in(page, "operator")
    held: list[Route] = []
    page.route("**/mark-words*.js", lambda route: held.append(route))
    with page.expect_request("**/mark-words*.js"):
        page.goto("/cases/new/", wait_until="commit")
    page.get_by_label("内容", exact=True).click()
    page.keyboard.type("楼道")
    page.keyboard.press("ArrowLeft")
    held[0].continue_()
    expect(page.locator("#call-form[data-ready]")).to_be_attached()
    page.keyboard.type("门口")
    expect(page.get_by_label("内容", exact=True)).to_have_value("楼门口道")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_call_that_lacks_something_comes_back_at_what_is_missing(
    browser: Browser, live_server: LiveServer, scene: Scene, width: str
) -> None:
    """In a browser that nobody watches: it counts an answer of 422 among its faults."""
    across, down = WIDTHS[width]
    page = browser.new_page(base_url=live_server.url, viewport={"width": across, "height": down})
    sign_in(page, "operator")
    page.get_by_label("内容", exact=True).fill("楼道灯不亮三天了")
    page.get_by_label("内容", exact=True).press("Control+Enter")
    missing = page.get_by_role("group", name="性质")
    expect(missing).to_contain_text("请选择")
    expect(missing).to_be_in_viewport()
    expect(missing.get_by_role("radio").first).to_be_focused()
    expect(page.get_by_label("内容", exact=True)).to_have_value("楼道灯不亮三天了")
    page.context.close()


def test_a_number_typed_while_the_page_still_loads_brings_the_callers_cases(page: Page, scene: Scene) -> None:
    make_case(scene, at=now(), text="楼道灯不亮三天了")
    sign_in(page, "operator")
    page.add_init_script(
        """new MutationObserver((_changes, one) => {
             const field = document.querySelector("#call-form [name=phone]");
             if (!field) return;
             one.disconnect();
             field.value = "10001234567";
           }).observe(document, { childList: true, subtree: true });"""
    )
    page.reload()
    expect(page.locator("#beside")).to_contain_text("楼道灯不亮三天了")


def test_an_earlier_case_takes_up_what_the_caller_adds(page: Page, scene: Scene) -> None:
    case = make_case(scene, at=now(), text="楼道灯不亮三天了")
    sign_in(page, "operator")
    page.get_by_label("电话").fill("10001234567")
    expect(page.locator("#beside")).to_contain_text("楼道灯不亮三天了")
    page.get_by_label("电话").press("Enter")  # sends nothing, least of all to the earlier case
    page.get_by_label("内容").fill("还没有人来")
    page.get_by_role("button", name="就是这件事，催办").click()
    expect(page.get_by_role("status").first).to_contain_text("已记录：催办。")
    case.refresh_from_db()
    assert case.reminded_count == 1
