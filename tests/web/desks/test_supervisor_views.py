"""The supervisor's desk: what is late and why, and one sentence to many."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import now
from jieban.cases.models import Order
from tests.cases.scene import Scene, dispatched, handling, make_case
from tests.web.signed_in import at_desk

DAYS = timedelta(days=3)


def test_the_page_says_first_how_many_and_why(scene: Scene) -> None:
    dispatched(scene, at=now() - DAYS)
    handling(scene, at=now() - DAYS)
    case = handling(scene, at=now() - DAYS, lead="D2")
    desk = at_desk(scene, "supervisor")
    page = desk.get("/oversight/").content.decode()
    assert "已超时限 3 件，最多的原因是“已签收，无办理记录”，2 件。" in page
    assert "单位D1未签收" in page and "接手后没有办理记录" in page and "?watch=overdue&amp;unit=D2" in page
    narrowed = desk.get("/oversight/?watch=overdue&reason=no_record&unit=D2")
    assert [row.case for row, _words in narrowed.context["rows"]] == [case]
    assert "可清除条件后再看。" in desk.get("/oversight/?unit=nobody").content.decode()


def test_what_does_not_exist_in_the_address_is_left_out(scene: Scene) -> None:
    handling(scene, at=now() - DAYS)
    answer = at_desk(scene, "supervisor").get("/oversight/?watch=x&reason=y&unit=%00")
    assert answer.status_code == 200


def test_many_are_reminded_at_once_each_by_itself(scene: Scene) -> None:
    cases = [handling(scene, at=now() - DAYS) for _ in range(3)]
    desk = at_desk(scene, "supervisor")
    sent = {"number": [case.number for case in cases[:2]], "text": "请今天内办结并反馈", "do": "remind"}
    answer = desk.post("/oversight/order/?watch=overdue&reason=no_record", sent, follow=True)
    assert answer.redirect_chain == [("/oversight/?watch=overdue&reason=no_record", 302)]
    assert "已催办 2 件。" in answer.content.decode()
    assert [order.case_id for order in Order.objects.order_by("case")] == [case.pk for case in cases[:2]]
    again = desk.post(
        "/oversight/order/", sent | {"number": [cases[0].number, cases[2].number, "X"]}, follow=True
    )
    page = again.content.decode()
    assert "已催办 1 件。" in page
    assert f"没有催办 {cases[0].number}：10 分钟内已催办过，没有重复下达。" in page and "没有催办 X：" in page
    assert Order.objects.count() == 3


def test_many_are_supervised_with_a_date(scene: Scene) -> None:
    case = handling(scene, at=now() - DAYS)
    sent = {"number": case.number, "text": "写明原因", "do": "supervise", "answer_by": "2099-01-02T10:00"}
    at_desk(scene, "supervisor").post("/oversight/order/", sent)
    order = Order.objects.get()
    assert (order.kind, order.answer_by is not None) == ("supervise", True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": []}, "请先勾选要催办或督办的诉求。"),
        ({"text": " "}, "请填写“写给承办单位的话”。"),
        ({"answer_by": "x"}, "“反馈时限”的格式不对，请重新填写。"),
    ],
)
def test_what_is_missing_is_asked_for_and_ticks_stay(
    scene: Scene, change: dict[str, object], words: str
) -> None:
    case = handling(scene, at=now() - DAYS)
    sent = {"number": [case.number], "text": "请尽快", "do": "remind"} | change
    answer = at_desk(scene, "supervisor").post("/oversight/order/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert ("data-tick checked" in page) is bool(sent["number"])
    assert not Order.objects.exists()


@pytest.mark.parametrize("watch", ["overdue", "soon", "requests", "review", "reopened", "unsolved"])
def test_an_empty_watch_says_so(scene: Scene, watch: str) -> None:
    make_case(scene, at=now() - timedelta(minutes=1), grade="complex")
    page = at_desk(scene, "supervisor").get(f"/oversight/?watch={watch}").content.decode()
    assert "这一项现在没有" in page and page.count("button-main") == 0


def test_the_page_asks_the_database_as_often_for_thirty_as_for_one(scene: Scene) -> None:
    desk, counts = at_desk(scene, "supervisor"), []
    for more in (1, 29):
        for _ in range(more):
            handling(scene, at=now() - DAYS)
        with CaptureQueriesContext(connection) as asked:
            desk.get("/oversight/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "name",
    ["operator", "dispatcher", "street", "department", "caller", "leader", "analyst", "auditor", "resident"],
)
def test_others_are_refused(scene: Scene, name: str) -> None:
    case = handling(scene, at=now() - DAYS)
    desk = at_desk(scene, name)
    assert desk.get("/oversight/").status_code == 403
    sent = {"number": case.number, "text": "请尽快", "do": "remind"}
    assert desk.post("/oversight/order/", sent).status_code == 403
    assert not Order.objects.exists()
