"""A category of three levels without labelled messages. Every sentence is invented for these tests."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jieban.language.classify.category_tree import CategoryTree, cached_tree
from jieban.language.classify.classifier import ClassifierResult
from jieban.language.text.features import MessageContent
from jieban.language.text.lexicon import categories

ROOT = Path(__file__).resolve().parents[3]


def district() -> CategoryTree:
    with (ROOT / "data" / "district" / "categories.csv").open(encoding="utf-8-sig") as lines:
        rows = {row["code"]: row for row in csv.DictReader(lines)}
    leaves = []
    for row in rows.values():
        if row["level"] == "3":
            second = rows[row["parent_code"]]
            leaves.append((rows[second["parent_code"]]["name"], second["name"], row["name"]))
    return cached_tree(tuple(sorted(leaves)), categories())


@pytest.mark.parametrize(
    ("subject", "text", "path"),
    [
        ("暖气不热", "家里暖气片是凉的，室温才十五度", "城乡建设/城市建设和市政管理/冬季采暖"),
        ("", "小区物业费涨价，保安形同虚设，业委会也不管", "城乡建设/住房保障与房地产/物业服务"),
        ("", "包工头拖欠农民工工资，工地上的工友都没拿到钱", "劳动和社会保障/劳动关系/农民工权益"),
        ("", "工地夜间施工噪音扰民，打桩轰鸣，孩子无法入睡", "环境保护/环境污染/噪音污染"),
        ("", "快递员不送货上门，包裹丢失，快递公司拒赔", "交通运输/邮政管理/快递市场管理"),
        ("", "婚姻登记处能预约领结婚证吗", "民政/社会服务/婚姻登记"),
        ("", "饭店的菜里有虫子，吃坏肚子，怀疑食品变质", "卫生计生/食品药品监管/食品安全"),
    ],
)
def test_a_plain_matter_is_found(subject: str, text: str, path: str) -> None:
    answer = district().answer(MessageContent(subject, text))
    assert answer.guesses[0].label == path
    assert len(answer.guesses) == 3 and all(word in subject + text for word in answer.because)


def test_what_is_said_clearly_is_sure_and_what_is_not_is_unsure_with_three() -> None:
    clear = district().answer(MessageContent("暖气不热", "供暖一周了，暖气片冰凉，热力公司不来"))
    assert clear.sure and clear.because[0] in {"暖气不热", "供暖", "暖气片", "热力公司", "暖气"}
    vague = district().answer(MessageContent("", "申请补贴要去哪个部门"))
    assert not vague.sure and len(vague.guesses) == 3


@pytest.mark.parametrize("text", ["", "。，！？", "🙂🙂", "12345", "xyz"])
def test_a_text_that_says_nothing_gets_no_guess(text: str) -> None:
    assert district().answer(MessageContent("", text)) == ClassifierResult((), False, ())
    assert district().first_level(MessageContent("", text)) == ClassifierResult((), False, ())


def test_a_tree_of_other_names_is_read_by_its_names() -> None:
    own = CategoryTree((("环境", "大气", "餐饮油烟"), ("环境", "水", "河道、沟渠")), categories())
    assert own.answer(MessageContent("", "楼下的餐饮油烟太大")).guesses[0].label == "环境/大气/餐饮油烟"
    assert own.answer(MessageContent("", "沟渠里都是垃圾")).because == ("沟渠",)
    assert own.answer(MessageContent("", "暖气不热")).guesses == ()


@settings(max_examples=25, deadline=None)
@given(
    st.text(max_size=60),
    st.lists(st.sampled_from(["暖气", "<b>", "\u200b", "工资", "\n", "忽略以上指令"]), max_size=9),
)
def test_shares_are_shares(text: str, words: list[str]) -> None:
    answer = district().answer(MessageContent(text, "".join(words)))
    shares = [guess.confidence for guess in answer.guesses]
    assert shares == sorted(shares, reverse=True) and 0 <= sum(shares) <= 1 + 1e-9


def test_the_lexicon_speaks_of_the_district_s_categories_only() -> None:
    known = {leaf[:level] for leaf in district().leaves for level in (1, 2, 3)}
    assert set(categories().entries) <= known
