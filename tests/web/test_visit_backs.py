"""The caller's desk: whom to call, three questions, nobody answered."""

from datetime import timedelta

import pytest

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import Case, VisitBack
from tests.cases.scene import AT, Scene, handling, make_case, reported
from tests.web.desks import at_desk

ANSWERS = {"contacted": "yes", "solved": "yes", "satisfied": "mostly", "remark": "来得很快", "reached": "yes"}


def numbers(scene: Scene) -> list[str]:
    return [case.number for case in at_desk(scene, "caller").get("/visit-backs/").context["cases"]]


def test_the_list_begins_with_the_earliest_limit(scene: Scene) -> None:
    late, early = reported(scene, at=AT + timedelta(hours=3)), reported(scene, at=AT)
    make_case(scene)
    assert numbers(scene) == [early.number, late.number]


def test_a_merged_case_is_called_once_its_primary_is_reported(scene: Scene) -> None:
    primary = handling(scene)
    follower = make_case(scene)
    actions.merge(follower.pk, actor=scene.actor("dispatcher"), at=AT, primary_id=primary.pk)
    assert numbers(scene) == []
    for kind in ("needs", "opinion"):
        actions.record_visit(
            primary.pk, actor=scene.actor("department"), at=AT, kinds=[kind], way="phone", said="尽快"
        )
    actions.report_result(primary.pk, actor=scene.actor("department"), at=AT, text="已修好")
    assert numbers(scene) == [follower.number, primary.number]
    page = at_desk(scene, "caller").get(f"/cases/{follower.number}/visit-back/").content.decode()
    assert "已修好" in page


def test_three_answers_are_recorded_and_the_next_call_follows(scene: Scene) -> None:
    case = reported(scene)
    desk = at_desk(scene, "caller")
    page = desk.get(f"/cases/{case.number}/visit-back/").content.decode()
    assert "已更换灯具并通电" in page and "楼道灯坏了三天" in page
    answer = desk.post(f"/cases/{case.number}/visit-back/", ANSWERS)
    assert answer["Location"] == "/visit-backs/"
    row = VisitBack.objects.get()
    assert (row.reached, row.contacted, row.solved, row.satisfied) == (True, "yes", "yes", "mostly")
    assert numbers(scene) == []


def test_a_question_left_open_is_asked_again(scene: Scene) -> None:
    case = reported(scene)
    answer = at_desk(scene, "caller").post(f"/cases/{case.number}/visit-back/", ANSWERS | {"solved": ""})
    assert answer.status_code == 422
    assert "请选择“问题是否已经解决”。" in answer.content.decode() and "来得很快" in answer.content.decode()
    assert VisitBack.objects.count() == 0


def test_nobody_answered_is_counted_and_stays_on_the_list(scene: Scene) -> None:
    case = reported(scene, at=now())
    desk = at_desk(scene, "caller")
    assert desk.post(f"/cases/{case.number}/visit-back/", {"reached": "no"})["Location"] == "/visit-backs/"
    page = desk.get("/visit-backs/")
    assert [c.attempts for c in page.context["cases"]] == [1]
    assert "1 次无人接听" in page.content.decode()


def test_who_comes_second_is_told(scene: Scene) -> None:
    case = reported(scene)
    desk = at_desk(scene, "caller")
    desk.post(f"/cases/{case.number}/visit-back/", ANSWERS)
    answer = desk.post(f"/cases/{case.number}/visit-back/", ANSWERS)
    assert answer.status_code == 409
    assert "本件已经回访过了。" in answer.content.decode()


def test_the_requester_rates_the_own_case(scene: Scene) -> None:
    case = make_case(scene, by="resident", channel="web")
    department = scene.actor("department")
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk)
    actions.sign(case.pk, actor=department, at=AT)
    for kind in ("needs", "opinion"):
        actions.record_visit(case.pk, actor=department, at=AT, kinds=[kind], way="phone", said="尽快")
    actions.report_result(case.pk, actor=department, at=AT, text="已修好")
    desk = at_desk(scene, "resident")
    assert "无人接听" not in desk.get(f"/cases/{case.number}/visit-back/").content.decode()
    assert desk.post(f"/cases/{case.number}/visit-back/", ANSWERS)["Location"] == f"/cases/{case.number}/"
    assert VisitBack.objects.get().by_requester
    assert Case.objects.get(pk=case.pk).visited_back_at is not None


@pytest.mark.parametrize("name", ["operator", "dispatcher", "department", "supervisor", "resident"])
def test_others_have_no_calling_list(scene: Scene, name: str) -> None:
    assert at_desk(scene, name).get("/visit-backs/").status_code == 403


def test_others_do_not_visit_back(scene: Scene) -> None:
    case = reported(scene)
    for name in ("department", "supervisor", "operator"):
        assert at_desk(scene, name).post(f"/cases/{case.number}/visit-back/", ANSWERS).status_code == 403
    assert VisitBack.objects.count() == 0
