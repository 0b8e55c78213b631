"""Near repeats share a trace, what is shared and what is new is told; for any text at all."""

import os
import random
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from jieban.language.likeness import LONGEST, news, repeats, said, shared_words, traces

SHARED = Path(os.environ.get("JIEBAN_SHARED", Path(__file__).parents[3] / "shared"))
REAL = SHARED / "data" / "messages_4326.xlsx"
TEXT = "小区东门外的烧烤店每天半夜还在露天烤肉，油烟直接灌进三楼以上住户家里，开不了窗，孩子咳嗽了一个星期"


def test_traces_are_the_same_for_ever() -> None:
    """What is in the index was made with these: another number finds nothing of what came before."""
    assert traces("路边井盖松动，走过去咣当响") == traces("路边井盖松动\u3000走过去咣当响！")
    assert traces(TEXT)[:2] == FIRST


FIRST = (-1272529201, -787103068)


def test_what_is_shared_and_what_is_new_is_told_in_words() -> None:
    one, other = said(f"{TEXT}。已经报过警"), said(f"物业说管不了。{TEXT}")
    assert repeats(one, other)
    assert shared_words(one, other)[0] == "小区东门外的烧烤店每天半"
    assert news(one, said(TEXT)) == (False, ["已经报过警"])
    assert news(said("暖气不热，家里有老人"), one)[0]
    assert not repeats(one, said("暖气不热，家里有老人"))


ANY = st.text(max_size=300)


@settings(max_examples=100, deadline=None)
@given(one=ANY, other=ANY)
def test_any_two_texts_are_compared(one: str, other: str) -> None:
    assert traces(one) == traces(one) and len(traces(one)) <= 8
    assert all(-(2**31) <= trace < 2**31 for trace in traces(one))
    assert repeats(said(one), said(other)) == repeats(said(other), said(one))
    assert news(said(one), said(one)) == (False, [])
    if said(one).runs:
        assert repeats(said(one), said(one))


@pytest.mark.parametrize("text", ["", "。，！", "\u200b\ufeff", "<br>", "\ud800", "好的"])
def test_what_is_too_short_leaves_no_trace(text: str) -> None:
    assert traces(text) == ()


@pytest.mark.parametrize("unit", ["老山", "a", "<", "老山。", "😀", "\u0301"])
def test_two_hundred_thousand_signs_are_compared_as_far_as_the_bound(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    assert traces(text) == traces(text[:LONGEST])
    assert said(text) == said(text[:LONGEST])


@cache
def real() -> list[str]:
    rows = CalamineWorkbook.from_path(str(REAL)).get_sheet_by_index(0).to_python()
    return [str(row[4]).strip() for row in rows[1:801]]


def dropped(text: str, rng: random.Random) -> str:
    return "".join(sign for sign in text if rng.random() > 0.08)


def exchanged(text: str, rng: random.Random) -> str:
    return "".join(rng.choice("的是在不了有和人这中大为上") if rng.random() < 0.08 else sign for sign in text)


def reordered(text: str, rng: random.Random) -> str:
    parts = re.split("(?<=[。！？；，])", text)
    rng.shuffle(parts)
    return "".join(parts)


def cut(text: str, rng: random.Random) -> str:
    length = int(len(text) * 0.6)
    start = rng.randrange(max(1, len(text) - length))
    return text[start : start + length]


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/messages_4326.xlsx is not there")
@pytest.mark.parametrize(
    ("change", "floor"), [(dropped, 0.95), (exchanged, 0.93), (reordered, 0.97), (cut, 0.93)]
)  # fmt: skip
def test_a_real_message_is_found_by_what_is_left_of_it(change: object, floor: float) -> None:
    rng, texts = random.Random(5), real()
    by_trace: dict[int, set[int]] = {}
    for number, text in enumerate(texts):
        for trace in traces(text):
            by_trace.setdefault(trace, set()).add(number)
    tried = rng.sample(range(len(texts)), 300)
    right = wrong = 0
    for number in tried:
        changed = said(left := change(texts[number], rng))  # type: ignore[operator]
        among = set().union(*(by_trace.get(trace, set()) for trace in traces(left)))
        alike = {other for other in among if repeats(changed, said(texts[other]))}
        right += number in alike
        wrong += sum(not repeats(said(texts[number]), said(texts[other])) for other in alike - {number})
    assert right / len(tried) >= floor
    assert wrong <= 3
