"""What a text might be about: each proposal with its ground, none where the words do not say."""

from datetime import date

import pytest

from jieban.cases import proposing
from jieban.cases.likeness import Like
from jieban.registry.models import Category, Place
from tests.cases.scene import FROM, Scene, make_case

ON = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("text", "value", "ground"),
    [
        ("楼道里有很重的燃气味，还冒烟", "life", "文中提到“燃气味”"),
        ("小区停电一天了，电梯里有人被困", "life", "文中提到“被困”"),
        ("小区停水两天了", "urgent", "文中提到“停水”"),
    ],
)
def test_urgency_is_the_gravest_that_is_said(text: str, value: str, ground: str) -> None:
    found = proposing.urgency(text)
    assert found is not None and (found.value, found.ground) == (value, ground)


@pytest.mark.parametrize("text", ["楼道灯不亮", "家里没有冒烟，就是呛", ""])
def test_what_is_not_said_is_not_urgent(text: str) -> None:
    assert proposing.urgency(text) is None


def test_nature_is_what_is_said_first() -> None:
    found = proposing.nature("请问居住证怎么办理，另外想投诉窗口")
    assert found is not None and (found.value, found.label) == ("consult", "咨询")
    complaint = proposing.nature("不是投诉，路灯坏了")
    assert complaint is not None and complaint.value == "help"
    assert proposing.nature("今天天气好") is None


def test_care_is_proposed_for_what_few_should_know() -> None:
    found = proposing.sensitive("邻居家暴，孩子一直哭")
    assert found is not None and (found.value, found.ground) == ("on", "文中提到“家暴”")
    assert proposing.sensitive("楼道灯不亮") is None


def test_a_place_that_two_have_the_name_of_is_left_to_the_person(scene: Scene) -> None:
    community = Place.objects.get(level="community")
    Place.objects.create(code="A", level="estate", name="晨光小区", parent=community, opened_on=FROM)
    found, _choices = proposing.place("晨光小区没有暖气", ON)
    assert found is not None and (found.label, found.ground) == (
        "老山街道 › 老山东里北社区 › 晨光小区", "文中提到“晨光小区”",
    )  # fmt: skip
    Place.objects.create(code="B", level="estate", name="晨光小区", parent=community.parent, opened_on=FROM)
    assert proposing.place("晨光小区没有暖气", ON)[0] is None


def test_a_category_is_proposed_by_its_name_else_by_like_cases(scene: Scene) -> None:
    leaf = Category.objects.create(
        code="C010101",
        name="餐饮油烟",
        level=3,
        parent=scene.category,
        path="环境 / 大气 / 餐饮油烟",
        valid_from=FROM,
    )
    named = proposing.category("楼下烧烤店的餐饮油烟太大", ON, [])
    assert named is not None and (named.value, named.ground) == (str(leaf.pk), "文中提到“餐饮油烟”")
    assert proposing.category("暖气不热", ON, []) is None
    case = make_case(scene, category_id=leaf.pk)
    assert (
        proposing.category("暖气不热", ON, [Like(case, "同类")]) is None
    )  # it would say back what was chosen
    like = Like(case, "说法相近", by_words=True)
    by_likes = proposing.category("暖气不热", ON, [like])
    assert by_likes is not None and (by_likes.value, by_likes.ground) == (
        str(leaf.pk),
        "相近诉求 1 件中有 1 件属此类",
    )


def test_a_few_letters_are_nothing_to_go_by(scene: Scene) -> None:
    assert proposing.proposals("冒烟", ON, []) == ([], [])
    assert [found.field for found in proposing.proposals("楼道冒烟了，请问找谁", ON, [])[0]] == [
        "nature",
        "urgency",
    ]
