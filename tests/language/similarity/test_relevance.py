"""Whether a reply belongs to a message, alone and over a table; and the command that measures it."""

import csv
import json
import math
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from jieban.base.errors import Invalid
from jieban.language.similarity import relevance as r
from jieban.language.similarity.relevance_evaluation import area_under_curve, measure
from tests.language.odd_texts import COURTESY, ODD_TEXTS
from tests.language.pairs import PAIRS, REAL


def real_pairs() -> list[tuple[str, str, str]]:
    with REAL.open(encoding="utf-8-sig", newline="") as file:
        return [(row["留言主题"], row["留言详情"], row["答复意见"]) for row in csv.DictReader(file)]


def write_pairs(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("留言主题", "留言详情", "答复意见"), *rows])
    return path


@pytest.mark.parametrize("at", range(len(PAIRS)), ids=lambda at: PAIRS[at][0])
def test_an_own_reply_is_likely_and_every_foreign_one_is_not(at: int) -> None:
    subject, said, own = PAIRS[at]
    assert r.relevance(subject, said, own) > 2
    assert max(r.relevance(subject, said, other) for *_rest, other in PAIRS if other != own) < -1


def test_courtesies_alone_say_neither_yes_nor_no() -> None:
    odds = [r.relevance(subject, said, COURTESY) for subject, said, _reply in PAIRS]
    own = min(r.relevance(*pair) for pair in PAIRS)
    foreign = max(r.relevance(*PAIRS[at][:2], PAIRS[at - 1][2]) for at in range(len(PAIRS)))
    assert foreign < -1 < min(odds) <= max(odds) < 1 < own


def test_another_city_in_the_reply_counts_against_it() -> None:
    here = r.relevance("A3区的路灯", "A3区路灯不亮", "您好，A3区城管局已派人检修线路。")
    there = r.relevance("A3区的路灯", "A3区路灯不亮", "您好，K3区城管局已派人检修线路。")
    assert here > there + 3


def test_weights_fall_with_how_common_a_piece_is() -> None:
    texts = [
        (r.count_pieces("电梯坏了" if n > 2 else "水管坏了"), r.count_pieces("已经派人")) for n in range(9)
    ]
    weights = r.learned_weights(texts)
    assert weights.of("水管") > weights.of("电梯") > weights.of("已经")
    assert weights.of("没有见过") == 1.0
    assert 0 <= min(weights.listed.values()) <= max(weights.listed.values()) <= 1


def test_area_under_the_curve_counts_ties_half() -> None:
    assert area_under_curve([3, 2], [1, 0]) == 1.0
    assert area_under_curve([0, 1], [2, 3]) == 0.0
    assert area_under_curve([1, 2], [1, 2]) == 0.5
    assert area_under_curve([1, 3], [1, 2]) == 5 / 8


def test_measuring_is_the_same_each_time_and_in_any_process() -> None:
    assert measure(PAIRS) == measure(list(PAIRS))
    assert measure(PAIRS).auc == 1.0


def test_equal_replies_are_not_held_against_each_other() -> None:
    same = [("灯不亮", "路灯不亮", "已修好路灯"), ("水管漏", "水管漏水", "已修好路灯")]
    with pytest.raises(ValueError, match="no two different"):
        measure(same)
    assert measure([*same, PAIRS[0]]).pairs == 3


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/replies_400.csv is not there")
def test_own_replies_stand_out_among_real_ones() -> None:
    assert measure(real_pairs()).auc >= 0.97


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/replies_400.csv is not there")
def test_own_replies_stand_out_one_message_at_a_time() -> None:
    pairs = real_pairs()[::4]
    own = [r.relevance(*pair) for pair in pairs]
    foreign = [r.relevance(*pairs[at][:2], pairs[at - 7][2]) for at in range(len(pairs))]
    assert area_under_curve(own, foreign) >= 0.95


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_any_text_has_finite_odds(text: str) -> None:
    for subject, said, reply in ((text, text, text), (text, text, PAIRS[0][2]), (*PAIRS[0][:2], text)):
        assert math.isfinite(r.relevance(subject, said, reply))


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.text())
def test_any_three_texts_have_finite_odds(subject: str, said: str, reply: str) -> None:
    assert math.isfinite(r.relevance(subject, said, reply))


def test_the_command_prints_what_was_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_pairs(tmp_path / "pairs.csv", [*PAIRS, ("没有答复", "还没有答复", "")])
    call_command("evaluate", "replies", "--pairs", str(path), "--json")
    assert json.loads(capsys.readouterr().out) == {"auc": 1.0, "pairs": len(PAIRS), "left_out": 1}
    call_command("evaluate", "replies", "--pairs", str(path))
    assert "1.0000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("留言主题,留言详情\n灯,灯不亮\n", "答复意见"),
        ("留言主题,留言详情,答复意见\n灯,灯不亮,已修\n", "两条"),
        ("", "空的"),
    ],
)
def test_the_command_says_what_a_table_lacks(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Invalid, match=said):
        call_command("evaluate", "replies", "--pairs", str(path))
    with pytest.raises(Invalid, match="没有这个文件"):
        call_command("evaluate", "replies", "--pairs", str(tmp_path / "none.csv"))
