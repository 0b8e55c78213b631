"""A call: who is calling and what is like it while somebody types; a closed page loses nothing."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import SHANGHAI, local, now
from jieban.cases import drafts
from jieban.cases.models import AccessLog, Case, Draft
from jieban.channels.models import Message
from jieban.registry.models import Place
from jieban.web.alarms import EmergencyCard
from tests.cases.scene import AT, Scene, closed, handling, make_case
from tests.web.desks import at_desk

TYPED = {"key": "k" * 32, "text": "路边井盖松动，走过去咣当响", "phone": "100 0123 4567", "name": "王建国"}


def beside(desk: Client, **fields: str) -> str:
    answer = desk.post("/calls/beside/", TYPED | fields)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_callers_earlier_cases_are_shown_and_each_look_is_logged_once(scene: Scene) -> None:
    mine = make_case(scene, text="楼道灯不亮")
    make_case(scene, text="别人的事", phone="10009999999")
    desk = at_desk(scene, "operator")
    page = beside(desk)
    assert "楼道灯不亮" in page and "别人的事" not in page
    beside(desk, text="路边井盖松动，走过去咣当响，很危险")
    log = AccessLog.objects.get()
    assert (log.case_id, log.person_id, log.reason) == (
        mine.pk,
        scene.actor("operator").person_id,
        "来电号码查询",
    )
    assert "10001234567" not in page and "王建国" not in page


def test_a_number_still_being_typed_finds_nobody(scene: Scene) -> None:
    make_case(scene, text="楼道灯不亮", phone="100012")
    assert "楼道灯不亮" not in beside(at_desk(scene, "operator"), phone="100012")
    assert not AccessLog.objects.exists()


def test_going_on_with_an_earlier_case_takes_what_was_typed_along(scene: Scene) -> None:
    running, done = handling(scene, at=now()), closed(scene, at=now() - timedelta(days=2))
    desk = at_desk(scene, "operator")
    page = beside(desk)
    assert f'formaction="/cases/{running.number}/remind/"' in page
    assert f'formaction="/cases/{done.number}/reopen/"' in page
    assert Draft.objects.exists()
    desk.post(f"/cases/{running.number}/remind/", TYPED)
    assert not Draft.objects.exists()
    running.refresh_from_db()
    assert running.reminded_count == 1
    assert TYPED["text"] in running.events.get(action="remind").texts.values_list("text", flat=True)


def test_like_cases_are_found_by_what_is_typed_and_where(scene: Scene) -> None:
    community = Place.objects.get(level="community")
    make_case(scene, at=now(), text="路边井盖松动", phone="10009999999", place_id=community.pk)
    make_case(scene, at=now(), text="暖气不热", phone="10009999999", place_id=community.pk)
    page = beside(at_desk(scene, "operator"), place=str(community.pk), phone="")
    assert "路边井盖松动" in page and "暖气不热" not in page and "说法相近、同一社区" in page
    assert "路边井盖松动" in beside(at_desk(scene, "operator"), phone="")


def test_what_is_typed_is_kept_sealed_and_comes_back(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    assert "已自动保存" in beside(desk)
    row = Draft.objects.get()
    assert "王建国".encode() not in bytes(row.sealed)
    page = desk.get("/cases/new/")
    assert page.context["form"]["text"].value() == TYPED["text"]
    assert "没有提交的登记已恢复" in page.content.decode()
    desk.post("/cases/new/", TYPED | {"kind": "appeal", "nature": "help", "urgency": "normal"})
    assert Case.objects.count() == 1
    assert not Draft.objects.exists()
    assert desk.get("/cases/new/").context["form"]["text"].value() is None


def test_a_draft_is_its_writers_alone_and_for_a_day(scene: Scene) -> None:
    writer, other = scene.actor("operator").person_id, scene.actor("dispatcher").person_id
    assert writer and other
    drafts.keep(writer, "a", {"text": "一"}, AT)
    assert drafts.newest(other, AT) is None
    assert drafts.newest(writer, AT + timedelta(hours=25)) is None
    drafts.keep(writer, "b", {"text": "二"}, AT + timedelta(hours=25))
    assert Draft.objects.count() == 1


def test_a_draft_that_is_not_wanted_goes(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    beside(desk)
    assert desk.post("/calls/drop/", {"key": TYPED["key"]})["Location"] == "/cases/new/"
    assert not Draft.objects.exists()


@pytest.mark.parametrize("name", ["resident", "dispatcher", "department", "caller", "auditor"])
@pytest.mark.parametrize("address", ["/calls/beside/", "/calls/drop/"])
def test_others_take_no_calls(scene: Scene, name: str, address: str) -> None:
    make_case(scene, text="楼道灯不亮")
    assert at_desk(scene, name).post(address, TYPED).status_code == 403
    assert not Draft.objects.exists() and not AccessLog.objects.exists()


def test_the_number_is_never_in_an_address(scene: Scene) -> None:
    assert at_desk(scene, "operator").get(f"/calls/beside/?{urlencode(TYPED)}").status_code == 405


def test_a_pause_takes_as_many_queries_for_eight_earlier_cases_as_for_one(scene: Scene) -> None:
    desk = at_desk(scene, "operator")

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            beside(desk)
        return len(caught)

    make_case(scene, at=now())
    beside(desk)
    first = count()
    for _ in range(7):
        make_case(scene, at=now())
    beside(desk)
    assert count() == first


def test_what_a_page_never_sends_breaks_nothing(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    odd = dict.fromkeys(("key", "text", "phone", "place", "category", "kind"), "\x00" * 3 + "9" * 300)
    assert desk.post("/calls/beside/", odd).status_code == 200
    assert desk.post("/calls/drop/", odd).status_code == 302
    assert not Draft.objects.exists()
    case = make_case(scene)
    assert (
        desk.post(f"/cases/{case.number}/remind/", {"text": "催", "key": "\0", "also": "\0"}).status_code
        == 302
    )


SENT = {
    "kind": "appeal", "nature": "help", "urgency": "normal", "text": "燃气味道很大，楼道里都能闻到",
    "phone": "10001234567", "key": "x" * 32,
}  # fmt: skip


def test_like_case_takes_the_call_up_and_its_caller_is_still_visited_back(scene: Scene) -> None:
    running = handling(scene, at=now(), text="燃气味道大")
    desk = at_desk(scene, "operator")
    for _ in range(2):  # pressed twice
        answer = desk.post("/cases/new/", SENT | {"join": running.number})
    assert answer.status_code == 302
    joined = Case.objects.exclude(pk=running.pk).get()
    assert (joined.state, joined.primary_id) == ("merged", running.pk)
    assert [event.action for event in joined.events.order_by("seq")] == ["receive", "merge"]


def test_operator_joins_only_what_they_have_received_while_the_caller_is_there(scene: Scene) -> None:
    running = handling(scene, at=now())
    old = make_case(scene, at=now() - timedelta(minutes=31))
    others = make_case(scene, at=now(), by="resident", channel="web")
    desk = at_desk(scene, "operator")
    for case in (old, others):
        assert desk.post(f"/cases/{case.number}/merge/", {"primary": running.number}).status_code == 403
    own = make_case(scene, at=now())
    assert desk.post(f"/cases/{own.number}/merge/", {"primary": running.number}).status_code == 302


def test_what_cannot_be_joined_is_not_received_either(scene: Scene) -> None:
    done = closed(scene, at=now() - timedelta(days=2))
    answer = at_desk(scene, "operator").post("/cases/new/", SENT | {"join": done.number})
    assert answer.status_code == 422 and "不能再并入" in answer.content.decode()
    assert Case.objects.count() == 1


def test_consultation_is_answered_on_the_line_in_one_go(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    asked = SENT | {"nature": "consult", "answer": "请到街道政务服务中心窗口办理。"}
    assert desk.post("/cases/new/", asked | {"nature": "help"}).status_code == 422
    for _ in range(2):
        assert desk.post("/cases/new/", asked).status_code == 302
    case = Case.objects.get()
    assert case.state == "answered"
    assert case.events.get(action="answer_now").texts.get().text == "请到街道政务服务中心窗口办理。"


def test_emergency_is_received_and_handed_over_with_the_time_of_the_call(scene: Scene) -> None:
    called = local(now() - timedelta(minutes=3))
    card = {"called_119": "on", "at_119": f"{called:%H:%M}", "said_119": "指挥中心李，已出动"}
    desk = at_desk(scene, "operator")
    assert desk.post("/cases/new/", SENT | card | {"said_119": ""}).status_code == 422
    for _ in range(2):
        assert desk.post("/cases/new/", SENT | card).status_code == 302
    case = Case.objects.get()
    event = case.events.get(action="hand_over")
    assert (case.state, event.facts["service"]) == ("declined", "119")
    assert local(datetime.fromisoformat(event.facts["called_at"])).strftime("%H:%M") == card["at_119"]
    assert Message.objects.filter(template="danger").count() == 1


def test_emergency_that_stays_with_the_district_is_received_as_dangerous_with_its_calls(scene: Scene) -> None:
    card = {
        "called_119": "on", "said_119": "指挥中心李", "called_120": "on", "said_120": "急救王", "stays": "on",
    }  # fmt: skip
    assert at_desk(scene, "operator").post("/cases/new/", SENT | card).status_code == 302
    case = Case.objects.get()
    assert (case.state, case.urgency) == ("received", "life")
    notes = [event.texts.get().text for event in case.events.filter(action="add_note").order_by("seq")]
    assert [note[6:] for note in notes] == ["已拨打 119 消防：指挥中心李", "已拨打 120 急救：急救王"]


def test_card_is_kept_with_the_draft(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    beside(desk, called_110="on", at_110="03:05", said_110="接警员赵")
    page = desk.get("/cases/new/").content.decode()
    assert 'value="03:05"' in page and "接警员赵" in page


def test_only_one_of_the_ways_may_be_taken(scene: Scene) -> None:
    running = handling(scene, at=now())
    sent = SENT | {"nature": "consult", "answer": "好", "join": running.number}
    assert at_desk(scene, "operator").post("/cases/new/", sent).status_code == 422
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("hour", "clock", "minutes"), [(12, "12:00", 0), (12, "11:59", -1), (0, "23:58", -2), (12, "00:00", -720)]
)
def test_clock_time_of_a_call_is_the_last_one_that_was(hour: int, clock: str, minutes: int) -> None:
    at = datetime(2026, 3, 10, hour, 0, tzinfo=SHANGHAI)
    card = EmergencyCard({"called_110": "on", "at_110": clock, "said_110": "赵"}, at=at)
    assert card.is_valid()
    assert card.alarms()[0].called_at - at == timedelta(minutes=minutes)


def test_call_cannot_have_been_made_later_than_now() -> None:
    at = datetime(2026, 3, 10, 12, 0, tzinfo=SHANGHAI)
    card = EmergencyCard({"called_110": "on", "at_110": "12:02", "said_110": "赵"}, at=at)
    assert card.errors == {"at_110": ["通话时间不能晚于现在。"]}
