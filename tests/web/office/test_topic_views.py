"""The pages of hot topics: a leader reads, an analyst merges, splits, puts out and names."""

from datetime import timedelta

import pytest

from jieban.base.clock import now
from jieban.cases.models import Case, HotTopic
from jieban.cases.topics import hot_topics
from tests.cases.scene import Scene, make_case
from tests.cases.topics.complaints import PARKING, PLANT
from tests.web.signed_in import at_desk


@pytest.fixture
def topics(scene: Scene) -> list[HotTopic]:
    """Two topics of yesterday, the hotter one first."""
    for number, text in enumerate((*PLANT, *PARKING)):
        make_case(scene, at=now() - timedelta(days=1), text=text, phone=f"1000000{number:04}")
    hot_topics.refresh(now())
    return list(HotTopic.objects.order_by("-heat"))


def numbers(topic: HotTopic) -> list[str]:
    return list(
        Case.objects.filter(pk__in=topic.members.values("case"))
        .order_by("pk")
        .values_list("number", flat=True)
    )


def test_a_leader_reads_topics_and_their_cases_without_contact_data(
    scene: Scene, topics: list[HotTopic]
) -> None:
    desk = at_desk(scene, "leader")
    page = desk.get("/hot-topics/").content.decode()
    assert all(str(topic) in page for topic in topics)
    assert "4 件" in page and "近 4 周比前 4 周多 4 件" in page
    page = desk.get(f"/hot-topics/{topics[0].pk}/").content.decode()
    assert all(number in page for number in numbers(topics[0]))
    assert "多数诉求的分类" in page and "不一，或尚未分类" in page and "不在同一街道，或地点未填" in page
    for hidden in ("王建国", "10000000000", "12号楼", "/merge/"):
        assert hidden not in page


def test_an_empty_list_says_when_something_will_be_there(scene: Scene) -> None:
    page = at_desk(scene, "analyst").get("/hot-topics/").content.decode()
    assert "近 90 天没有热点。" in page


@pytest.mark.parametrize("name", ["street", "department", "dispatcher", "resident"])
def test_others_have_no_topics(scene: Scene, topics: list[HotTopic], name: str) -> None:
    desk = at_desk(scene, name)
    assert desk.get("/hot-topics/").status_code == 403
    assert desk.get(f"/hot-topics/{topics[0].pk}/").status_code == 403


def test_a_leader_corrects_nothing(scene: Scene, topics: list[HotTopic]) -> None:
    desk = at_desk(scene, "leader")
    for act in ("merge", "split", "put-out", "rename"):
        assert desk.post(f"/hot-topics/{topics[0].pk}/{act}/", {"subject": "事项"}).status_code == 403
    assert HotTopic.objects.filter(named_by_hand=True).count() == 0


def test_an_analyst_merges_and_the_old_address_leads_on(scene: Scene, topics: list[HotTopic]) -> None:
    plant, parking = topics
    desk, path = at_desk(scene, "analyst"), f"/hot-topics/{parking.pk}/"
    assert f'value="{plant.pk}"' in desk.get(f"{path}merge/").content.decode()
    assert desk.post(f"{path}merge/", {"into": plant.pk})["Location"] == f"/hot-topics/{plant.pk}/"
    assert desk.get(path)["Location"] == f"/hot-topics/{plant.pk}/"
    assert "并入了" in desk.get(f"/hot-topics/{plant.pk}/").content.decode()


def test_an_analyst_splits_puts_out_and_names(scene: Scene, topics: list[HotTopic]) -> None:
    plant, desk = topics[0], at_desk(scene, "analyst")
    path, cases = f"/hot-topics/{plant.pk}/", numbers(plant)
    made = desk.post(f"{path}split/", {"cases": cases[:1], "place": "翠湖新城", "subject": "夜间生产"})
    assert made["Location"] == f"/hot-topics/{HotTopic.objects.latest('pk').pk}/"
    assert desk.post(f"{path}put-out/", {"cases": cases[1:2]})["Location"] == path
    assert desk.post(f"{path}rename/", {"place": "翠湖新城", "subject": "搅拌站"})["Location"] == path
    plant.refresh_from_db()
    assert (str(plant), plant.case_count) == ("翠湖新城搅拌站", 2)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("split", "请选择“诉求”。"),
        ("put-out", "请选择“诉求”。"),
        ("merge", "请选择“并入”。"),
        ("rename", "请填写“事项”。"),
    ],
)
def test_what_a_form_lacks_is_said_beside_the_field(
    scene: Scene, topics: list[HotTopic], act: str, said: str
) -> None:
    answer = at_desk(scene, "analyst").post(f"/hot-topics/{topics[0].pk}/{act}/", {})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_refusal_of_the_rules_is_said_beside_the_field(scene: Scene, topics: list[HotTopic]) -> None:
    sent = {"cases": numbers(topics[0]), "subject": "全部"}
    answer = at_desk(scene, "analyst").post(f"/hot-topics/{topics[0].pk}/split/", sent)
    assert answer.status_code == 422
    assert "请至少留下一件。" in answer.content.decode()


def test_a_topic_that_is_not_there_is_told(scene: Scene) -> None:
    assert at_desk(scene, "leader").get("/hot-topics/987654321/").status_code == 404
