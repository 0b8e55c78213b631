"""The rounds on a phone: who sees what of them, their forms without a script, and what a phone sends later."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import AccessLog, Case, CaseEvent, SentItem, Visit, WhistleCall
from jieban.registry.identity.posts import Actor
from jieban.registry.models import Place
from jieban.web.page.offline_owner import owner_of
from tests.base.hostile_files import picture
from tests.cases.scene import Scene, dispatched, handling, make_case, make_scene, reported, visited
from tests.web.signed_in import at_desk, signed_in

PHOTO = picture()
KEY = "3f1c2a9e-5b1d-4c8e"
VISIT = {"kinds": ["needs"], "way": "in_person", "said": "灯不亮"}


def photo(width: int = 64) -> SimpleUploadedFile:
    return SimpleUploadedFile("1.jpg", picture(size=(width, 48)), content_type="image/jpeg")


def shared(scene: Scene, **values: Any) -> Case:
    """A case of the street in which the property company has its share."""
    case = make_case(scene, at=now(), is_property=True, **values)
    actions.dispatch(
        case.pk,
        actor=scene.actor("dispatcher"),
        at=now(),
        lead_id=scene.unit("S").pk,
        property_id=scene.unit("P").pk,
    )
    return actions.sign(case.pk, actor=scene.actor("street"), at=now())


def send(client: Client, case: Case, actor: Actor, **more: Any) -> dict[str, Any]:
    fields = {
        "key": KEY, "owner": owner_of(actor.person_id, actor.post_id), "number": case.number,
        "action": "record_visit", "taken_at": now().isoformat(), "version": case.event_count, **VISIT, **more,
    }  # fmt: skip
    answer = client.post("/field/send/", fields)
    assert answer.status_code == 200
    return dict(answer.json())


def sent(scene: Scene, case: Case, name: str = "department", **more: Any) -> dict[str, Any]:
    return send(at_desk(scene, name), case, scene.actor(name), **more)


@pytest.mark.parametrize("name", ["department", "community", "street", "property"])
def test_those_who_handle_have_their_rounds_in_the_navigation(scene: Scene, name: str) -> None:
    page = at_desk(scene, name).get("/field/")
    assert page.status_code == 200
    assert '<a href="/field/" aria-current="page">今天要办</a>' in page.content.decode()


@pytest.mark.parametrize(
    "name", ["dispatcher", "operator", "caller", "resident", "analyst", "auditor", "admin"]
)
def test_others_have_no_rounds(scene: Scene, name: str) -> None:
    case = handling(scene)
    desk = at_desk(scene, name)
    assert "/field/" not in desk.get("/cases/").content.decode()
    for address in ("/field/", f"/field/{case.number}/", f"/field/{case.number}/record_visit/"):
        assert desk.get(address).status_code == 403
    assert desk.post(f"/field/{case.number}/call/").status_code == 403
    assert desk.post("/field/send/").status_code == 403


def test_the_list_is_grouped_by_the_clock_and_says_what_comes_next(scene: Scene) -> None:
    late = handling(scene)
    later = visited(scene, at=now(), grade="complex")
    first = dispatched(scene, at=now(), grade="complex")
    page = at_desk(scene, "department").get("/field/")
    shown = {g.label: [(r.case.number, r.label, r.next) for r in g.rows] for g in page.context["groups"]}
    assert shown["已超时"] == [(late.number, "办结", "访需求")]
    # Late in the evening two hours for signing end tomorrow.
    assert sorted(shown.get("今天", []) + shown["之后"]) == [
        (later.number, "办结", "报结"),
        (first.number, "签收", "签收"),
    ]
    assert shown["之后"][-1] == (later.number, "办结", "报结")
    assert "老山" not in page.content.decode()  # the address is sealed, and no place is known


def test_by_distance_the_nearest_comes_first_and_the_position_is_kept_nowhere(scene: Scene) -> None:
    far, near = handling(scene, at=now()), handling(scene, at=now())
    none = handling(scene, at=now(), place_id=Place.objects.get(level="community").pk)
    Case.objects.filter(pk=far.pk).update(lat=39.92, long=116.20)
    Case.objects.filter(pk=near.pk).update(lat=39.9036, long=116.20)
    Case.objects.filter(pk=none.pk).update(lat=None, long=None)
    desk = at_desk(scene, "department")
    page = desk.post("/field/near/", {"lat": "39.90", "long": "116.20"})
    assert [(g.label, [r.case.number for r in g.rows]) for g in page.context["groups"]] == [
        ("由近到远", [near.number, far.number]),
        ("没有定位点", [none.number]),
    ]
    words = page.content.decode()
    assert "步行约 7 分钟" in words and "老山东里北社区" in words and "老山东里北12号楼" not in words
    assert "39.9" not in words and "39.9" not in str(dict(desk.session))
    for wrong in ({}, {"lat": "x", "long": "1"}, {"lat": "nan", "long": "116"}, {"lat": "1", "long": "1"}):
        answer = desk.post("/field/near/", wrong)
        assert (answer.status_code, "打开手机定位" in answer.content.decode()) == (422, True)


def test_the_list_and_what_the_phone_keeps_of_it_hold_no_personal_data(scene: Scene) -> None:
    handling(scene, at=now(), text="请回电 10001239876，家住12号楼。", subject="请回电 10001239876")
    page = at_desk(scene, "department").get("/field/")
    words = page.content.decode()
    for personal in ("10001234567", "10001239876", "王建国", "老山东里北12号楼"):
        assert personal not in words
    assert set(page.context["kept"][0]) == {
        "number", "subject", "place", "clock", "due", "until", "next", "visits", "several", "version",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["department", "property"])
def test_thirty_lines_take_as_many_queries_as_one(scene: Scene, name: str) -> None:
    make = {"department": handling, "property": shared}[name]
    desk = at_desk(scene, name)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert desk.get("/field/").status_code == 200
        return len(seen)

    make(scene)
    first = queries()
    for _ in range(29):
        make(scene)
    assert queries() == first


def called(scene: Scene, *, place: str = "12号楼下", units: tuple[str, ...] = ("D1",)) -> Case:
    """A case of the street, to which it has called departments."""
    case = handling(scene, at=now(), lead="S")
    return actions.whistle(
        case.pk, actor=scene.actor("street"), at=now(), kind="joint", place=place,
        unit_ids=[scene.unit(code).pk for code in units], meet_at=now() + timedelta(hours=1),
    )  # fmt: skip


def test_a_called_unit_sees_the_whistle_and_reports_at_one_press(scene: Scene) -> None:
    case, desk = (
        called(scene, place="12号楼下，找 10001239876", units=("D1", "D2")),
        at_desk(scene, "department"),
    )
    page = desk.get("/field/").content.decode()
    assert "待报到" in page and "单位S吹哨 · 12号楼下" in page and case.subject in page
    assert "10001239876" not in page and "现在没有要办的事" not in page
    address = f"/field/{case.number}/report-in/"
    assert address in page and desk.get(f"/field/{case.number}/").status_code == 200
    assert desk.post(address)["Location"] == "/field/"
    assert "待报到" not in desk.get("/field/").content.decode()
    arrived = WhistleCall.objects.filter(arrived_at__isnull=False)
    assert [call.unit.code for call in arrived] == ["D1"]
    assert "贵单位已经报到" in desk.post(address, follow=True).content.decode()
    assert CaseEvent.objects.filter(case=case, action="arrive").count() == 1
    other = at_desk(scene, "department2").get("/field/").content.decode()
    assert "待报到" in other  # each unit answers for itself


def test_of_two_whistles_in_a_case_the_first_is_answered_first(scene: Scene) -> None:
    case, desk = called(scene, place="东门"), at_desk(scene, "department")
    actions.whistle(
        case.pk, actor=scene.actor("street"), at=now() + timedelta(minutes=1), kind="joint", place="西门",
        unit_ids=[scene.unit("D1").pk], meet_at=now() + timedelta(minutes=30),
    )  # fmt: skip
    assert [one.place for one in desk.get("/field/").context["whistles"]] == ["西门", "东门"]
    assert "已报到：东门" in desk.post(f"/field/{case.number}/report-in/", follow=True).content.decode()
    assert [one.place for one in desk.get("/field/").context["whistles"]] == ["西门"]


@pytest.mark.parametrize(("name", "status"), [("street", 302), ("community", 403), ("dispatcher", 403)])
def test_who_was_not_called_reports_nowhere(scene: Scene, name: str, status: int) -> None:
    case = called(scene)
    if name != "dispatcher":
        assert "待报到" not in at_desk(scene, name).get("/field/").content.decode()
    assert at_desk(scene, name).post(f"/field/{case.number}/report-in/").status_code == status
    assert not WhistleCall.objects.filter(arrived_at__isnull=False).exists()


def test_thirty_whistles_take_as_many_queries_as_one(scene: Scene) -> None:
    desk = at_desk(scene, "department")
    counts = []
    for number in (1, 29):
        for _ in range(number):
            called(scene)
        with CaptureQueriesContext(connection) as seen:
            page = desk.get("/field/")
        counts.append(len(seen))
    assert counts[0] == counts[1] and len(page.context["whistles"]) == 30


def test_the_page_says_what_to_do_next_until_when(scene: Scene) -> None:
    case = dispatched(scene, at=now(), grade="complex")
    desk = at_desk(scene, "department")

    def page() -> Any:
        return desk.get(f"/field/{case.number}/").context

    assert page()["sentence"].startswith("请在") and page()["sentence"].endswith("前签收。")
    assert page()["main"].label == "签收"
    desk.post(f"/field/{case.number}/sign/", {"key": KEY + "-1"})
    assert "前联系诉求人，记录访需求。" in page()["sentence"]
    assert page()["main"].label == "记录访需求"
    for number, kind in enumerate(("needs", "opinion")):
        desk.post(f"/field/{case.number}/record_visit/", VISIT | {"kinds": [kind], "key": f"{KEY}-v{number}"})
    assert page()["main"].label == "报结"
    assert [(stop.label[:3], stop.state) for stop in page()["stops"]] == [
        ("签收", "done"), ("访需求", "done"), ("访意见", "done"), ("访效果", "open"), ("报结", "now"),
    ]  # fmt: skip
    answer = desk.post(f"/field/{case.number}/report_result/", {"key": KEY + "-r", "text": "已修好"})
    assert answer["Location"] == f"/field/{case.number}/"
    assert Case.objects.get(pk=case.pk).state == "reported"
    assert page()["main"] is None


def test_a_form_works_without_a_script_and_pressed_twice_is_done_once(scene: Scene) -> None:
    case = handling(scene, at=now())
    desk = at_desk(scene, "department")
    page = desk.get(f"/field/{case.number}/record_visit/?kind=opinion")
    assert page.context["act"].form.fields["kinds"].initial == ["opinion"]
    for _ in range(2):
        sent_form = VISIT | {"key": page.context["key"], "photos": [photo(), photo(80)]}
        assert desk.post(f"/field/{case.number}/record_visit/", sent_form).status_code == 302
    assert (Visit.objects.count(), case.attachments.count()) == (1, 2)


def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(scene: Scene) -> None:
    case = handling(scene, at=now())
    desk = at_desk(scene, "department")
    form = desk.get(f"/field/{case.number}/report_result/").content.decode()
    assert "还不能报结，还差：" in form and "<li>访意见</li>" in form
    answer = desk.post(f"/field/{case.number}/report_result/", {"key": KEY, "text": "灯具已更换"})
    words = answer.content.decode()
    assert answer.status_code == 422 and "还差：访需求、访意见。" in words
    assert "灯具已更换" in words and f'value="{KEY}"' in words
    empty = desk.post(f"/field/{case.number}/record_visit/", {"key": KEY, "way": "phone", "kinds": ["needs"]})
    assert empty.status_code == 422 and "请填写“来电人怎么说”。" in empty.content.decode()
    wrong = VISIT | {"key": KEY, "photos": SimpleUploadedFile("1.jpg", b"<html>")}
    assert desk.post(f"/field/{case.number}/record_visit/", wrong).status_code == 422
    many = VISIT | {"key": KEY, "photos": [photo() for _ in range(7)]}
    assert desk.post(f"/field/{case.number}/record_visit/", many).status_code == 422
    assert not Visit.objects.exists()


def test_what_a_phone_does_not_offer_leads_to_the_page_that_does(scene: Scene) -> None:
    case = handling(scene, at=now())
    desk = at_desk(scene, "department")
    assert desk.get(f"/field/{case.number}/dispute/")["Location"] == f"/cases/{case.number}/dispute/"
    assert desk.get(f"/field/{case.number}/nonsense/").status_code == 404
    assert desk.get(f"/field/{case.number}/co_report/").status_code == 403


def test_a_case_of_another_unit_is_not_there(scene: Scene) -> None:
    case = handling(scene, lead="D2")
    desk = at_desk(scene, "department")
    for address in ("", "record_visit/"):
        assert desk.get(f"/field/{case.number}/{address}").status_code == 404
    assert desk.post(f"/field/{case.number}/call/").status_code == 404


def test_a_call_is_logged_and_its_number_is_in_no_page(scene: Scene) -> None:
    case = handling(scene, at=now())
    desk = at_desk(scene, "department")
    page = desk.get(f"/field/{case.number}/").content.decode()
    assert "打电话" in page and "10001234567" not in page and "王建国" not in page
    assert desk.get(f"/field/{case.number}/call/").status_code == 405
    answer = desk.post(f"/field/{case.number}/call/", headers={"accept": "application/json"})
    assert answer.json() == {"dial": "tel:10001234567"}
    assert "no-store" in answer["Cache-Control"]
    log = AccessLog.objects.get()
    assert (log.case_id, log.person_id, log.reason) == (
        case.pk, scene.actor("department").person_id, "联系诉求人",
    )  # fmt: skip
    plain = desk.post(f"/field/{case.number}/call/").content.decode()
    assert 'href="tel:10001234567"' in plain and ">10001234567" not in plain
    assert AccessLog.objects.count() == 2


def test_who_asked_to_stay_hidden_is_not_called(scene: Scene) -> None:
    case = handling(scene, at=now(), hidden=True)
    desk = at_desk(scene, "department")
    assert "打电话" not in desk.get(f"/field/{case.number}/").content.decode()
    assert desk.post(f"/field/{case.number}/call/").status_code == 403
    assert not AccessLog.objects.exists()


def test_the_company_sees_its_share_and_not_who_asked(scene: Scene) -> None:
    case = shared(scene, text="楼道灯坏了，电话 10001239876")
    handling(scene, lead="S", at=now())
    desk = at_desk(scene, "property")
    rows = [row for group in desk.get("/field/").context["groups"] for row in group.rows]
    assert [(row.case.number, row.label, row.next) for row in rows] == [(case.number, "回复", "回复主办单位")]
    page = desk.get(f"/field/{case.number}/")
    words = page.content.decode()
    for hidden in ("王", "10001234567", "10001239876", "100****4567", "打电话", "记录访需求", "12号楼"):
        assert hidden not in words
    assert [(stop.label, stop.state) for stop in page.context["stops"]] == [("单位P回复主办单位", "now")]
    assert desk.post(f"/field/{case.number}/call/").status_code == 403
    assert sent(scene, case, "property")["state"] == "refused"
    assert not Visit.objects.exists()
    reply = {"key": KEY, "text": "已更换灯具", "photos": photo()}
    assert desk.post(f"/field/{case.number}/co_report/", reply).status_code == 302
    assert desk.get("/field/").context["groups"] == []


def test_the_company_may_call_whoever_agreed(scene: Scene) -> None:
    case = shared(scene, shared_with_property=True)
    desk = at_desk(scene, "property")
    assert "打电话" in desk.get(f"/field/{case.number}/").content.decode()
    answer = desk.post(f"/field/{case.number}/call/", headers={"accept": "application/json"})
    assert answer.json() == {"dial": "tel:10001234567"}


def test_what_a_phone_sends_is_kept_once_with_the_time_it_was_taken_down(scene: Scene) -> None:
    case = handling(scene, at=now() - timedelta(hours=3))
    taken = now() - timedelta(hours=2)
    first = sent(scene, case, taken_at=taken.isoformat(), photos=[photo()])
    assert first["state"] == "sent"
    assert sent(scene, case, taken_at=taken.isoformat(), photos=[photo()]) == first
    assert Visit.objects.get().at == taken and case.attachments.count() == 1
    case.refresh_from_db()
    assert case.contact_met_at == taken


def test_a_repeat_is_answered_also_when_the_case_has_moved_on(scene: Scene) -> None:
    case = handling(scene, at=now())
    first = sent(scene, case)
    actions.withdraw(case.pk, actor=scene.actor("operator"), at=now(), reason="已解决")
    assert sent(scene, case) == first


@pytest.mark.parametrize(
    ("taken", "code"),
    [
        (timedelta(hours=1), "future"),
        (timedelta(hours=-80), "late"),
        (timedelta(hours=-200), "too_early"),
    ],
)
def test_a_time_that_cannot_be_right_is_explained(scene: Scene, taken: timedelta, code: str) -> None:
    case = handling(scene, at=now() - timedelta(hours=100))
    at: datetime = now() + taken
    answer = sent(scene, case, taken_at=at.isoformat())
    assert (answer["state"], answer["code"]) == ("refused", code) and answer["words"]
    again = sent(scene, case, taken_at=at.isoformat(), confirmed="yes")
    assert again["state"] == ("sent" if code == "late" else "refused")


@pytest.mark.parametrize("taken", ["", "yesterday", "2026-03-02T10:00:00", "9" * 40])
def test_no_time_is_a_sentence_too(scene: Scene, taken: str) -> None:
    case = handling(scene, at=now())
    assert sent(scene, case, taken_at=taken)["code"] == "no_time"


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ""}, {"key": "x" * 65}, {"key": "\0" * 9}, {"said": "\0"},
        {"action": "report_result"}, {"action": "nonsense"}, {"number": "SJ1"},
        {"number": "\0"}, {"version": "x"}, {"version": "9" * 30, "kinds": ["z"]}, {"kinds": []}, {"way": "x"},
        {"said": ""}, {"said": "长" * 20_001},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_in_words(scene: Scene, wrong: dict[str, Any]) -> None:
    case = handling(scene, at=now())
    answer = sent(scene, case, **wrong)
    if wrong == {"version": "x"}:
        assert answer["state"] == "sent"  # only what is told of a conflict depends on it
        return
    assert answer["state"] == "refused" and answer["words"]
    assert not SentItem.objects.exists() and not Visit.objects.exists()


def test_an_item_of_another_person_does_not_go_out(scene: Scene) -> None:
    case = handling(scene, at=now())
    answer = send(at_desk(scene, "department"), case, scene.actor("department2"))
    assert answer["code"] == "other_owner"
    assert not SentItem.objects.exists()


def test_a_case_that_moved_on_is_explained_with_what_was_done_since(scene: Scene) -> None:
    case = visited(scene, at=now())
    seen = case.event_count
    actions.report_result(case.pk, actor=scene.actor("department"), at=now(), text="已修好")
    answer = sent(scene, case, kinds=["effect"], version=seen)
    assert answer["state"] == "refused" and "案件现在是“已报结”" in answer["words"]
    assert len(answer["since"]) == 1 and answer["since"][0].endswith("您 报结")
    note = sent(scene, case, action="add_note", text="访效果：满意", key=KEY + "-note")
    assert note["state"] == "sent"


def test_a_case_that_another_unit_took_over_is_explained(scene: Scene) -> None:
    case = handling(scene, at=now())
    seen = case.event_count
    actions.dispute(case.pk, actor=scene.actor("department"), at=now(), reason="不属于本单位")
    actions.settle(
        case.pk, actor=scene.actor("dispatcher"), at=now(), outcome="reassign", text="按职责",
        lead_id=scene.unit("D2").pk,
    )  # fmt: skip
    actions.sign(case.pk, actor=scene.actor("department2"), at=now())
    answer = sent(scene, case, version=seen)
    assert answer["state"] == "refused" and "不由您的单位办理" in answer["words"]
    assert [line.split(" ", 2)[-1] for line in answer["since"]][-1] == "人员department2 签收"


def test_a_meeting_that_a_colleague_recorded_meanwhile_is_said_as_that(scene: Scene) -> None:
    case = handling(scene, at=now())
    assert sent(scene, case)["state"] == "sent"
    answer = sent(scene, case, key=KEY + "-2")
    assert (answer["code"], answer["words"]) == ("made_before", "访需求已经有记录，不能再记一次。")


def test_what_happened_in_a_case_out_of_sight_is_not_told(scene: Scene) -> None:
    case = reported(scene, lead="D2")
    answer = sent(scene, case, version=0)
    assert (answer["code"], answer["since"]) == ("not_found", [])


@pytest.fixture
def committed(transactional_db: None) -> Iterator[Scene]:
    yield make_scene()


def test_two_sends_of_one_key_at_once_are_answered_alike(committed: Scene) -> None:
    case = handling(committed, at=now())
    taken, barrier = now().isoformat(), Barrier(2)
    answers: list[dict[str, Any]] = []
    clients = [signed_in(committed.actor("department")) for _ in range(2)]

    def run(client: Client) -> None:
        barrier.wait()
        try:
            actor = committed.actor("department")
            answers.append(send(client, case, actor, taken_at=taken, photos=[photo()]))
        finally:
            connection.close()

    for round_ in range(3):
        threads = [Thread(target=run, args=[client]) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 2 * (round_ + 1)
    assert answers == [answers[0]] * 6 and answers[0]["state"] == "sent"
    assert (Visit.objects.count(), case.attachments.count(), SentItem.objects.count()) == (1, 1, 1)


def test_the_token_names_whose_it_is(scene: Scene) -> None:
    actor = scene.actor("department")
    answer = at_desk(scene, "department").get("/field/token/").json()
    assert answer["owner"] == owner_of(actor.person_id, actor.post_id) and len(answer["token"]) > 30
    assert answer["owner"] != owner_of(actor.person_id, scene.actor("department2").post_id)


def test_the_page_without_a_network_is_the_same_for_everybody(scene: Scene, client: Client) -> None:
    handling(scene, at=now())
    shell = client.get("/field/shell/").content
    assert at_desk(scene, "department").get("/field/shell/").content == shell
    assert "csrf" not in shell.decode() and "人员department" not in shell.decode()


def test_the_worker_serves_the_whole_site_and_names_its_content(client: Client) -> None:
    answer = client.get("/field-sw.js")
    assert answer["Service-Worker-Allowed"] == "/" and answer["Cache-Control"] == "no-cache"
    assert answer["Content-Type"].startswith("text/javascript")
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    assert "manifest-src 'self'" in answer["Content-Security-Policy"]
    script = answer.content.decode()
    assert 'const CACHE = "jieban-field-' in script and "/static/jieban/field-store.js" in script
