"""The leader's page: the day in a sentence, what waits for a decision, instructions; no contact data."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import now
from jieban.cases.models import Case, Order
from jieban.cases.today.day_counters import Figure
from jieban.web.desks.board_views import figure_card, first_line
from tests.cases.scene import AT, Scene, handling, make_case
from tests.web.signed_in import at_desk

HOUR = timedelta(hours=1)


def figure(name: str, today: int, yesterday: int | None = None, week_ago: int | None = None) -> Figure:
    return Figure(name, "收到", "定义", today, yesterday, week_ago)


def test_the_first_line_says_the_day_in_words() -> None:
    found = [figure("received", 86, 90), figure("reported", 71), figure("late_now", 3)]
    assert first_line(found) == "今天收到 86 件，比昨天同一时间少 4 件；报结 71 件；现在超时限 3 件。"


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((5, 3, 5), ["比昨天同一时间多 2 件", "与上星期一同一时间持平"]),
        ((0, 0, 9), ["与昨天同一时间持平", "比上星期一同一时间少 9 件"]),
        ((5, None, None), []),
    ],
)
def test_a_figure_is_set_beside_yesterday_and_last_week(
    counts: tuple[int, int | None, int | None], words: list[str]
) -> None:
    assert figure_card(figure("received", *counts), AT).before == words


def test_the_page_shows_what_a_leader_must_know_without_contact_data(scene: Scene) -> None:
    community = scene.unit("C").place
    assert community is not None
    where = {"place_id": community.pk, "category_id": scene.category.pk}
    make_case(scene, at=now() - HOUR, urgency="life", text="燃气泄漏，请打 10001234567 找王建国", **where)
    handling(scene, at=now() - timedelta(days=3), **where)
    answer = at_desk(scene, "leader").get("/leader/")
    page = answer.content.decode()
    assert "今天收到" in page and "燃气泄漏" in page and "老山东里北社区" in page and "怎么算的" in page
    assert "/cases/?overdue=on&amp;unit=D1" in page
    for secret in ("10001234567", '王建国"', "12号楼"):
        assert secret not in page
    assert page.count("button-main") == 1


def test_a_word_on_a_case_becomes_an_order(scene: Scene) -> None:
    case, desk = handling(scene), at_desk(scene, "leader")
    sent = {
        "number": f" {case.number.lower()} ",
        "way": "supervise",
        "text": "今天到现场",
        "answer_by": "2099-01-02T10:00",
    }
    assert desk.post("/leader/instruct/", sent)["Location"] == "/leader/"
    assert desk.post("/leader/instruct/", sent | {"way": "direct_line"})["Location"] == "/leader/"
    assert sorted(Order.objects.values_list("kind", flat=True)) == ["supervise", "take_over"]
    again = desk.post("/leader/instruct/", sent)
    assert again.status_code == 409 and "10 分钟内已督办过" in again.content.decode()
    assert Case.objects.get(pk=case.pk).taken_over_by == "direct_line"


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"number": "SJ20260302-99999-1"}, 404, "没有这个案件"),
        ({"number": ""}, 422, "请填写“单号”。"),
        ({"way": "x"}, 422, "请从“方式”的列表中选择。"),
        ({"text": " "}, 422, "请填写“要求”。"),
        ({"answer_by": "2001-01-01T00:00"}, 422, "不晚于现在"),
    ],
)
def test_what_does_not_fit_is_said_beside_it(
    scene: Scene, change: dict[str, str], status: int, words: str
) -> None:
    sent = {"number": handling(scene).number, "way": "supervise", "text": "今天到现场"} | change
    answer = at_desk(scene, "leader").post("/leader/instruct/", sent)
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert not Order.objects.exists()


def test_a_quiet_day_says_so(scene: Scene) -> None:
    page = at_desk(scene, "leader").get("/leader/").content.decode()
    for words in ("没有等您决定的申请。", "24 小时内没有。", "现在没有超时限的诉求。", "今天收到 0 件"):
        assert words in page


def test_as_many_queries_for_thirty_as_for_one(scene: Scene) -> None:
    desk, counts = at_desk(scene, "leader"), []
    for more in (1, 29):
        for _ in range(more):
            handling(scene, at=now() - HOUR, urgency="life")
        with CaptureQueriesContext(connection) as asked:
            desk.get("/leader/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "name", ["operator", "dispatcher", "street", "department", "supervisor", "analyst", "resident"]
)
def test_others_are_refused(scene: Scene, name: str) -> None:
    case, desk = handling(scene), at_desk(scene, name)
    assert desk.get("/leader/").status_code == 403
    sent = {"number": case.number, "way": "supervise", "text": "今天到现场"}
    assert desk.post("/leader/instruct/", sent).status_code == 403
    assert not Order.objects.exists()
