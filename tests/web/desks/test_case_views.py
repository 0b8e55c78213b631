"""The page of one case: what each post reads there, and what it may press."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import AccessLog, Case, CaseEvent
from jieban.web.case.file_links import signed_link
from tests.base.hostile_files import picture
from tests.cases.scene import AT, Scene, closed, dispatched, handling, make_case, reported, visited
from tests.web.signed_in import at_desk

PHOTO = picture()


def page_of(scene: Scene, name: str, case: Case) -> Any:
    return at_desk(scene, name).get(f"/cases/{case.number}/")


def offered(scene: Scene, name: str, case: Case) -> list[str]:
    return [act.name for act in page_of(scene, name, case).context["acts"]]


def main(scene: Scene, name: str, case: Case) -> list[str]:
    return [act.name for act in page_of(scene, name, case).context["acts"] if act.main]


def test_each_post_is_offered_its_next_step_first(scene: Scene) -> None:
    assert main(scene, "dispatcher", make_case(scene)) == ["dispatch"]
    assert main(scene, "operator", make_case(scene, nature="consult")) == ["answer_now"]
    assert main(scene, "department", dispatched(scene)) == ["sign"]
    assert main(scene, "department", handling(scene)) == ["record_visit"]
    assert main(scene, "department", visited(scene)) == ["report_result"]
    assert main(scene, "supervisor", reported(scene)) == []
    assert main(scene, "leader", make_case(scene)) == []


def test_what_has_nothing_to_act_on_is_not_offered(scene: Scene) -> None:
    case = handling(scene)
    assert {"grant", "refuse", "settle"} & set(offered(scene, "supervisor", case)) == set()
    actions.request_extension(
        case.pk, actor=scene.actor("department"), at=AT, new_due_at=AT + timedelta(days=9), reason="等待配件"
    )
    assert {"grant", "refuse"} <= set(offered(scene, "supervisor", case))
    assert "request_extension" not in offered(scene, "department", case)


def test_an_action_is_done_by_its_form(scene: Scene) -> None:
    case = make_case(scene)
    desk = at_desk(scene, "dispatcher")
    answer = desk.post(
        f"/cases/{case.number}/dispatch/",
        {"lead": scene.unit("D1").pk, "co_handlers": [scene.unit("D2").pk], "note": "请尽快联系诉求人"},
        follow=True,
    )
    assert answer.redirect_chain == [(f"/cases/{case.number}/", 302)]
    page = answer.content.decode()
    assert "已记录：派单。" in page
    assert "派单给单位D1，协办：单位D2" in page and "请尽快联系诉求人" in page
    assert Case.objects.get(pk=case.pk).state == "dispatched"


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(scene: Scene) -> None:
    case = handling(scene)
    desk = at_desk(scene, "department")
    answer = desk.post(f"/cases/{case.number}/report_result/", {"text": "灯具已经更换"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "还不能报结，还差：访需求、访意见。" in page and "灯具已经更换" in page
    assert desk.post(f"/cases/{case.number}/report_result/", {"text": ""}).status_code == 422
    assert Case.objects.get(pk=case.pk).state == "handling"


def test_who_comes_second_is_told_and_keeps_the_words(scene: Scene) -> None:
    case = dispatched(scene)
    answer = at_desk(scene, "dispatcher").post(
        f"/cases/{case.number}/decline/", {"reason": "outside", "told": "请向属地派出所反映"}
    )
    assert answer.status_code == 409
    assert "请刷新页面看最新情况" in answer.content.decode()
    assert "请向属地派出所反映" in answer.content.decode()


def test_an_action_of_another_post_is_refused(scene: Scene) -> None:
    case = make_case(scene)
    before = CaseEvent.objects.count()
    answer = at_desk(scene, "operator").post(f"/cases/{case.number}/dispatch/", {"lead": scene.unit("D1").pk})
    assert answer.status_code == 403
    assert at_desk(scene, "operator").get(f"/cases/{case.number}/dispatch/").status_code == 403
    assert CaseEvent.objects.count() == before


@pytest.mark.parametrize("name", ["nonsense", "warn", "receive", "visit_back", "recompute_due"])
def test_there_are_no_pages_for_what_nobody_presses(scene: Scene, name: str) -> None:
    case = make_case(scene)
    assert at_desk(scene, "dispatcher").get(f"/cases/{case.number}/{name}/").status_code == 404


@pytest.mark.parametrize("name", ["department2", "resident", "property", "admin"])
def test_a_case_out_of_sight_is_not_there(scene: Scene, name: str) -> None:
    case = handling(scene)
    assert page_of(scene, name, case).status_code == 404
    assert at_desk(scene, name).get("/cases/SJ20260302-99999-1/").status_code == 404


def test_a_form_comes_alone_when_the_page_asks_for_it(scene: Scene) -> None:
    case = handling(scene)
    desk = at_desk(scene, "department")
    whole = desk.get(f"/cases/{case.number}/dispute/").content.decode()
    part = desk.get(f"/cases/{case.number}/dispute/", headers={"hx-request": "true"}).content.decode()
    assert "<html" in whole and "退单理由" in whole
    assert "<html" not in part and "退单理由" in part


def test_who_asked_is_masked_until_a_reason_is_recorded(scene: Scene) -> None:
    case = handling(scene)
    desk = at_desk(scene, "department")
    page = desk.get(f"/cases/{case.number}/").content.decode()
    assert "王**" in page and "100****4567" in page
    assert "王建国" not in page and "10001234567" not in page and "老山东里北12号楼" not in page

    assert desk.post(f"/cases/{case.number}/contact/", {"reason": " "}).status_code == 422
    assert AccessLog.objects.count() == 0

    seen = desk.post(f"/cases/{case.number}/contact/", {"reason": "约定上门时间"}).content.decode()
    assert "王建国" in seen and "10001234567" in seen and "老山东里北12号楼" in seen
    log = AccessLog.objects.get()
    assert (log.case_id, log.person_id, log.reason) == (
        case.pk, scene.actor("department").person_id, "约定上门时间",
    )  # fmt: skip


def test_who_asked_stays_hidden_from_those_who_need_not_know(scene: Scene) -> None:
    kept = handling(scene, hidden=True)
    open_case = handling(scene)
    for name, case in (
        ("department", kept),
        ("leader", open_case),
        ("analyst", open_case),
        ("auditor", open_case),
    ):
        desk = at_desk(scene, name)
        assert "王*" not in desk.get(f"/cases/{case.number}/").content.decode()
        assert desk.post(f"/cases/{case.number}/contact/", {"reason": "了解情况"}).status_code == 403
    assert AccessLog.objects.count() == 0


def test_the_auditor_reads_the_course_and_not_the_words(scene: Scene) -> None:
    case = reported(scene)
    page = page_of(scene, "auditor", case).content.decode()
    assert "报结" in page
    assert "楼道灯坏了三天" not in page and "已更换灯具并通电" not in page


def test_the_requester_follows_the_case_without_the_talk_of_the_office(scene: Scene) -> None:
    case = make_case(scene, by="resident", channel="web")
    actions.dispatch(
        case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk, note="尽快去看看"
    )
    actions.sign(case.pk, actor=scene.actor("department"), at=AT)
    actions.add_note(case.pk, actor=scene.actor("department"), at=AT, text="此人多次来电")
    page = page_of(scene, "resident", case).content.decode()
    assert "派单给单位D1" in page and "接下了这件事" in page
    for hidden in ("此人多次来电", "尽快去看看", "人员department", "人员dispatcher"):
        assert hidden not in page


def test_a_photograph_is_kept_and_given_back_to_be_saved(scene: Scene) -> None:
    case = handling(scene)
    desk = at_desk(scene, "department")
    desk.post(f"/cases/{case.number}/attach/", {"file": SimpleUploadedFile("老张家.jpg", PHOTO)})
    kept = case.attachments.get()
    answer = desk.get(signed_link("attachment", case.number, kept.pk, scene.actor("department")))
    assert Image.open(BytesIO(answer.content)).size == (64, 48)
    assert answer["Content-Disposition"] == f'inline; filename="{case.number}-{kept.pk}.jpg"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    for name, status in (("auditor", 404), ("department2", 404)):
        url = signed_link("attachment", case.number, kept.pk, scene.actor(name))
        assert at_desk(scene, name).get(url).status_code == status
    assert (
        desk.get(signed_link("attachment", case.number, kept.pk + 1, scene.actor("department"))).status_code
        == 404
    )


def test_a_file_of_another_kind_is_refused_with_a_sentence(scene: Scene) -> None:
    case = handling(scene)
    answer = at_desk(scene, "department").post(
        f"/cases/{case.number}/attach/", {"file": SimpleUploadedFile("a.jpg", b"<html>")}
    )
    assert answer.status_code == 422
    assert "“a.jpg”：不能上传网页、SVG 或脚本文件。请转成 PDF 或照片后再上传。" in answer.content.decode()


def test_where_nobody_asked_the_page_speaks_of_no_meetings(scene: Scene) -> None:
    found = make_case(scene, by="patrol", kind="patrol", channel="patrol", name="", phone="")
    actions.dispatch(
        found.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk,
        co_handler_ids=[scene.unit("D2").pk],
    )  # fmt: skip
    actions.sign(found.pk, actor=scene.actor("department"), at=AT)
    page = page_of(scene, "department", found).content.decode()
    assert "<h2>报结须备<" in page and "单位D2的协办回复" in page and "访需求：听清要什么" not in page
    assert "<h2>三见面<" in page_of(scene, "department", handling(scene)).content.decode()


def test_a_patrol_case_is_checked_with_a_photograph_or_not_at_all(scene: Scene) -> None:
    case = make_case(scene, by="patrol", kind="patrol", channel="patrol", name="", phone="")
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk)
    actions.sign(case.pk, actor=scene.actor("department"), at=AT)
    actions.report_result(case.pk, actor=scene.actor("department"), at=AT, text="已清运")
    desk = at_desk(scene, "supervisor")
    sent = {"passed": "yes", "text": "已清理干净"}
    assert desk.post(f"/cases/{case.number}/check/", sent).status_code == 422
    wrong = SimpleUploadedFile("a.jpg", b"no photograph")
    assert desk.post(f"/cases/{case.number}/check/", sent | {"photo": wrong}).status_code == 422
    assert case.attachments.count() == 0
    desk.post(f"/cases/{case.number}/check/", sent | {"photo": SimpleUploadedFile("a.jpg", PHOTO)})
    assert case.attachments.count() == 1
    assert Case.objects.get(pk=case.pk).visited_back_at is not None


def test_matters_are_split_at_empty_lines(scene: Scene) -> None:
    case = make_case(scene)
    at_desk(scene, "dispatcher").post(
        f"/cases/{case.number}/split/", {"matters": "楼道灯坏了\r\n三天没修\r\n\r\n井盖松动\r\n请加固"}
    )
    children = Case.objects.filter(parent=case).order_by("id")
    assert [child.subject for child in children] == ["楼道灯坏了", "井盖松动"]


def test_a_case_that_leaves_the_posts_sight_leads_back_to_the_list(scene: Scene) -> None:
    case = reported(scene)
    answer = at_desk(scene, "caller").post(f"/cases/{case.number}/send_back/", {"reason": "灯还是不亮"})
    assert answer["Location"] == "/cases/"


@pytest.mark.parametrize("name", ["dispatcher", "department", "supervisor", "caller"])
def test_the_page_takes_as_many_queries_for_thirty_steps_as_for_one(scene: Scene, name: str) -> None:
    case = reported(scene)
    desk = at_desk(scene, name)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert desk.get(f"/cases/{case.number}/").status_code == 200
        return len(seen)

    actions.add_note(case.pk, actor=scene.actor("department"), at=AT, text="已联系厂家")
    first = queries()
    for _ in range(29):
        actions.add_note(case.pk, actor=scene.actor("department"), at=AT, text="已联系厂家")
    assert queries() == first


def test_every_state_has_a_first_line(scene: Scene) -> None:
    words = {
        make_case: "已受理，等待派单；",
        dispatched: "已派给单位D1，应在",
        handling: "单位D1正在办理",
        reported: "单位D1已报结，热线",
        closed: "结案。",
    }
    for make, expected in words.items():
        case = make(scene, at=now())
        assert expected in page_of(scene, "dispatcher", case).context["first_line"]


def test_a_meeting_and_a_report_bring_their_papers_on_the_desk(scene: Scene) -> None:
    case = visited(scene)
    desk = at_desk(scene, "department")
    paper = SimpleUploadedFile("完工.jpg", picture())
    report = {"text": "已于3月2日由照明班更换灯具，依据城市照明管理规定。", "papers": [paper]}
    assert desk.post(f"/cases/{case.number}/report_result/", report).status_code == 302
    assert (Case.objects.get(pk=case.pk).state, case.attachments.count()) == ("reported", 1)
    other = handling(scene)
    met = {"kinds": ["needs"], "way": "phone", "said": "灯不亮"}
    assert desk.post(f"/cases/{other.number}/record_visit/", met).status_code == 302
    assert (other.visits.count(), other.attachments.count()) == (1, 0)


def test_a_draft_leaves_the_files_that_were_chosen(scene: Scene) -> None:
    """What a draft puts in place of the result's field has no field for files: that one stays beside it."""
    desk, case = at_desk(scene, "department"), visited(scene)
    page = desk.get(f"/cases/{case.number}/report_result/").content.decode()
    part = page.split('id="reply"')[1]
    assert page.count('name="papers"') == 1
    assert part.index('id="reply-remarks"') < part.index("</noscript>") < part.index('name="papers"')
