"""What stands out in a result, shown before it is reported and to whoever calls back; drafts of replies."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.checks import result_remarks
from jieban.cases.models import Case, CaseEvent
from tests.cases.scene import AT, Scene, handling, make_case, reported, visited
from tests.channels.model_server import ModelServer, model_server
from tests.web.signed_in import at_desk

HTMX = {"HX-Request": "true"}
LEAK = "已与王建国联系，灯具已更换。"
LEAK_WORDS = "第 3 字起有诉求人的姓名（王**），请删去，改称“诉求人”。"


@pytest.fixture
def server(settings: Any) -> Iterator[ModelServer]:
    with model_server() as told:
        settings.MODEL_ADDRESS = told.address
        yield told


def looked_at(desk: Client, case: Case, text: str) -> str:
    answer = desk.post(f"/cases/{case.number}/reply/", {"text": text}, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_stands_out_is_told_while_it_is_typed_and_changes_nothing(scene: Scene) -> None:
    case = visited(scene)
    desk, events = at_desk(scene, "department"), CaseEvent.objects.count()
    told = looked_at(desk, case, "已更换楼道灯。")
    assert "没有写明谁办理的、什么时候办理的、依据是什么。" in told and "不影响报结" in told
    assert LEAK_WORDS in looked_at(desk, case, LEAK)
    assert "不影响报结" not in looked_at(desk, case, LEAK)
    assert looked_at(desk, case, "").strip() == ""
    assert CaseEvent.objects.count() == events


def test_the_form_of_a_report_asks_for_remarks(scene: Scene) -> None:
    case = visited(scene)
    for address in (f"/cases/{case.number}/", f"/field/{case.number}/report_result/"):
        page = at_desk(scene, "department").get(address).content.decode()
        assert f'hx-post="/cases/{case.number}/reply/"' in page and 'id="reply-remarks"' in page
        assert "起草答复" not in page


@pytest.mark.parametrize("address", ["/cases/%s/report_result/", "/field/%s/report_result/"])
def test_a_report_with_a_leak_is_refused_with_what_to_take_out(scene: Scene, address: str) -> None:
    case = visited(scene, at=now())
    desk = at_desk(scene, "department")
    answer = desk.post(address % case.number, {"text": LEAK, "key": "a-key-of-sixteen"})
    page = answer.content.decode()
    assert answer.status_code == 422 and LEAK_WORDS in page and LEAK in page
    assert Case.objects.get(pk=case.pk).state == "handling"
    desk.post(address % case.number, {"text": "已更换楼道灯。", "key": "a-key-of-sixteen"})
    assert Case.objects.get(pk=case.pk).state == "reported"


def test_without_a_script_the_page_comes_back_with_the_remarks_and_the_text(scene: Scene) -> None:
    case = visited(scene)
    page = at_desk(scene, "department").post(
        f"/cases/{case.number}/reply/", {"text": "已更换", "check": "yes"}
    )
    words = page.content.decode()
    assert "没有写明谁办理的" in words and ">\n已更换</textarea>" in words and "<h1>报结</h1>" in words


def test_the_words_of_a_remark_are_marked_in_their_sentence(scene: Scene) -> None:
    desk, case = at_desk(scene, "department"), visited(scene)
    told = looked_at(desk, case, "3月2日路灯所已更换。<b>后续</b>将尽快安装开关，请放心；已与王建国联系。")
    assert "承诺了办理" in told and "后续&lt;/b&gt;将尽快安装开关</mark>，请放心；" in told
    assert "原文：</span>…已与<mark>王建国</mark>联系。</span>" in told
    assert told.index("王建国") < told.index("提醒")  # what blocks comes first
    lacking = looked_at(desk, case, "已更换楼道灯。")
    assert "没有写明谁办理的" in lacking and "<mark>" not in lacking


def test_what_is_missing_stands_above_the_remarks(scene: Scene) -> None:
    case = handling(scene)
    for address in (f"/cases/{case.number}/report_result/", f"/field/{case.number}/report_result/"):
        page = at_desk(scene, "department").get(address).content.decode()
        assert page.count("还不能报结，还差：<ul><li>访需求</li><li>访意见</li></ul>") == 1
        assert page.index("还不能报结") < page.index('id="reply-remarks"')


@pytest.mark.parametrize("address", ["/cases/%s/", "/field/%s/"])
def test_what_stood_out_in_a_result_that_came_back_is_a_reminder(scene: Scene, address: str) -> None:
    case = reported(scene)
    before = at_desk(scene, "department").get(address % case.number).content.decode()
    actions.send_back(case.pk, actor=scene.actor("caller"), at=AT, reason="没有写明谁修的")
    page = at_desk(scene, "department").get(address % case.number).content.decode()
    assert "<strong>提醒</strong> 没有写明谁办理的、什么时候办理的" in page and "说的是上次报结的内容" in page
    assert "说的是上次报结的内容" not in before
    assert (
        "说的是上次报结的内容"
        not in at_desk(scene, "supervisor").get(f"/cases/{case.number}/").content.decode()
    )


def test_a_reminder_keeps_nobody_from_reporting(scene: Scene) -> None:
    case = reported(scene)
    actions.send_back(case.pk, actor=scene.actor("caller"), at=AT, reason="没有写明谁修的")
    at_desk(scene, "department").post(f"/cases/{case.number}/report_result/", {"text": "已更换楼道灯。"})
    assert Case.objects.get(pk=case.pk).state == "reported"


def test_what_stands_out_is_marked_in_the_result_for_whoever_calls_back(scene: Scene) -> None:
    case = visited(scene)
    text = "3月2日路灯所已更换灯具。开关将尽快安装。"
    actions.report_result(case.pk, actor=scene.actor("department"), at=AT, text=text)
    page = at_desk(scene, "caller").get(f"/cases/{case.number}/visit-back/").content.decode()
    assert "已更换灯具。<mark>开关将尽快安装。</mark>" in page
    Case.objects.filter(pk=case.pk).update(requester=scene.actor("resident").person_id)
    own = at_desk(scene, "resident").get(f"/cases/{case.number}/visit-back/").content.decode()
    assert text in own and "<mark>" not in own


def test_who_may_not_report_gets_no_remarks(scene: Scene) -> None:
    case = handling(scene)
    assert at_desk(scene, "department2").post(f"/cases/{case.number}/reply/").status_code in {403, 404}
    assert at_desk(scene, "caller").post(f"/cases/{case.number}/reply/").status_code == 403
    assert at_desk(scene, "department").post(f"/cases/{make_case(scene).number}/reply/").status_code == 404
    done = reported(scene)
    assert at_desk(scene, "department").post(f"/cases/{done.number}/reply/").status_code == 403


def test_whoever_calls_back_reads_what_stands_out_beside_the_result(scene: Scene) -> None:
    case = reported(scene)
    page = at_desk(scene, "caller").get(f"/cases/{case.number}/visit-back/").content.decode()
    assert "提示核对" in page and "没有写明谁办理的" in page


def test_whoever_brought_the_concern_in_reads_no_remarks(scene: Scene) -> None:
    case = reported(scene)
    Case.objects.filter(pk=case.pk).update(requester=scene.actor("resident").person_id)
    answer = at_desk(scene, "resident").get(f"/cases/{case.number}/visit-back/")
    assert answer.status_code == 200 and "提示核对" not in answer.content.decode()


def test_a_draft_comes_after_what_was_typed_with_its_mark(scene: Scene, server: ModelServer) -> None:
    case = visited(scene)
    desk = at_desk(scene, "department")
    assert "起草答复" in desk.get(f"/cases/{case.number}/").content.decode()
    told = desk.post(
        f"/cases/{case.number}/reply/", {"text": "已到现场", "draft": "yes"}, headers=HTMX
    ).content.decode()
    assert f"已到现场\n{result_remarks.DRAFT_MARK}\n经现场核实，楼道灯已更换。</textarea>" in told
    assert 'name="drafted" value="yes"' in told
    assert "还留有机器草稿的标记" in told
    desk.post(f"/cases/{case.number}/report_result/", {"text": "楼道灯已更换。", "drafted": "yes"})
    event = CaseEvent.objects.get(case=case, action="report_result")
    assert event.facts["drafted"] is True


def test_a_report_in_ones_own_words_says_nothing_of_drafts(scene: Scene) -> None:
    event = CaseEvent.objects.get(case=reported(scene), action="report_result")
    assert "drafted" not in event.facts


def test_a_server_without_a_draft_leaves_what_was_typed(scene: Scene, server: ModelServer) -> None:
    server.status = 500
    case = visited(scene)
    told = (
        at_desk(scene, "department")
        .post(f"/cases/{case.number}/reply/", {"text": "已到现场", "draft": "yes"}, headers=HTMX)
        .content.decode()
    )
    assert "起草服务没有给出可用的草稿" in told and "已到现场</textarea>" in told
    assert 'value="yes"' not in told.split("<textarea")[0]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\u202e\u200b\x00", "😀" * 50, "长" * 250_000, "……"]
)
def test_any_text_gets_an_answer(scene: Scene, text: str) -> None:
    case = visited(scene)
    told = looked_at(at_desk(scene, "department"), case, text)
    assert "<script>" not in told


def test_a_compound_message_comes_split_into_its_form(scene: Scene) -> None:
    case = make_case(scene, text="老山东里北小区有两件事：1、楼道灯坏了三天没人修。2、垃圾桶满了没有人清运。")
    form = at_desk(scene, "dispatcher").get(f"/cases/{case.number}/split/", headers=HTMX).content.decode()
    proposed = (
        "楼道灯坏了三天没人修。\n老山东里北小区有两件事：\n楼道灯坏了三天没人修。\n\n"
        "垃圾桶满了没有人清运。\n老山东里北小区有两件事：\n垃圾桶满了没有人清运。"
    )
    assert proposed in form and "已按原文分成 2 个事项" in form
    one = make_case(scene)
    form = at_desk(scene, "dispatcher").get(f"/cases/{one.number}/split/", headers=HTMX).content.decode()
    assert "已按原文" not in form


def test_a_long_message_is_told_in_a_line_and_a_short_one_is_not(scene: Scene) -> None:
    said = (
        "领导好！老山东里北12号楼的楼道灯坏了半个月，一直没有人来修。"
        + "我们打过很多次电话，每次都说会来看看。" * 10
    )
    page = at_desk(scene, "dispatcher").get(f"/cases/{make_case(scene, text=said).number}/").content.decode()
    assert '<p class="summary"><strong>摘要</strong> 老山东里北12号楼的楼道灯坏了半个月' in page
    page = at_desk(scene, "dispatcher").get(f"/cases/{make_case(scene).number}/").content.decode()
    assert 'class="summary"' not in page


def test_a_long_message_without_a_subject_gets_its_line(scene: Scene) -> None:
    said = (
        "您好。"
        + "我们打过很多次电话，每次都说会来看看。" * 6
        + "老山东里北12号楼的楼道灯坏了半个月没有人修。"
    )
    assert make_case(scene, text=said).subject == "老山东里北12号楼的楼道灯坏了半个月没有人修。"
    assert make_case(scene, text="楼道灯坏了").subject == "楼道灯坏了"


def test_persons_and_plates_are_masked_for_those_who_may_not_know_them(scene: Scene) -> None:
    case = make_case(scene, text="我叫王建国，京A12345停在消防通道，找过李女士。")
    seen = at_desk(scene, "analyst").get(f"/cases/{case.number}/").content.decode()
    assert "建国" not in seen and "A12345" not in seen and "李女士" not in seen
    assert "我叫王**，京A****停在消防通道，找过李**。" in seen
