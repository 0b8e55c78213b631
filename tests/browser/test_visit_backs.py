"""A caller's hands stay on the keys: number, three answers, the next case."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from jieban.base.clock import now
from jieban.cases.models import VisitBack
from tests.cases.calls import call_at_any_hour
from tests.cases.scene import Scene, make_scene, reported

from .conftest import overflow, sign_in


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    scene = make_scene()
    call_at_any_hour()
    for number, text in enumerate(("楼道灯不亮", "井盖松动", "垃圾成堆")):
        reported(scene, at=now() - timedelta(minutes=30 - number), text=text)
    return scene


def shown(page: Page, words: str) -> None:
    expect(page.locator("#record h1")).to_have_text(words)
    assert overflow(page) == 0


@pytest.mark.parametrize("page", ["desk"], indirect=True)
def test_three_cases_are_called_without_the_mouse(page: Page, scene: Scene) -> None:
    keys = page.keyboard
    sign_in(page, "caller")
    expect(page.get_by_role("heading", name="待回访")).to_be_visible()
    keys.press("Enter")

    shown(page, "楼道灯不亮")
    expect(page.locator("#dial")).not_to_contain_text("10001234567")
    keys.press("d")
    expect(page.locator(".dial-number")).to_have_text("10001234567")
    for figure in "121":
        keys.press(figure)
    keys.press("w")
    keys.type("换了两次才亮")
    keys.press("Escape")
    keys.press("r")
    keys.type("R-0017")
    keys.press("Control+Enter")

    shown(page, "井盖松动")
    keys.press("n")

    shown(page, "垃圾成堆")
    keys.press("1")
    keys.press("b")
    keys.press("0")
    keys.press("Enter")  # two questions are still open: it goes to the first of them
    keys.press("3")
    keys.press("3")
    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    keys.press("Enter")

    expect(page.get_by_role("main")).to_contain_text("现在没有可以打的")
    expect(page.get_by_role("main")).to_contain_text("第 2 次")
    said = {
        row.case.subject: (row.reached, row.contacted, row.solved, row.satisfied, row.recording)
        for row in VisitBack.objects.select_related("case")
    }
    assert said == {
        "楼道灯不亮": (True, "yes", "partly", "yes", "R-0017"),
        "井盖松动": (False, "", "", "", None),
        "垃圾成堆": (True, "no_answer", "no", "no", None),
    }


def test_a_call_fits_both_widths(page: Page, scene: Scene) -> None:
    sign_in(page, "caller")
    expect(page.get_by_role("heading", name="待回访")).to_be_visible()
    assert overflow(page) == 0
    page.get_by_role("button", name="楼道灯不亮").click()
    shown(page, "楼道灯不亮")
    page.get_by_role("button", name="显示号码").click()
    expect(page.locator(".dial-number")).to_be_visible()
    assert overflow(page) == 0
