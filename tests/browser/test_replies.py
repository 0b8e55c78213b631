"""What stands out in a result appears while it is typed, at the desk, on the phone and beside the visit-back."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jieban.base.clock import now
from jieban.cases.models import Case
from tests.cases.calls import call_at_any_hour
from tests.cases.scene import Scene, make_scene, reported, visited
from tests.channels.model_server import ModelServer, model_server

from .conftest import overflow, sign_in

FORMS = {"case": "/cases/%s/", "rounds": "/field/%s/report_result/"}
SAID = "老山东里北12号楼有两件事：1、楼道灯坏了三天，老人上下楼不方便。2、垃圾桶满了没有人清运，气味很大。"


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    scene = make_scene()
    call_at_any_hour()
    return scene


@pytest.fixture
def server(settings: Any) -> Iterator[ModelServer]:
    with model_server() as told:
        settings.MODEL_ADDRESS = told.address
        yield told


@pytest.mark.parametrize("address", FORMS.values(), ids=FORMS)
def test_remarks_come_while_the_result_is_typed(page: Page, scene: Scene, address: str) -> None:
    case = visited(scene, at=now(), text=SAID, subject="12号楼楼道灯和垃圾清运")
    sign_in(page, "department", address % case.number)
    field, told = page.get_by_label("办理结果"), page.locator("#reply-remarks")
    field.press_sequentially("已与王建国联系，楼道灯将尽快更换。")
    expect(told).to_contain_text("请删去，改称“诉求人”")
    expect(told).to_contain_text("什么时候办理的、依据是什么")
    expect(told).to_contain_text("诉求中的这一事项没有看到答复：“2、垃圾桶满了")
    expect(field).to_be_focused()
    assert overflow(page) == 0
    field.fill("路灯管理所已于3月2日按养护标准更换楼道灯，垃圾桶已清运。")
    expect(told).to_contain_text("没有需要提示的地方")
    page.get_by_role("button", name="报结").last.click()
    expect(page.locator("#notices")).to_contain_text("已记录：报结")
    assert Case.objects.get(pk=case.pk).state == "reported"


@pytest.mark.parametrize("address", FORMS.values(), ids=FORMS)
def test_a_draft_is_fetched_by_a_press_and_marked(
    page: Page, scene: Scene, server: ModelServer, address: str
) -> None:
    case = visited(scene, at=now(), text=SAID)
    sign_in(page, "department", address % case.number)
    page.get_by_label("办理结果").fill("已到现场。")
    page.get_by_role("button", name="起草答复").click()
    field = page.get_by_label("办理结果")
    expect(field).to_have_value(
        "已到现场。\n【机器草稿，请逐句核对修改，核对后删去本行】\n经现场核实，楼道灯已更换。"
    )
    expect(page.locator("#reply-remarks")).to_contain_text("还留有机器草稿的标记")
    assert overflow(page) == 0
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")).to_have_count(0)
    field.fill("经现场核实，3月2日更换楼道灯。")
    expect(page.locator("#reply-remarks")).not_to_contain_text("机器草稿的标记")


def test_whoever_calls_back_sees_what_stands_out(page: Page, scene: Scene) -> None:
    case = reported(scene, at=now())
    sign_in(page, "caller", f"/cases/{case.number}/visit-back/")
    expect(page.get_by_role("heading", name="提示核对")).to_be_visible()
    expect(page.locator(".remarks")).to_contain_text("没有写明谁办理的")
    assert overflow(page) == 0
