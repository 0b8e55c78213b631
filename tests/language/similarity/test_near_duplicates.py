"""Near repeats share a fingerprint, what is shared and what is new is told; for any text at all."""

import json
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from jieban.language.similarity.near_duplicate_evaluation import (
    CHANGES,
    ChangeScores,
    FingerprintIndex,
    elsewhere,
    measure,
)
from jieban.language.similarity.near_duplicates import (
    LONGEST,
    comparable_text,
    is_near_duplicate,
    new_content,
    shared_words,
    text_fingerprints,
)

SHARED = Path(os.environ.get("JIEBAN_SHARED", Path(__file__).parents[4] / "shared"))
REAL = SHARED / "data" / "messages_4326.xlsx"
TEXT = "小区东门外的烧烤店每天半夜还在露天烤肉，油烟直接灌进三楼以上住户家里，开不了窗，孩子咳嗽了一个星期"


def test_traces_are_the_same_for_ever() -> None:
    """What is in the index was made with these: another number finds nothing of what came before."""
    assert text_fingerprints("路边井盖松动，走过去咣当响") == text_fingerprints(
        "路边井盖松动\u3000走过去咣当响！"
    )
    assert text_fingerprints(TEXT)[:2] == FIRST


FIRST = (-1272529201, -787103068)


def test_what_is_shared_and_what_is_new_is_told_in_words() -> None:
    one, other = comparable_text(f"{TEXT}。已经报过警"), comparable_text(f"物业说管不了。{TEXT}")
    assert is_near_duplicate(one, other)
    assert shared_words(one, other)[0] == "小区东门外的烧烤店每天半"
    assert new_content(one, comparable_text(TEXT)) == (False, ["已经报过警"])
    assert new_content(comparable_text("暖气不热，家里有老人"), one)[0]
    assert not is_near_duplicate(one, comparable_text("暖气不热，家里有老人"))


ANY = st.text(max_size=300)


@settings(max_examples=100, deadline=None)
@given(one=ANY, other=ANY)
def test_any_two_texts_are_compared(one: str, other: str) -> None:
    assert text_fingerprints(one) == text_fingerprints(one) and len(text_fingerprints(one)) <= 8
    assert all(-(2**31) <= fingerprint < 2**31 for fingerprint in text_fingerprints(one))
    assert is_near_duplicate(comparable_text(one), comparable_text(other)) == is_near_duplicate(
        comparable_text(other), comparable_text(one)
    )
    assert new_content(comparable_text(one), comparable_text(one)) == (False, [])
    if comparable_text(one).runs:
        assert is_near_duplicate(comparable_text(one), comparable_text(one))


@pytest.mark.parametrize("text", ["", "。，！", "\u200b\ufeff", "<br>", "\ud800", "好的"])
def test_what_is_too_short_leaves_no_trace(text: str) -> None:
    assert text_fingerprints(text) == ()


@pytest.mark.parametrize("unit", ["老山", "a", "<", "老山。", "😀", "\u0301"])
def test_two_hundred_thousand_signs_are_compared_as_far_as_the_bound(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    assert text_fingerprints(text) == text_fingerprints(text[:LONGEST])
    assert comparable_text(text) == comparable_text(text[:LONGEST])


@cache
def real() -> list[str]:
    rows = CalamineWorkbook.from_path(str(REAL)).get_sheet_by_index(0).to_python()
    return [str(row[4]).strip() for row in rows[1:801]]


FLOORS = {
    "dropped": 0.95, "mistyped": 0.93, "misheard": 0.95, "reordered": 0.97, "cut": 0.93, "reworded": 0.97,
    "all_of_it": 0.55,
}  # fmt: skip


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/messages_4326.xlsx is not there")
def test_a_real_message_is_found_by_what_is_left_of_it() -> None:
    measured = measure(real())
    low = {name: found.recall for name, found in measured.found.items() if found.recall < FLOORS[name]}
    assert (measured.found.keys(), low) == (FLOORS.keys(), {})
    assert min(found.precision for found in measured.found.values()) >= 0.99
    assert measured.other_matter <= 0.01
    assert measured.other_place >= 0.9, "the words alone do not tell places apart"


OTHERS = ["路边井盖松动，走过去咣当响，晚上容易绊倒人", "暖气不热，家里只有十五度，老人受不了", TEXT]


def test_each_change_leaves_the_matter_and_changes_the_words() -> None:
    rng, sounds = random.Random(2), FingerprintIndex(OTHERS).sounds()
    text = f"{TEXT}。已经报过警，来了又走了。物业说管不了。"
    for name, change in CHANGES.items():
        changed = change(text, rng, sounds)
        assert changed != text, name
        assert len(comparable_text(changed).pairs & comparable_text(text).pairs) * 3 > len(
            comparable_text(changed).pairs
        ), name
    assert elsewhere("八角中里社区的路灯坏了", rng, sounds).endswith("社区的路灯坏了")
    assert elsewhere("八角中里社区的路灯坏了", rng, sounds)[:2] in {"东风", "红星", "向阳", "青松", "建设"}


def test_what_is_found_is_counted() -> None:
    def same(text: str, _rng: random.Random, _sounds: object) -> str:
        return text

    def other(text: str, _rng: random.Random, _sounds: object) -> str:
        return OTHERS[(OTHERS.index(text) + 1) % 3]

    def nothing(_text: str, _rng: random.Random, _sounds: object) -> str:
        return "。"

    measured = measure([*OTHERS, OTHERS[0], ""], {"same": same, "other": other, "nothing": nothing})
    assert measured.messages == 3
    assert measured.found == {
        "same": ChangeScores(1.0, 1.0, 3), "other": ChangeScores(0.0, 0.0, 3), "nothing": ChangeScores(0.0, 0.0, 3),
    }  # fmt: skip
    assert measured.other_matter == 0.0


def evaluated(*options: str) -> subprocess.CompletedProcess[str]:
    """The command as it is typed, without a database."""
    return subprocess.run(
        [sys.executable, "-m", "jieban", "evaluate", "likes", *options],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_command_measures_a_table(tmp_path: Path) -> None:
    told = json.loads(evaluated("--json").stdout)
    assert told["messages"] == 30 and set(told["found"]) == set(FLOORS)
    assert told["found"]["reordered"] == {"recall": 1.0, "precision": 1.0, "tried": 30}
    assert told["other_matter"] == 0.0
    words = evaluated().stdout
    assert "30 条内容不同的留言" in words and "语句换了次序：查全 1.000，查准 1.000，30 条" in words
    one = tmp_path / "one.csv"
    one.write_text("subject,text\n路灯,老山东里的路灯坏了\n", encoding="utf-8")
    refused = evaluated("--file", str(one))
    assert refused.returncode != 0 and "至少要有两条内容不同的留言" in refused.stderr
