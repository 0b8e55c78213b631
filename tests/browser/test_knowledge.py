"""An operator searches the knowledge base during a call, reads an article to the caller, and answers by it."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from jieban.base.clock import local_date, now
from jieban.cases.models import CaseEvent
from jieban.channels.models import Message
from jieban.registry.duty import duty_roster
from jieban.registry.knowledge import articles
from jieban.registry.knowledge.articles import ArticleDraft
from jieban.registry.models import Article, Duty, ShiftKind
from jieban.registry.roles import Role
from tests.cases.scene import FROM, Scene, make_actor, make_case, make_scene

from .conftest import overflow, sign_in

DAY = timedelta(days=1)
BODY = "先联系本小区的供热单位上门测温。\n\n请来电人配合：\n- 测温时家里留人\n- 记下报修的时间"


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """Two articles, and somebody on duty."""
    scene = make_scene()
    for title, keywords in (("供暖不热怎样投诉和测温", "暖气 不热"), ("犬只登记和年检", "养狗 狗证")):
        draft = ArticleDraft(
            title, BODY, scene.unit("D1").pk, date(2026, 1, 1), "演示资料", keywords=keywords
        )
        articles.write(draft, actor=scene.actor("admin"), at=now())
    for name, starts, ends in (("白班", "08:00", "20:00"), ("夜班", "20:00", "08:00")):
        ShiftKind.objects.get_or_create(
            name=name, defaults={"starts": starts, "ends": ends, "valid_from": FROM}
        )
    return scene


def test_an_article_is_found_during_a_call_and_read_aloud(page: Page, scene: Scene) -> None:
    sign_in(page, "operator")
    with page.expect_response("**/knowledge/beside/"):
        page.get_by_label("内容", exact=True).press_sequentially("家里暖气不热", delay=10)
    expect(page.locator("#help-hits")).to_contain_text("供暖不热怎样投诉和测温")
    page.keyboard.press("Alt+k")
    expect(page.get_by_label("搜索知识库")).to_be_focused()
    page.keyboard.type("狗证", delay=10)
    expect(page.locator("#help-hits")).to_contain_text("犬只登记和年检")
    expect(page.locator("#help-hits")).not_to_contain_text("供暖")
    page.locator("#help-hits button").first.click()
    expect(page.locator("#aloud")).to_contain_text("测温时家里留人")
    assert overflow(page) == 0


def test_an_article_is_taken_as_the_answer_and_the_history_says_which(page: Page, scene: Scene) -> None:
    case = make_case(scene, at=now(), nature="consult", text="供暖不热找谁")
    sign_in(page, "operator", f"/cases/{case.number}/")
    page.get_by_label("搜索知识库").press_sequentially("测温", delay=10)
    page.locator("#help-hits button").first.click()
    page.get_by_role("button", name="用作答复").click()
    expect(page.get_by_label("答复内容")).to_have_value(BODY)
    assert overflow(page) == 0
    page.get_by_role("button", name="答复并结束").click()
    expect(page.get_by_role("status").first).to_contain_text("已记录")
    article = Article.objects.get(title="供暖不热怎样投诉和测温")
    facts = CaseEvent.objects.get(action="answer_now").facts
    assert (facts["article"], facts["article_version"]) == (article.pk, 1)


def test_the_knowledge_base_and_an_article_fit_the_page(page: Page, scene: Scene) -> None:
    sign_in(page, "operator", "/knowledge/?q=测温")
    expect(page.locator("mark").first).to_be_visible()
    assert overflow(page) == 0
    page.get_by_role("link", name="供暖不热怎样投诉和测温").click()
    page.get_by_label("哪里有误").fill("电话变了")
    page.get_by_role("button", name="转给责任单位").click()
    expect(page.get_by_text("等待责任单位答复")).to_be_visible()
    assert overflow(page) == 0


def test_the_roster_fits_the_page(page: Page, scene: Scene) -> None:
    sign_in(page, "dispatcher", "/duty/new/?unit=HOT")
    page.get_by_label("值班派单").check()
    page.get_by_label("白班").check()
    page.locator("select[name=person]").select_option(str(scene.actor("dispatcher").person_id))
    assert overflow(page) == 0
    page.get_by_role("button", name="排班", exact=True).click()
    expect(page.locator(".roster-who")).to_contain_text("人员dispatcher")
    assert overflow(page) == 0
    assert duty_roster.duties_of(scene.unit("HOT"), local_date(now()))


def test_what_a_shift_leaves_waits_on_the_desk_and_is_confirmed(page: Page, scene: Scene) -> None:
    before = make_actor(scene, "before", Role.DISPATCHER, "HOT")
    hot, change = scene.unit("HOT"), now() - timedelta(minutes=1)
    shift, post = ShiftKind.objects.get(name="白班"), before.post_id
    spans = ((before, change - timedelta(hours=8), change), (scene.actor("dispatcher"), change, change + DAY))
    first, _second = (
        Duty.objects.create(
            unit=hot, role="dispatcher", shift=shift, person_id=who.person_id, post_id=post, phone="12345 转 8",
            starts_at=starts, ends_at=ends,
        )
        for who, starts, ends in spans
    )  # fmt: skip
    case = make_case(scene, at=now())
    duty_roster.hand_over(
        first.pk, actor=before, at=now(), open_matters="一件地点不清，已请来电人补充", cases=[case.number]
    )
    sign_in(page, "dispatcher", "/desk/")
    expect(page.get_by_text("的交班记录等您签收").first).to_be_visible()
    assert overflow(page) == 0
    page.get_by_role("link", name="读交班记录").first.click()
    page.get_by_role("button", name="已读，签收").click()
    expect(page.get_by_role("status").first).to_contain_text("已签收")
    assert overflow(page) == 0
    page.goto("/desk/")
    expect(page.locator(".duty-line").first).to_contain_text("值班：人员dispatcher（值班派单）")
    expect(page.get_by_text("等您签收")).to_have_count(0)
    Message.objects.create(template="no_duty.dispatched", about=case.number, unit=hot, queued_at=now())
    page.goto("/messages/")
    expect(page.get_by_text("该单位此时无人值班")).to_be_visible()
    assert overflow(page) == 0
