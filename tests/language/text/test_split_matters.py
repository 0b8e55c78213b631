"""A compound message as its matters, and a long one in a line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieban.language.similarity.summary import LONGEST_LINE, one_line
from jieban.language.text.split_matters import find_matters, introduction
from tests.language.odd_texts import ODD_TEXTS

COMPOUND = [
    (
        "八角北里小区有两个问题：1、3号楼前路灯坏了半个月；2、北门垃圾桶没人清运，气味很大。",
        ["1、3号楼前路灯坏了半个月；", "2、北门垃圾桶没人清运，气味很大。"],
    ),
    (
        "一、楼道堆物占了消防通道。二、电动车在门厅里充电。三、单元门的锁坏了。",
        ["一、楼道堆物占了消防通道。", "二、电动车在门厅里充电。", "三、单元门的锁坏了。"],
    ),
    (
        "楼上装修从早到晚都在砸墙。另外，物业费涨了三成，没有公示。",
        ["楼上装修从早到晚都在砸墙。", "另外，物业费涨了三成，没有公示。"],
    ),
    (
        "电梯停运一周了没有人修。还有地下车库漏水，车都淋湿了！",
        ["电梯停运一周了没有人修。", "还有地下车库漏水，车都淋湿了！"],
    ),
    (
        "（1）早高峰公交车等不到；（2）站牌上没有时刻表",
        ["（1）早高峰公交车等不到；", "（2）站牌上没有时刻表"],
    ),
    ("①人行道的砖松了一大片②路口没有信号灯很危险", ["①人行道的砖松了一大片", "②路口没有信号灯很危险"]),
]
WHOLE = [
    "3、4号楼之间的路灯坏了，1.5米高的灯箱也倒了。",
    "路灯坏了，还有多久能修好？",
    "从1号楼到2号楼的路坑坑洼洼，还没有人来修。",
    "第一，请修路灯。",
    "垃圾没有人清运。",
]


@pytest.mark.parametrize(("message", "expected"), COMPOUND)
def test_a_compound_message_comes_apart(message: str, expected: list[str]) -> None:
    found = find_matters(message)
    assert [matter.text for matter in found] == expected
    assert [message[matter.start : matter.end] for matter in found] == expected


@pytest.mark.parametrize("message", WHOLE)
def test_a_message_of_one_matter_stays_whole(message: str) -> None:
    assert [matter.text for matter in find_matters(message)] == [message]


def test_what_stands_before_the_first_number_introduces_all() -> None:
    message = COMPOUND[0][0]
    assert introduction(message, find_matters(message)) == "八角北里小区有两个问题："
    assert introduction(WHOLE[0], find_matters(WHOLE[0])) == ""


def test_many_numbered_lines_are_no_matters() -> None:
    assert len(find_matters("".join(f"{number}、第{number}行的内容\n" for number in range(1, 31)))) == 1


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            "尊敬的领导：您好！我是八角北里的居民，我们八角北里小区3号楼的电梯停运两周，老人下不了楼。希望尽快修好。谢谢！",
            "我们八角北里小区3号楼的电梯停运两周，老人下不了楼。",
        ),
        ("您好，请问灵活就业人员的养老保险怎么补缴？谢谢。", "请问灵活就业人员的养老保险怎么补缴？"),
        ("路灯坏了", "路灯坏了"),
        ("", ""),
        ("……！！", ""),
    ],
)
def test_a_message_in_one_line(message: str, line: str) -> None:
    assert one_line(message) == line


def test_a_line_is_cut_at_a_comma() -> None:
    first = (
        "八角北里小区3号楼到5号楼之间的道路从去年冬天开挖以后一直没有恢复原状，下雨全是泥水，老人孩子出门都难"
    )
    assert one_line(f"{first}，已经有两个人在那里摔伤了") == first
    assert one_line("路" * 100) == "路" * (LONGEST_LINE - 1) + "…"


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_any_message_has_matters_and_a_line(text: str) -> None:
    assert all(matter.text == text[matter.start : matter.end] for matter in find_matters(text))
    assert len(one_line(text)) <= LONGEST_LINE


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("一二三1239、.．（）()①②第，是另外还有请反映路灯坏了。；\n 😀<b>\u200b"))
)
def test_matters_lie_in_order_and_in_the_text(text: str) -> None:
    found = find_matters(text)
    assert all(first.end <= second.start for first, second in zip(found, found[1:], strict=False))
    assert bool(found) == bool(text.strip())
    assert len(one_line(text)) <= LONGEST_LINE
