"""Proposals on the desk: taken over with one press, the words marked; their quality on a page."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jieban.base.clock import local, now
from jieban.cases import actions
from jieban.cases.models import Case, CertaintyBand, Reading
from jieban.cases.suggestions import readings
from jieban.registry.models import Category
from tests.cases.scene import Scene, make_case, relied_on
from tests.web.signed_in import at_desk

TEXT = "楼下烧烤店的餐饮油烟太大，我要投诉，有人被困"


def test_a_dispatcher_sees_what_was_read_with_its_words_and_takes_it(scene: Scene, leaf: Category) -> None:
    case = make_case(scene, text=TEXT)
    readings.read_waiting(now())
    desk = at_desk(scene, "dispatcher")
    page = desk.get("/desk/").content.decode()
    assert "系统建议" in page and "环境 / 大气 / 餐饮油烟" in page and "<mark>餐饮油烟</mark>" in page
    assert "疑似危险" in page and "文中提到“餐饮油烟”" in page
    answer = desk.post(
        f"/cases/{case.number}/reclassify/?desk=dispatch", {"category": leaf.pk, "nature": "complaint"}
    )
    assert answer["Location"] == f"/desk/?queue=dispatch&case={case.number}"
    case.refresh_from_db()
    assert (case.category_id, case.nature, case.sensitive, case.grade) == (
        leaf.pk, "complaint", False, "general",
    )  # fmt: skip
    answer = desk.post(
        f"/cases/{case.number}/mark_urgent/?desk=dispatch", {"urgency": "life", "text": "文中提到“被困”"}
    )
    assert answer.status_code == 302
    page = desk.get("/desk/").content.decode()
    assert "疑似危险" not in page and "<strong>环境 / 大气 / 餐饮油烟" not in page


def natures(page: str) -> list[str]:
    """The natures that the desk offers to take over, each with what its button shows."""
    line = page.partition('<span class="soft">性质</span>')[2].partition("</li>")[0]
    return [re.sub(r"<[^>]+>", "", shown) for shown in re.findall(r"<strong>(.*?)</strong>", line)]


def test_an_unsure_nature_says_so_with_the_best_three(scene: Scene) -> None:
    asked = "请问楼下的餐饮油烟归谁管，另外我要投诉"
    make_case(scene, text=asked)
    readings.read_waiting(now())
    desk = at_desk(scene, "dispatcher")
    page = desk.get("/desk/").content.decode()
    assert natures(page) == ["咨询", "投诉", "求助"] and "不确定，请选一个；把握约六成（初始估计）" in page
    assert 'name="nature" value="complaint"' in page
    said = at_desk(scene, "operator").post("/calls/beside/", {"text": asked}).content.decode()
    assert said.count('data-take="nature"') == 3 and "不确定，请选一个；把握约六成（初始估计）" in said


def test_an_unsure_nature_shows_what_became_of_like_readings(scene: Scene) -> None:
    relied_on(
        *(("nature", "complaint", "", kept, cases) for kept, cases in (("complaint", 30), ("report", 70)))
    )
    make_case(scene, text="楼下的餐饮油烟太大，我要投诉")
    readings.read_waiting(now())
    page = at_desk(scene, "dispatcher").get("/desk/").content.decode()
    assert (
        natures(page) == ["投诉 35%", "举报 65%", "咨询"]
        and "不确定，请选一个；把握约四成 · 文中提到" in page
    )


def test_a_sure_nature_stands_alone_and_is_taken_with_the_rest(scene: Scene) -> None:
    make_case(scene, text="楼下的餐饮油烟太大，我要投诉")
    readings.read_waiting(now())
    desk = at_desk(scene, "dispatcher")
    page = desk.get("/desk/").content.decode()
    assert natures(page) == ["投诉"] and "不确定" not in page and "把握" not in page and "一并采用" in page
    relied_on(("is_property", "on", "", "", 100))
    other = make_case(scene, text="物业公司乱收物业费，我要投诉")
    readings.read_waiting(now())
    page = desk.get(f"/cases/{other.number}/").content.decode()
    assert "不确定，请核对；把握约一成" in page and natures(page) == ["投诉"]
    together = page.partition('data-key="Y"')[0].rpartition("<form")[2]
    assert 'name="nature"' in together and "is_property" not in together


def test_danger_is_shown_as_before_though_nobody_ever_kept_it(scene: Scene) -> None:
    plain = make_case(scene, text="楼道里冒烟了")
    readings.read_waiting(now())
    desk = at_desk(scene, "dispatcher")
    before = desk.get(f"/cases/{plain.number}/").content.decode()
    relied_on(("urgency", "life", "", "normal", 10_000))
    doubted = make_case(scene, text="楼道里冒烟了")
    readings.read_waiting(now())
    after = desk.get(f"/cases/{doubted.number}/").content.decode()
    queue = desk.get("/desk/").content.decode()
    assert queue.count("疑似危险") >= 2
    for page in (before, after, queue):
        assert 'data-key="Z"' in page and "<strong>危及生命安全</strong>" in page and "不确定" not in page
    said = at_desk(scene, "operator").post("/calls/beside/", {"text": "楼道里冒烟了", "urgency": "normal"})
    page = said.content.decode()
    assert page.count('data-take="urgency"') == 1 and 'data-value="life"' in page and "不确定" not in page


def test_an_unsure_urgency_is_still_offered_while_something_else_stands(scene: Scene) -> None:
    relied_on(("urgency", "urgent", "", "normal", 100))
    sent = {"text": "小区停水两天了", "urgency": "normal"}
    page = at_desk(scene, "operator").post("/calls/beside/", sent).content.decode()
    assert page.count('data-take="urgency"') == 1 and "不确定，请核对；把握约一成" in page


def test_a_choice_ends_when_something_else_stands_and_what_is_sure_goes_on(
    scene: Scene, leaf: Category
) -> None:
    desk = at_desk(scene, "operator")
    asked = {"text": "请问楼下烧烤店的餐饮油烟归谁管，餐饮油烟太大，另外我要投诉"}
    for nature, shown in (("", 3), ("complaint", 3), ("praise", 0)):
        page = desk.post("/calls/beside/", asked | {"nature": nature}).content.decode()
        assert page.count('data-take="nature"') == shown, nature
    other = desk.post("/calls/beside/", asked | {"category": str(scene.category.pk)}).content.decode()
    assert other.count('data-take="category"') == 1


def test_who_finds_no_danger_takes_the_mark_away_and_says_so(scene: Scene, leaf: Category) -> None:
    case = make_case(scene, text=TEXT)
    readings.read_waiting(now())
    desk = at_desk(scene, "dispatcher")
    page = desk.get("/desk/").content.decode()
    assert "疑似危险" in page and 'data-key="Q"' in page
    said = {"urgency": "normal", "text": "已核对诉求内容，紧急程度不变"}
    assert desk.post(f"/cases/{case.number}/mark_urgent/?desk=dispatch", said).status_code == 302
    page = desk.get("/desk/").content.decode()
    assert "疑似危险" not in page and 'data-key="Q"' not in page and 'data-key="Z"' not in page
    assert "紧急程度：一般" in page and "已核对诉求内容，紧急程度不变" in page
    case.refresh_from_db()
    assert case.urgency == "normal"


def test_sensitive_and_property_are_corrected_by_hand_and_taken_back(scene: Scene) -> None:
    case = make_case(scene)
    desk = at_desk(scene, "dispatcher")
    for sent, stands in (("on", True), ("", True), ("off", False)):
        desk.post(f"/cases/{case.number}/reclassify/", {"is_property": sent, "nature": "help"})
        case.refresh_from_db()
        assert case.is_property is stands
    desk.post(f"/cases/{case.number}/reclassify/", {"sensitive": "on"})
    case.refresh_from_db()
    assert case.sensitive


def test_who_may_not_correct_sees_no_proposals(scene: Scene, leaf: Category) -> None:
    case = make_case(scene, text=TEXT)
    readings.read_waiting(now())
    for name in ("supervisor", "caller"):
        page = at_desk(scene, name).get(f"/cases/{case.number}/").content.decode()
        assert ("系统建议" in page) is (name == "supervisor")


def test_the_queue_asks_as_much_for_one_as_for_thirty(scene: Scene, leaf: Category) -> None:
    desk = at_desk(scene, "dispatcher")
    counts = []
    for many in (3, 30):
        for _ in range(many):
            make_case(scene, text=TEXT)
        readings.read_waiting(now())
        desk.get("/desk/")
        with CaptureQueriesContext(
            connection,
        ) as caught:
            desk.get("/desk/")
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_a_call_that_is_received_keeps_what_was_proposed(scene: Scene, leaf: Category) -> None:
    sent = {
        "key": "k" * 32, "text": TEXT, "phone": "10001234567", "kind": "appeal", "nature": "complaint",
        "urgency": "life", "category": str(leaf.pk), "grade": "complex", "is_property": "on",
    }  # fmt: skip
    desk = at_desk(scene, "operator")
    for _time in range(2):
        desk.post("/cases/new/", sent)
    case, row = Case.objects.get(), Reading.objects.get()
    assert (case.grade, case.is_property) == ("complex", True)
    assert (row.case_id, row.category_id, row.urgency, row.shown) == (case.pk, leaf.pk, "life", True)


def test_what_the_operator_chose_among_three_is_not_asked_again(scene: Scene, leaf: Category) -> None:
    text = "请问物业公司乱收物业费怎么办理，另外我要投诉"
    for key, nature in (("a" * 32, "complaint"), ("b" * 32, "praise")):
        sent = {
            "key": key,
            "text": text,
            "phone": "10001234567",
            "kind": "appeal",
            "nature": nature,
            "urgency": "normal",
        }
        assert at_desk(scene, "operator").post("/cases/new/", sent).status_code == 302
    chosen, other = Case.objects.order_by("pk")
    desk = at_desk(scene, "dispatcher")
    pages = [desk.get(f"/desk/?case={case.number}").content.decode() for case in (chosen, other)]
    assert [natures(page) for page in pages] == [[], ["咨询", "投诉", "求助"]]


@pytest.mark.parametrize(("name", "status"), [("analyst", 200), ("supervisor", 200), ("admin", 200), ("leader", 403),
                                              ("operator", 403), ("resident", 403)])  # fmt: skip
def test_the_quality_of_proposals_is_for_those_who_answer_for_it(
    scene: Scene, name: str, status: int
) -> None:
    assert at_desk(scene, name).get("/proposals/").status_code == status


def test_the_page_tells_what_was_accepted_by_field_week_and_version(scene: Scene, leaf: Category) -> None:
    analyst = at_desk(scene, "analyst")
    assert "还没有可以统计的建议。" in analyst.get("/proposals/").content.decode()
    case = make_case(scene, at=now(), text=TEXT, category_id=leaf.pk)
    readings.read_waiting(now())
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=now(), lead_id=scene.unit("D1").pk)
    with CaptureQueriesContext(connection) as caught:
        page = analyst.get("/proposals/").content.decode()
    assert sum("cases_reading" in query["sql"] for query in caught) == 2
    assert "100%" in page and "按版本" in page and "words-" in page and "环境" in page
    assert "油烟太大" not in page


def test_the_page_tells_how_far_confidences_were_borne_out(scene: Scene, leaf: Category) -> None:
    analyst = at_desk(scene, "analyst")
    case = make_case(scene, at=now(), text="物业公司乱收物业费，我要投诉", category_id=leaf.pk)
    readings.read_waiting(now())
    actions.dispatch(case.pk, actor=scene.actor("dispatcher"), at=now(), lead_id=scene.unit("D1").pk)
    assert "每天夜里统计一次，现在还没有。" in analyst.get("/proposals/").content.decode()
    counts = []
    for bands in ((("nature", 8, 312, 265),), tuple(("nature", low, 10, 5) for low in (0, 5, 6, 7, 8, 9))):
        at = now()
        CertaintyBand.objects.bulk_create(
            CertaintyBand(at=at, field=field, low=low, proposed=proposed, accepted=accepted)
            for field, low, proposed, accepted in bands
        )
        with CaptureQueriesContext(connection) as caught:
            page = analyst.get("/proposals/").content.decode()
        counts.append(len(caught))
        rows = table(page, "近 90 天说有多少把握、采用了多少")
        assert rows[0] == ["建议", "不到 50%", "50–60%", "60–70%", "70–80%", "80–90%", "90% 以上"]
        expected = ["—"] * 4 + ["85% (312)", "—"] if len(bands) == 1 else ["50% (10)"] * 6
        assert rows[1:] == [["性质", *expected]] and f"统计到 {local(at):%Y-%m-%d %H:%M}" in page
    assert counts[0] == counts[1]
    assert sum("cases_certaintyband" in query["sql"] for query in caught) == 1


def table(page: str, caption: str) -> list[list[str]]:
    """The words in the cells of the table with this caption."""
    within = page[page.index(caption) :].partition("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", within, re.DOTALL)
    cells = (
        [re.sub(r"<[^>]+>", " ", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in rows
    )
    return [[" ".join(cell.split()) for cell in row] for row in cells]
