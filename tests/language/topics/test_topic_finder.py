"""Hot topics of invented messages, and of the public ones where these are at hand."""

import dataclasses
import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieban.language.topics.topic_finder import Topic, find
from jieban.language.topics.topic_messages import LONGEST_TEXT, TopicMessage, read_messages
from jieban.language.topics.topic_score import Heat
from tests.language.matters import MATTERS

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
SHARED = Path(os.environ.get("JIEBAN_SHARED", Path(__file__).parents[3].parent / "shared"))
REAL = SHARED / "data" / "messages_4326.xlsx"

PLANT = (
    (
        "B2区翠湖新城小区旁建搅拌站噪音扰民",
        "我是翠湖新城的业主，离小区百米的搅拌站昼夜施工，噪音和粉尘让人睡不着。",
    ),
    ("投诉翠湖新城附近搅拌厂粉尘大", "翠湖新城旁边的搅拌厂灰尘漫天，噪音很大，老人孩子咳嗽。"),
    ("请查处B市翠湖新城社区搅拌站违规生产", "搅拌站就在翠湖新城门口，夜里粉尘噪音不断，没有环评。"),
    ("翠湖小区搅拌站什么时候搬走", "住在翠湖新城的居民每天受搅拌站噪音和粉尘之苦。"),
)
PARKING = (
    ("云栖苑开发商捆绑销售车位", "B市云栖苑买房必须同时买车位，一个十八万元，属于捆绑销售。"),
    ("投诉B市云栖苑强制购买车位", "在云栖苑选房时被告知车位和房子捆绑销售，不买车位不签合同。"),
    ("云栖院购房必须买车位合法吗？", "云栖苑销售要求业主捆绑购买车位，请有关部门查处。"),
)
OTHER_PLANT = (
    ("B5区金桂花园旁搅拌站噪音扰民", "金桂花园后面的搅拌站凌晨生产，噪音粉尘很大。"),
    ("金桂花园附近搅拌站粉尘污染", "住金桂花园三年，对面搅拌站的噪音粉尘越来越重。"),
)
OTHERS = (
    ("咨询生育津贴如何申领", "请问产假结束后生育津贴在哪里领取，需要什么材料。"),
    ("312路公交车班次太少", "312路早高峰四十分钟一班，上班总迟到。"),
    ("B3区桃李街路灯不亮", "桃李街从东口到西口的路灯坏了一个月。"),
    ("老旧楼加装电梯怎么办理", "想咨询加装电梯的条件和补助。"),
)


def messages(*matters: Sequence[tuple[str, str]]) -> list[TopicMessage]:
    """Invented messages, two days apart, each by another person."""
    said = [one for matter in matters for one in matter]
    return [
        TopicMessage(f"{number}", subject, text, AT + timedelta(days=2 * number), person=f"u{number}")
        for number, (subject, text) in enumerate(said, start=1)
    ]


def keys(topics: Sequence[Topic]) -> list[set[str]]:
    return [{message.key for message in topic.messages} for topic in topics]


def test_messages_of_one_matter_and_place_are_one_topic() -> None:
    found = find(messages(PLANT, PARKING, OTHER_PLANT, OTHERS))
    assert keys(found) == [{"1", "2", "3", "4"}, {"5", "6", "7"}, {"8", "9"}]


def test_a_topic_says_where_and_what() -> None:
    plant, parking, other = find(messages(PLANT, PARKING, OTHER_PLANT, OTHERS))
    assert plant.place.startswith("B2区翠湖新城")
    assert "搅拌" in plant.subject
    assert parking.place == "B市云栖苑"
    assert "车位" in parking.subject
    assert other.place.startswith("B5区金桂花园")
    assert plant.name == plant.place + plant.subject


def test_a_topic_tells_period_heat_and_rank() -> None:
    said = [dataclasses.replace(message, likes=5, against=1, person="u1") for message in messages(PLANT)]
    (topic,) = find(said)
    assert (topic.rank, topic.first_on, topic.last_on) == (1, said[0].at.date(), said[3].at.date())  # type: ignore[union-attr]
    assert topic.heat == Heat(messages=4, persons=1, days=4, supporters=16)
    assert [message.key for message in topic.messages] == ["1", "2", "3", "4"]


def test_places_by_real_names_are_told_apart() -> None:
    matters = [
        (f"{estate}工地夜间施工扰民", f"{estate}旁边的工地每天夜里十二点还在施工，噪声很大，{again}。")
        for estate in ("石景山区八角街道古城南路社区", "老山东里北社区")
        for again in ("睡不好觉", "孩子没法休息", "打过电话没人管")
    ]
    found = find(messages(matters))
    assert sorted(map(sorted, keys(found))) == [["1", "2", "3"], ["4", "5", "6"]]
    assert {"石景山区古城南路社区", "老山东里北社区"} == {topic.place.removesuffix("旁边") for topic in found}


def test_a_community_is_no_matter_and_a_complaint_no_place() -> None:
    said = (
        "楼道灯坏了没人修", "想问医保断缴怎么补", "校外机构关门不退费", "路口信号灯时间太短", "邻居的狗整夜叫",
        "自来水发黄有异味", "快递柜占了消防通道",
    )  # fmt: skip
    communities = ("古城南里社区", "老山东里北社区", "金顶街第二社区", "五芳园社区", "八角北里社区")
    mixed = [
        TopicMessage(f"{number}", text, f"{text}。", AT, f"u{number}", place=community)
        for number, (text, community) in enumerate(
            [(text, communities[0]) for text in said]
            + [(said[0], community) for community in communities[1:]]
        )
    ]
    assert find(mixed) == []


def test_where_the_text_names_nothing_the_known_place_does() -> None:
    said = [
        TopicMessage(
            f"{number}",
            "楼道灯坏了没人修",
            "楼道灯坏了没人修，晚上看不见。",
            AT,
            f"u{number}",
            place="五芳园社区",
        )
        for number in range(3)
    ]
    (topic,) = find(said)
    assert topic.name == "五芳园社区楼道灯坏了没人修"


def test_the_order_of_the_messages_changes_nothing() -> None:
    said = messages(PLANT, PARKING, OTHER_PLANT, OTHERS)
    shuffled = said[:]
    Random(3).shuffle(shuffled)
    assert find(shuffled) == find(said)


def test_known_topics_keep_their_messages_and_are_never_made_one() -> None:
    said = messages(PLANT, OTHERS)
    found = find(said, known={"1": "7", "2": "8"})
    homes = {message.key: topic.label for topic in found for message in topic.messages}
    assert (homes["1"], homes["2"]) == ("7", "8")
    assert {homes["3"], homes["4"]} <= {"7", "8"}


def test_a_message_that_was_put_out_of_a_topic_does_not_come_back() -> None:
    said = messages(PLANT)
    found = find(said, known={"1": "7", "2": "7", "3": "7"}, barred={"4": {"7"}})
    assert keys([topic for topic in found if topic.label == "7"]) == [{"1", "2", "3"}]


def test_heat_is_the_formula_worked_by_hand() -> None:
    # 10 x (0.35 ln 51 + 0.30 ln 46 + 0.15 ln 31 + 0.20 ln 21)
    # = 10 x (1.3762 + 1.1486 + 0.5151 + 0.6089)
    assert Heat(50, 45, 30, 20).value == 36.5
    assert Heat(1, 1, 1, 0).value == 5.5
    assert Heat(0, 0, 0, 0).value == 0


def test_nothing_has_no_topics() -> None:
    assert find([]) == []
    assert find(messages(OTHERS[:1])) == []
    assert find([TopicMessage("1", "", ""), TopicMessage("2", "，。", "！！")]) == []


def test_identical_messages_are_one_topic() -> None:
    said = [TopicMessage(f"{number}", "楼道灯坏了", "三单元楼道灯坏了一周。") for number in range(60)]
    (topic,) = find(said)
    assert (len(topic.messages), topic.first_on, topic.subject) == (60, None, "楼道灯坏了")


ODD = st.text(st.sampled_from("翠湖新城搅拌站噪音😀🏠\u200b\u3000\t\n，。?!A2区aé<>&=路小区的"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ODD, ODD), max_size=12), st.integers(0, 10_000))
def test_any_text_gives_topics_of_given_messages(said: list[tuple[str, str]], repeated: int) -> None:
    given_messages = [TopicMessage(f"{n}", subject, text) for n, (subject, text) in enumerate(said)]
    given_messages.append(TopicMessage("long", "长" * 200, "路" * repeated))
    found = find(given_messages)
    counted = Counter(message.key for topic in found for message in topic.messages)
    assert set(counted.values()) <= {1}
    assert counted.keys() <= {message.key for message in given_messages}
    assert [topic.rank for topic in found] == list(range(1, len(found) + 1))
    assert [topic.heat.value for topic in found] == sorted((t.heat.value for t in found), reverse=True)


def test_texts_are_cut_to_what_a_cell_holds(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"留言编号,留言主题,留言详情\n1,长,{'长' * 30_000}\n", encoding="utf-8")
    assert len(read_messages(file)[0].text) == LONGEST_TEXT


@pytest.fixture(scope="module")
def real() -> list[Topic]:
    if not REAL.exists():
        pytest.skip("../shared/data/messages_4326.xlsx is not there")
    return find(read_messages(REAL))  # ten seconds: the only proof that it holds on what people really write


@pytest.mark.parametrize("matter", MATTERS)
def test_a_large_matter_is_one_topic_nearly_whole_and_nearly_pure(real: list[Topic], matter: str) -> None:
    wanted = set(MATTERS[matter].split())
    found = max(keys(real), key=lambda topic: len(topic & wanted))
    assert len(found & wanted) >= 0.9 * len(wanted)
    assert len(found & wanted) >= 0.8 * len(found)


def test_the_largest_matters_are_the_hottest(real: list[Topic]) -> None:
    hottest = set().union(*keys(real[:5]))
    for matter in ("concrete plant beside an estate", "parking spaces bundled with flats"):
        assert len(hottest & set(MATTERS[matter].split())) >= 0.9 * len(MATTERS[matter].split())
