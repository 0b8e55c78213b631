"""A call: who is calling and what is like it while somebody types; a closed page loses nothing."""

import html
import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jieban.base import vault
from jieban.base.clock import now
from jieban.cases.models import AccessLog, Case, Draft
from jieban.cases.reception import drafts
from jieban.registry.models import Place
from tests.cases.scene import AT, FROM, Scene, closed, handling, make_case
from tests.web.signed_in import at_desk

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
    assert "路边井盖松动" in page and "暖气不热" not in page
    assert "说法相近，都提到“路边井盖松动”；同一社区；同一天" in page
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
    drafts.save_draft(writer, "a", {"text": "一"}, AT)
    assert drafts.newest_draft(other, AT) is None
    assert drafts.newest_draft(writer, AT + timedelta(hours=25)) is None
    drafts.save_draft(writer, "b", {"text": "二"}, AT + timedelta(hours=25))
    assert Draft.objects.count() == 1


def test_a_draft_that_is_not_wanted_goes(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    beside(desk)
    assert desk.post("/calls/drop/", {"key": TYPED["key"]})["Location"] == "/cases/new/"
    assert not Draft.objects.exists()


@pytest.mark.parametrize("name", ["resident", "dispatcher", "department", "caller", "auditor"])
@pytest.mark.parametrize("address", ["/calls/beside/", "/calls/drop/", "/calls/places/", "/calls/point/"])
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


def sent(**fields: str) -> dict[str, str]:
    return {
        "key": "k" * 32, "text": "路边井盖松动，走过去咣当响", "phone": "10001234567", "kind": "appeal",
        "nature": "help", "urgency": "normal", **fields,
    }  # fmt: skip


def estates() -> tuple[Place, Place]:
    """晨光小区 in a community and in another street."""
    community = Place.objects.get(level="community")
    other = Place.objects.create(
        code="S2", level="street", name="八角街道", parent=community.parent.parent, opened_on=FROM
    )
    return tuple(  # type: ignore[return-value]
        Place.objects.create(code=code, level="estate", name="晨光小区", parent=parent, opened_on=FROM)
        for code, parent in (("E1", community), ("E2", other))
    )


def test_a_place_is_sought_by_post_and_shown_with_its_path(scene: Scene) -> None:
    estates()
    desk = at_desk(scene, "operator")
    rows = desk.post("/calls/places/", {"q": "不存在 cg"}).json()["places"]
    assert rows == []
    (row,) = desk.post("/calls/places/", {"q": "ls cg"}).json()["places"]
    assert (row["path"], row["level"]) == ("老山街道 › 老山东里北社区 › 晨光小区", "小区")
    assert desk.get("/calls/places/?q=晨光").status_code == 405


def test_words_of_a_place_are_enough_where_they_mean_one(scene: Scene) -> None:
    here, there = estates()
    desk = at_desk(scene, "operator")
    answer = desk.post("/cases/new/", sent(where="晨光小区"))
    assert answer.status_code == 422
    assert (
        "“晨光小区”有多个地点" in answer.content.decode() and "八角街道 › 晨光小区" in answer.content.decode()
    )
    assert "没有找到“不存在的地方”" in desk.post("/cases/new/", sent(where="不存在的地方")).content.decode()
    desk.post("/cases/new/", sent(where="老山 晨光小区"))
    case = Case.objects.get()
    assert (case.place_id, case.community_id) == (here.pk, here.parent_id)
    desk.post("/cases/new/", sent(key="m" * 32, where="晨光", place=str(there.pk), text="另一件"))
    assert Case.objects.count() == 1  # the words no longer say what was chosen: asked again


def test_a_chosen_building_brings_street_and_community(scene: Scene) -> None:
    here, _there = estates()
    desk = at_desk(scene, "operator")
    desk.post("/cases/new/", sent(place=str(here.pk), where="老山街道 › 老山东里北社区 › 晨光小区"))
    case = Case.objects.get()
    assert (case.place_id, case.community_id, case.street_id) == (
        here.pk,
        here.parent_id,
        here.parent.parent_id,
    )


def test_a_point_is_kept_and_one_abroad_is_told(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    assert "where" in desk.post("/cases/new/", sent(lat="10", long="10")).context["form"].errors
    community = Place.objects.get(level="community")
    desk.post("/cases/new/", sent(lat="39.91", long="116.2", place=str(community.pk)))
    case = Case.objects.get()
    assert (case.lat, case.long, case.community_id) == (39.91, 116.2, community.pk)
    assert desk.post("/calls/point/", {"lat": "39.91", "long": "116.2"}).json()["id"] is None
    assert desk.post("/calls/point/", {"lat": "x", "long": ""}).status_code == 422
    assert desk.post("/calls/point/", {"lat": "nan", "long": "inf"}).status_code == 200


def test_proposals_stand_beside_the_text_until_they_are_taken(scene: Scene) -> None:
    here, _there = estates()
    desk = at_desk(scene, "operator")
    page = beside(desk, text="老山街道的晨光小区冒烟了，请问找谁")
    assert page.count("data-take=") == 4 and "文中提到“冒烟”" in page and "已采用" not in page
    assert f'data-take="place" data-value="{here.pk}"' in page
    page = beside(desk, text="老山街道的晨光小区冒烟了，请问找谁", urgency="life")
    assert page.count("已采用") == 1
    assert not Case.objects.exists()
    assert 'data-take="' not in beside(desk, text="暖气")


def test_where_two_places_have_the_name_the_key_goes_through_both(scene: Scene) -> None:
    here, there = estates()
    desk = at_desk(scene, "operator")
    page = beside(desk, text="晨光小区的楼道灯不亮")
    assert page.count('data-take="place"') == 2 and "不确定，请选一个" in page
    assert page.count("Alt 1") == 1
    page = beside(desk, text="晨光小区的楼道灯不亮", place=str(there.pk))
    assert page.count('data-take="place"') == 2 and page.count("已采用") == 1
    community = Place.objects.get(level="community")
    assert 'data-take="place"' not in beside(desk, text="晨光小区的楼道灯不亮", place=str(community.pk))


def test_the_words_that_led_to_a_proposal_are_named_for_the_page_to_mark(scene: Scene) -> None:
    page = beside(at_desk(scene, "operator"), text="楼道冒烟了，请问找谁<script>")
    words = json.loads(html.unescape(re.search(r'data-words="([^"]*)"', page)[1]))  # type: ignore[index]
    assert words == ["冒烟", "找谁", "请问"]
    page = beside(at_desk(scene, "operator"), text="樓道冒煙了，請問找誰")
    words = json.loads(html.unescape(re.search(r'data-words="([^"]*)"', page)[1]))  # type: ignore[index]
    assert words == ["冒煙", "找誰", "請問"]


def test_nothing_is_chosen_for_the_person(scene: Scene) -> None:
    form = at_desk(scene, "operator").get("/cases/new/").context["form"]
    assert not form["nature"].value() and not form["place"].value() and not form["category"].value()


def test_a_like_case_is_joined_in_one_go_and_pressing_twice_makes_one(scene: Scene) -> None:
    like = handling(scene, at=now(), text="路边井盖松动", phone="10009999999")
    desk = at_desk(scene, "operator")
    assert f'value="join:{like.number}"' in beside(desk, text="路边井盖松动")
    for _time in range(2):
        answer = desk.post("/cases/new/", sent(then=f"join:{like.number}"), follow=True)
    assert "已受理并并入相近诉求" in answer.content.decode()
    case = Case.objects.exclude(pk=like.pk).get()
    assert (case.state, case.primary_id) == ("merged", like.pk)
    assert not Draft.objects.exists()
    refused = desk.post("/cases/new/", sent(key="n" * 32, then=f"join:{case.number}"))
    assert refused.status_code == 422 and Case.objects.count() == 2
    assert sent()["text"] in refused.content.decode()


def test_a_like_case_is_followed_up_with_the_callers_words(scene: Scene) -> None:
    like = handling(scene, at=now(), text="路边井盖松动", phone="10009999999")
    desk = at_desk(scene, "operator")
    assert "已跟进" in desk.post(f"/calls/follow/{like.number}/", sent(), follow=True).content.decode()
    like.refresh_from_db()
    assert like.reminded_count == 1 and like.also_told.count() == 1
    assert desk.post(f"/calls/follow/{like.number}/", sent(phone="")).status_code == 422
    assert at_desk(scene, "dispatcher").post(f"/calls/follow/{like.number}/", sent()).status_code == 403


def test_a_consultation_is_answered_on_the_same_page(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    answer = desk.post("/cases/new/", sent(then="answer", answer="每天八点"))
    assert answer.status_code == 422 and "只有咨询可以即时答复" in answer.content.decode()
    assert "每天八点" in answer.content.decode()
    desk.post("/cases/new/", sent(then="answer", answer="每天八点", nature="consult"))
    assert Case.objects.get().state == "answered"


def test_emergency_calls_are_kept_with_the_draft_and_handed_over_with_the_case(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    called = {"at_119": "2026-03-02T10:00", "who_119": "接警员", "said_119": "三层冒烟"}
    beside(desk, **called)
    form = desk.get("/cases/new/").context["form"]
    assert form["said_119"].value() == "三层冒烟"
    assert "请选“紧急”或“危及生命安全”" in desk.post("/cases/new/", sent(**called)).content.decode()
    answer = desk.post("/cases/new/", sent(then="hand_over", **called), follow=True)
    assert "已报告值班领导" in answer.content.decode()
    assert Case.objects.get().state == "declined"


def test_a_second_tab_does_not_write_over_the_first_ones_draft(scene: Scene) -> None:
    desk = at_desk(scene, "operator")
    beside(desk)
    second = desk.get("/cases/new/").context["form"]
    assert second["key"].value() != TYPED["key"] and second["resumed"].value() == TYPED["key"]
    beside(desk, key=second["key"].value(), resumed=TYPED["key"], text="第二个页面的内容")
    beside(desk, text="第一个页面接着写")
    texts = {json.loads(vault.unseal(row.sealed, "draft"))["text"] for row in Draft.objects.all()}
    assert texts == {"第二个页面的内容", "第一个页面接着写"}
