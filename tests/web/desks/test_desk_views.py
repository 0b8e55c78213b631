"""The desk: what waits, the case, the decision; afterwards the next one."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import now
from jieban.cases import actions
from jieban.cases.models import Case
from jieban.registry.models import Place
from tests.cases.scene import AT, Scene, dispatched, handling, make_case
from tests.web.signed_in import at_desk


def place() -> int:
    return Place.objects.get(level="community").pk


def listed(page: HttpResponse, *, chosen: bool = False) -> list[str]:
    """The numbers of the queue in their order, or only the one that is marked as chosen."""
    mark = r' aria-current="true"' if chosen else ""
    return re.findall(rf'case=(SJ[\d-]+)" data-row-link{mark}', page.content.decode())


def here(page: HttpResponse) -> str:
    return next(iter(listed(page, chosen=True)), "")


def test_the_first_that_waits_is_shown_and_after_it_the_next(scene: Scene) -> None:
    cases = [make_case(scene) for _ in range(3)]
    desk = at_desk(scene, "dispatcher")
    page = desk.get("/desk/")
    assert here(page) == cases[0].number
    assert listed(page) == [case.number for case in cases]
    answer = desk.post(f"/cases/{cases[0].number}/dispatch/?desk=dispatch", {"lead": scene.unit("D1").pk})
    assert answer["Location"] == f"/desk/?queue=dispatch&case={cases[1].number}"
    answer = desk.post(f"/cases/{cases[2].number}/dispatch/?desk=dispatch", {"lead": scene.unit("D1").pk})
    assert answer["Location"] == f"/desk/?queue=dispatch&case={cases[1].number}"
    answer = desk.post(f"/cases/{cases[1].number}/dispatch/?desk=dispatch", {"lead": scene.unit("D1").pk})
    assert answer["Location"] == "/desk/?queue=dispatch"


def test_when_nothing_else_waits_the_case_is_followed_to_its_new_queue(scene: Scene) -> None:
    first, second = dispatched(scene, lead="D1"), dispatched(scene, lead="D1")
    desk = at_desk(scene, "department")
    answer = desk.post(f"/cases/{first.number}/sign/?desk=sign")
    assert answer["Location"] == f"/desk/?queue=sign&case={second.number}"
    answer = desk.post(f"/cases/{second.number}/sign/?desk=sign")
    assert answer["Location"] == f"/desk/?queue=handle&case={second.number}"


def test_what_does_not_leave_the_queue_stays_in_sight(scene: Scene) -> None:
    case = make_case(scene)
    make_case(scene)
    answer = at_desk(scene, "dispatcher").post(
        f"/cases/{case.number}/add_note/?desk=dispatch", {"text": "先问清地址"}
    )
    assert answer["Location"] == f"/desk/?queue=dispatch&case={case.number}"


def test_what_is_missing_is_said_on_the_desk(scene: Scene) -> None:
    case = make_case(scene)
    answer = at_desk(scene, "dispatcher").post(
        f"/cases/{case.number}/dispatch/?desk=dispatch", {"note": "请速办"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="desk"' in page and "请选择“主办单位”" in page and "请速办" in page


def test_like_cases_are_dispatched_together_and_each_by_itself(scene: Scene) -> None:
    case, like, moved = [make_case(scene, place_id=place(), text="路边井盖松动") for _ in range(3)]
    desk = at_desk(scene, "dispatcher")
    page = desk.get("/desk/").content.decode()
    assert f'name="also" value="{like.number}" form="form-dispatch"' in page
    actions.decline(
        moved.pk,
        actor=scene.actor("dispatcher"),
        at=AT,
        reason="litigation",
        told="请向法院反映",
        danger=False,
    )
    sent = {
        "lead": scene.unit("D1").pk,
        "note": "一并处理",
        "also": [like.number, moved.number, "SJ20260101-00001-1"],
    }
    page = desk.post(f"/cases/{case.number}/dispatch/?desk=dispatch", sent, follow=True).content.decode()
    assert "同时处理相近诉求 1 件" in page
    assert page.count("没有一并处理") == 2 and f"没有一并处理 {moved.number}" in page
    for done in (case, like):
        done.refresh_from_db()
        assert (done.state, done.lead_id) == ("dispatched", scene.unit("D1").pk)
    assert like.events.get(action="dispatch").texts.get().text == "一并处理"


def test_only_a_dispatch_is_done_to_several(scene: Scene) -> None:
    case, like = make_case(scene, text="路边井盖松动"), make_case(scene, text="路边井盖松动")
    desk = at_desk(scene, "dispatcher")
    desk.post(f"/cases/{case.number}/add_note/?desk=dispatch", {"text": "备注", "also": [like.number]})
    assert like.events.count() == 1


def test_two_cases_are_compared_and_merged(scene: Scene) -> None:
    primary, second = make_case(scene, text="路边井盖松动"), make_case(scene, text="路边井盖松动了")
    desk = at_desk(scene, "dispatcher")
    page = desk.get(f"/desk/?queue=dispatch&case={second.number}&beside={primary.number}")
    words = page.content.decode()
    assert "路边井盖松动</p>" in words and "路边井盖松动了</p>" in words and "并入主件" in words
    desk.post(page.context["merge_url"], {"primary": primary.number})
    second.refresh_from_db()
    assert (second.state, second.primary_id) == ("merged", primary.pk)


def test_proposals_say_their_ground_and_what_was_done_before(scene: Scene) -> None:
    for _ in range(3):
        handling(scene, at=now() - timedelta(days=2), category_id=scene.category.pk, lead="D2")
    make_case(scene, category_id=scene.category.pk)
    page = at_desk(scene, "dispatcher").get("/desk/").content.decode()
    assert f'data-choose="{scene.unit("D2").pk}"' in page
    assert "目录未列，曾主办相近诉求" in page and "近 90 天主办相近诉求 3 件" in page


@pytest.mark.parametrize("name", ["resident", "auditor", "operator"])
def test_others_have_no_desk(scene: Scene, name: str) -> None:
    assert at_desk(scene, name).get("/desk/").status_code == 403


def test_a_case_out_of_sight_is_said_on_the_desk(scene: Scene) -> None:
    other = handling(scene, lead="D2")
    page = at_desk(scene, "department").get(f"/desk/?queue=handle&case={other.number}")
    assert "已不在您的范围内" in page.content.decode() and "楼道灯" not in page.content.decode()


def test_the_desk_begins_where_something_waits(scene: Scene) -> None:
    handling(scene, lead="D1")
    assert at_desk(scene, "department").get("/desk/").context["queue"] == "handle"


@pytest.mark.parametrize("name", ["dispatcher", "department", "supervisor"])
def test_the_desk_takes_as_many_queries_for_thirty_rows_as_for_one(scene: Scene, name: str) -> None:
    desk = at_desk(scene, name)
    queue = {"dispatcher": "dispatch", "department": "sign", "supervisor": "overdue"}[name]
    make = make_case if name == "dispatcher" else dispatched

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            page = desk.get(f"/desk/?queue={queue}")
        assert page.context["rows"]
        return len(caught)

    make(scene, place_id=place())
    make(scene, place_id=place())
    first = count()
    for _ in range(28):
        make(scene, place_id=place())
    assert Case.objects.count() == 30
    assert count() == first


def test_a_dispute_is_shown_with_the_words_of_both_sides(scene: Scene) -> None:
    case = make_case(scene)
    actions.dispatch(
        case.pk, actor=scene.actor("dispatcher"), at=AT, lead_id=scene.unit("D1").pk, note="按目录属你单位"
    )
    actions.dispute(case.pk, actor=scene.actor("department"), at=AT, reason="路段归公路分局管养")
    page = at_desk(scene, "dispatcher").get("/desk/?queue=disputes").content.decode()
    both = page[page.index('class="to-decide"') : page.index('class="said"')]
    assert "按目录属你单位" in both and "路段归公路分局管养" in both
    actions.settle(case.pk, actor=scene.actor("dispatcher"), at=AT, outcome="uphold", text="目录如此")
    assert (
        'class="to-decide"' not in at_desk(scene, "dispatcher").get(f"/cases/{case.number}/").content.decode()
    )


def test_a_request_is_decided_on_its_own_words(scene: Scene) -> None:
    case = handling(scene, at=now() - timedelta(hours=1))
    due = now() + timedelta(days=3)
    actions.request_extension(
        case.pk, actor=scene.actor("department"), at=now(), new_due_at=due, reason="等待厂家配件"
    )
    page = at_desk(scene, "supervisor").get("/desk/?queue=requests").content.decode()
    asked = page[page.index('class="to-decide"') : page.index('class="said"')]
    assert "申请内容" in asked and "等待厂家配件" in asked
    actions.grant(case.pk, actor=scene.actor("supervisor"), at=now(), text="")
    assert (
        'class="to-decide"' not in at_desk(scene, "supervisor").get(f"/cases/{case.number}/").content.decode()
    )


def test_the_first_line_says_by_how_much_a_limit_is_over(scene: Scene) -> None:
    handling(scene)
    page = at_desk(scene, "department").get("/desk/?queue=handle").content.decode()
    assert "前报结，已超" in page


@pytest.mark.parametrize("query", ["queue=%00", "case=%00", "case=SJ1", "case=" + "9" * 300])
def test_an_address_that_means_nothing_breaks_nothing(scene: Scene, query: str) -> None:
    make_case(scene)
    assert at_desk(scene, "dispatcher").get(f"/desk/?{query}").status_code == 200
