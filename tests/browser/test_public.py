"""A resident without an account, in a browser without scripts: brings in, follows by a code, rates."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import Case, Publication
from tests.cases.scene import Scene, handling
from tests.web.public_pages import PHONE, PHOTO, a_minute_passes, last_code, letters

from .chromium import WIDTHS
from .conftest import Watched, overflow


@pytest.fixture
def box(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "sms.jsonl"
    settings.SMS_GATEWAY = f"file:{path}"
    return path


@pytest.fixture(params=WIDTHS)
def plain(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    width, height = WIDTHS[request.param]
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": width, "height": height}, java_script_enabled=False
    )
    watched = Watched(urlsplit(live_server.url).netloc)
    watched.watch(context)
    yield context.new_page()
    context.close()
    assert watched.faults == []


def shot(page: Page, name: str) -> None:
    folder = os.environ.get("JIEBAN_SHOTS")
    if folder:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=f"{folder}/public-{name}-{width}.png", full_page=True)


def fits(page: Page) -> None:
    """Without scripts of its own the page is still measured from outside."""
    assert overflow(page) == 0


def report(scene: Scene, case: Case) -> None:
    """The office does its part."""
    department, at = scene.actor("department"), now()
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=at, lead_id=scene.unit("D1").pk)
    actions.sign(case.pk, actor=department, at=at)
    for kind in ("needs", "opinion"):
        actions.record_visit(case.pk, actor=department, at=at, kinds=[kind], way="phone", said="尽快")
    actions.report_result(case.pk, actor=department, at=at, text="已责令加装油烟净化设备，夜间停止营业。")


def test_without_scripts_a_resident_files_follows_and_rates(plain: Page, scene: Scene, box: Path) -> None:
    plain.goto("/public/")
    shot(plain, "home")
    fits(plain)
    plain.get_by_role("link", name="反映问题").first.click()
    plain.get_by_label("什么事").fill("楼下烧烤店油烟大，晚上十二点还有噪声，老人睡不着。")
    plain.get_by_label("照片").set_input_files([{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}])
    shot(plain, "what")
    plain.get_by_role("button", name="下一步").click()
    plain.get_by_label("街道、社区").select_option(label="老山东里北社区")
    plain.get_by_label("具体地方").fill("12号楼底商")
    shot(plain, "where")
    fits(plain)
    plain.get_by_role("button", name="下一步").click()
    plain.get_by_role("textbox", name="手机号").fill(PHONE)
    shot(plain, "who")
    fits(plain)
    plain.get_by_role("button", name="下一步").click()
    plain.get_by_label("短信里的 6 位验证码").fill(last_code(box))
    shot(plain, "code")
    plain.get_by_role("button", name="确定").click()
    expect(plain.get_by_text("照片 1 张")).to_be_visible()
    shot(plain, "check")
    fits(plain)
    plain.get_by_role("button", name="提交").click()
    case = Case.objects.get()
    expect(plain.get_by_text(case.number)).to_be_visible()
    assert case.attachments.count() == 1
    shot(plain, "filed")
    fits(plain)

    report(scene, case)
    plain.context.clear_cookies()
    plain.goto("/public/")
    plain.get_by_role("link", name="查询进度").click()
    plain.get_by_label("单号").fill(case.number)
    plain.get_by_label("反映时留的手机号").fill(PHONE)
    shot(plain, "follow")
    a_minute_passes()
    plain.get_by_role("button", name="获取验证码").click()
    plain.get_by_label("短信里的 6 位验证码").fill(last_code(box))
    plain.get_by_role("button", name="确定").click()
    shot(plain, "mine")
    plain.get_by_role("link", name=re.compile("楼下烧烤店")).click()
    expect(plain.get_by_text("单位D1说已经办完")).to_be_visible()
    shot(plain, "case")
    fits(plain)
    plain.get_by_role("link", name="评价办理结果").click()
    plain.get_by_role("group", name="工作人员联系过您吗").get_by_label("联系过", exact=True).check()
    plain.get_by_role("group", name="问题解决了吗").get_by_label("已解决").check()
    plain.get_by_role("group", name="您满意吗").get_by_label("不想回答").check()
    shot(plain, "rate")
    fits(plain)
    plain.get_by_role("button", name="提交评价").click()
    expect(plain.get_by_text("您的评价已经记下。")).to_be_visible()
    case.refresh_from_db()
    assert case.visited_back_at is not None
    assert [letter["to"] for letter in letters(box)].count(PHONE) == len(letters(box))


def test_with_scripts_a_pin_is_set_and_a_public_case_supported(page: Page, scene: Scene, box: Path) -> None:
    case = handling(scene, at=now(), text="烧烤店油烟")
    words = {"title": "烧烤店夜间油烟扰民", "summary": "老山东里一带烧烤店夜间油烟和噪声，正在整治。"}
    actions.publish(case.pk, actor=scene.actor("dispatcher"), at=now(), **words)
    page.goto("/public/new/")
    page.get_by_label("什么事").fill("烧烤店夜间油烟扰民")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="也许有人已经反映过")).to_be_visible()
    shot(page, "likes")
    assert overflow(page) == 0
    page.get_by_role("link", name="都不是，继续写").click()
    page.get_by_role("button", name="在地图上点一下").click()
    page.locator(".leaflet-container").click(position={"x": 120, "y": 120})
    expect(page.get_by_text("已在地图上标出")).to_be_visible()
    assert page.locator("input[name=lat]").input_value().startswith(("39.", "40."))
    shot(page, "pin")
    assert overflow(page) == 0

    row = Publication.objects.get()
    page.goto("/public/open/")
    shot(page, "open")
    page.goto(f"/public/open/{row.pk}/")
    shot(page, "open-case")
    page.get_by_role("link", name="我也遇到了").click()
    page.get_by_label("您的手机号").fill("10001234577")
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("短信里的 6 位验证码").fill(last_code(box))
    page.get_by_role("button", name="确定").click()
    page.get_by_role("button", name="我也遇到了").click()
    expect(page.get_by_text("1 人也遇到了同样的问题。")).to_be_visible()
    page.get_by_role("button", name="大字").click()
    expect(page.locator("body.larger")).to_be_visible()
    assert overflow(page) == 0


def test_without_scripts_the_pages_in_english_fit(plain: Page, scene: Scene, box: Path) -> None:
    plain.goto("/public/")
    plain.get_by_role("button", name="English").click()
    expect(plain.get_by_role("heading", name="What would you like to do?")).to_be_visible()
    shot(plain, "english-home")
    fits(plain)
    plain.get_by_role("button", name="Larger text").click()
    fits(plain)
    plain.get_by_role("link", name="Report a problem").first.click()
    plain.get_by_label("What happened").fill("The street lamp at the gate is broken.")
    fits(plain)
    plain.get_by_role("button", name="Next").click()
    fits(plain)
    plain.get_by_role("button", name="Next").click()
    plain.get_by_role("textbox", name="Mobile number").fill(PHONE)
    fits(plain)
    plain.get_by_role("button", name="Next").click()
    plain.get_by_label("6-digit code from the text message").fill(last_code(box))
    plain.get_by_role("button", name="Continue").click()
    fits(plain)
    plain.get_by_role("button", name="Submit").click()
    expect(plain.get_by_text(Case.objects.get().number)).to_be_visible()
    plain.get_by_role("link", name="See the progress").click()
    expect(plain.get_by_text("Your request has been received.")).to_be_visible()
    fits(plain)
    plain.get_by_role("button", name="简体中文").click()
    expect(plain.get_by_text("已收到您的诉求。")).to_be_visible()
