"""A street's page and the analyst's board."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import now
from jieban.cases import actions
from tests.cases.scene import Scene, handling, visited
from tests.web.signed_in import at_desk

HOUR = timedelta(hours=1)


def busy(scene: Scene) -> None:
    at, street = now() - HOUR, scene.actor("street")
    case = visited(scene, lead="S", at=at, text="占道经营，请打 10001234567")
    actions.hand_down(case.pk, actor=street, at=at, unit_id=scene.unit("C").pk)
    units = [scene.unit("D1").pk, scene.unit("D2").pk]
    actions.whistle(
        case.pk, actor=street, at=at, kind="joint", unit_ids=units, place="路口", meet_at=at + 2 * HOUR
    )
    actions.arrive(case.pk, actor=scene.actor("department"), at=at + HOUR / 2, place="路口")


def test_the_page_shows_the_day_of_the_street(scene: Scene) -> None:
    busy(scene)
    page = at_desk(scene, "street").get("/street/").content.decode()
    for words in (
        "老山街道",
        "派给本街道",
        "单位C",
        "单位P",
        "经手 1 件",
        "已报到",
        "应到",
        "/map/?street=110107002",
    ):
        assert words in page, words
    assert "10001234567" not in page and page.count("button-main") == 0


def test_each_figure_has_its_definition_on_the_page(scene: Scene) -> None:
    answer = at_desk(scene, "street").get("/street/")
    page = answer.content.decode()
    assert len(answer.context["figures"]) == page.count("怎么算的") == 7
    assert all(shown.figure.definition in page for shown in answer.context["figures"])


def test_as_many_queries_for_thirty_as_for_one(scene: Scene) -> None:
    desk, counts = at_desk(scene, "street"), []
    for more in (1, 29):
        for _ in range(more):
            busy(scene)
        with CaptureQueriesContext(connection) as asked:
            desk.get("/street/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_quiet_street_says_so(scene: Scene) -> None:
    assert "现在没有吹哨。" in at_desk(scene, "street").get("/street/").content.decode()


@pytest.mark.parametrize(
    "name", ["department", "community", "property", "supervisor", "leader", "operator", "resident"]
)
def test_others_have_no_street(scene: Scene, name: str) -> None:
    assert at_desk(scene, name).get("/street/").status_code == 403


def test_the_analyst_sees_numbers_and_nobody(scene: Scene) -> None:
    handling(scene, at=now() - HOUR, category_id=scene.category.pk)
    page = at_desk(scene, "analyst").get("/analysis/").content.decode()
    assert "近 30 天，按分类" in page and "城乡建设" in page and page.count('<th scope="row">') == 32
    for secret in ("王建国", "10001234567", "楼道灯", "SJ20"):
        assert secret not in page


@pytest.mark.parametrize(
    "name", ["street", "supervisor", "leader", "operator", "auditor", "admin", "resident"]
)
def test_others_have_no_analysis(scene: Scene, name: str) -> None:
    assert at_desk(scene, name).get("/analysis/").status_code == 403


@pytest.mark.parametrize(
    ("name", "address"),
    [("leader", "/leader/"), ("analyst", "/analysis/"), ("supervisor", "/desk/"), ("street", "/desk/")],
)
def test_the_first_page_of_each(scene: Scene, name: str, address: str) -> None:
    assert at_desk(scene, name).get("/")["Location"] == address
