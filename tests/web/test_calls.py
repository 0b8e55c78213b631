"""A call: who is calling and what is like it while somebody types; a closed page loses nothing."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import now
from jieban.cases import drafts
from jieban.cases.models import AccessLog, Case, Draft
from jieban.registry.models import Place
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
