"""The caller's desk: whom to call, three questions, nobody answered."""

from datetime import timedelta

import pytest

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import AccessLog, CallLease, Case, EventText, VisitBack
from jieban.registry.roles import Role
from tests.cases.calls import call_at_any_hour, call_in_three_hours
from tests.cases.scene import AT, Scene, handling, make_actor, make_case, reported
from tests.web.signed_in import at_desk, signed_in

ANSWERS = {"contacted": "yes", "solved": "yes", "satisfied": "mostly", "remark": "来得很快", "reached": "yes"}


@pytest.fixture(autouse=True)
def any_hour(db: None) -> None:
    call_at_any_hour()


def numbers(scene: Scene) -> list[str]:
    offers = at_desk(scene, "caller").get("/visit-backs/").context["offers"]
    return [offer.case.number for offer, _words in offers]


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


def test_nobody_answered_is_counted_and_offered_later(scene: Scene) -> None:
    case = reported(scene, at=now())
    desk = at_desk(scene, "caller")
    assert desk.post(f"/cases/{case.number}/visit-back/", {"reached": "no"})["Location"] == "/visit-backs/"
    page = desk.get("/visit-backs/")
    assert [offer.number for offer, _words in page.context["later"]] == [2]
    assert "第 2 次，上次 刚刚 无人接" in page.content.decode() and "刚才无人接听" in page.content.decode()
    assert numbers(scene) == []


def test_the_next_case_opens_by_itself(scene: Scene) -> None:
    first, second = reported(scene), reported(scene, at=AT + timedelta(minutes=1))
    desk = at_desk(scene, "caller")
    assert desk.post("/visit-backs/start/")["Location"] == f"/cases/{first.number}/visit-back/"
    answer = desk.post(f"/cases/{first.number}/visit-back/", ANSWERS | {"recording": "R-17"})
    assert answer["Location"] == f"/cases/{second.number}/visit-back/"
    assert VisitBack.objects.get().recording == "R-17"
    assert list(CallLease.objects.values_list("case", flat=True)) == [second.pk]


def test_a_case_on_the_telephone_is_not_given_to_another(scene: Scene) -> None:
    case = reported(scene)
    other = signed_in(make_actor(scene, "caller2", Role.CALLER, "HOT"))
    assert other.post("/visit-backs/start/", {"number": case.number}).status_code == 302
    desk = at_desk(scene, "caller")
    assert desk.post("/visit-backs/start/")["Location"] == "/visit-backs/"
    assert desk.post("/visit-backs/start/", {"number": case.number})["Location"] == "/visit-backs/"
    assert "人员caller2正在打这一件" in desk.get("/visit-backs/").content.decode()
    answer = desk.post(f"/cases/{case.number}/visit-back/", ANSWERS)
    assert answer.status_code == 409 and "人员caller2正在打这一件" in answer.content.decode()
    assert desk.post(f"/cases/{case.number}/visit-back/number/").status_code == 409
    assert not VisitBack.objects.exists() and not AccessLog.objects.exists()


def test_the_number_is_shown_by_one_press_and_the_look_recorded(scene: Scene) -> None:
    case = reported(scene)
    desk = at_desk(scene, "caller")
    assert "10001234567" not in desk.get(f"/cases/{case.number}/visit-back/").content.decode()
    shown = desk.post(f"/cases/{case.number}/visit-back/number/").content.decode()
    assert '<p class="dial-number figures" tabindex="-1">10001234567</p>' in shown
    log = AccessLog.objects.get()
    assert (log.case_id, log.person_id, log.reason) == (case.pk, scene.actor("caller").person_id, "回访拨打")


def test_outside_of_the_hours_calling_waits_or_has_a_reason(scene: Scene) -> None:
    case = reported(scene)
    call_in_three_hours(now())
    desk = at_desk(scene, "caller")
    page = desk.get("/visit-backs/").content.decode()
    assert (
        "不打回访电话。" in page and ":00 开始打。" in page and "打第一件" not in page.split("keys-hint")[0]
    )
    address = f"/cases/{case.number}/visit-back/"
    assert "仍要打的原因" in desk.get(address).content.decode()
    assert desk.post("/visit-backs/start/")["Location"] == "/visit-backs/"
    assert desk.post(address, ANSWERS).status_code == 422
    assert desk.post(f"{address}number/").status_code == 422
    desk.post("/visit-backs/start/", {"number": case.number, "reason": " "})
    assert "现在不在回访时间内。" in desk.get(address).content.decode()
    desk.post("/visit-backs/start/", {"number": case.number, "reason": "诉求人要求午后回电"})
    assert "仍要打的原因" not in desk.get(address).content.decode()
    assert desk.post(address, ANSWERS)["Location"] == "/visit-backs/"
    assert EventText.objects.get(name="off_hours").text == "诉求人要求午后回电"


@pytest.mark.parametrize("name", ["operator", "dispatcher", "department", "supervisor", "leader", "resident"])
def test_others_take_no_case_to_call_and_see_no_number(scene: Scene, name: str) -> None:
    case = reported(scene)
    assert at_desk(scene, name).post("/visit-backs/start/", {"number": case.number}).status_code == 403
    assert at_desk(scene, name).post(f"/cases/{case.number}/visit-back/number/").status_code == 403
    assert not CallLease.objects.exists() and not AccessLog.objects.exists()


def test_taking_a_case_is_no_look(scene: Scene) -> None:
    assert at_desk(scene, "caller").get("/visit-backs/start/").status_code == 405


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
