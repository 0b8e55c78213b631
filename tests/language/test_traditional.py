"""What is written in traditional characters is read like the same in simplified ones."""

from dataclasses import replace

import pytest

from jieban.language.classify import word_marks
from jieban.language.place.place_finder import find
from jieban.language.replies.reply_fingerprints import reply_fingerprints
from jieban.language.similarity.near_duplicates import (
    comparable_text,
    is_near_duplicate,
    text_fingerprints,
)
from jieban.language.similarity.relevance import count_pieces
from jieban.language.text.features import MessageContent, count_features
from jieban.language.text.lexicon import categories
from tests.language.district import district

PAIRS = [
    ("老山東里北社區的樓道燈壞了三天，老人摔倒受傷，投訴物業公司不維修",
     "老山东里北社区的楼道灯坏了三天，老人摔倒受伤，投诉物业公司不维修"),
    ("舉報工地夜間施工噪聲擾民，電梯裏困了人，有燒焦的味道",
     "举报工地夜间施工噪声扰民，电梯里困了人，有烧焦的味道"),
]  # fmt: skip


@pytest.mark.parametrize(("traditional", "plain"), PAIRS)
def test_words_marks_and_likeness_are_those_of_the_simplified_text(traditional: str, plain: str) -> None:
    assert count_features(MessageContent("", traditional), categories()) == count_features(
        MessageContent("", plain), categories()
    )
    assert text_fingerprints(traditional) == text_fingerprints(plain) and is_near_duplicate(
        comparable_text(traditional), comparable_text(plain)
    )
    assert count_pieces(traditional) == count_pieces(plain)
    assert reply_fingerprints(traditional) == reply_fingerprints(plain)
    for read in (word_marks.nature, word_marks.urgency, word_marks.about_property):
        own, other = read(traditional), read(plain)
        assert (own and own.value) == (other and other.value)
        assert [(span.start, span.end) for span in (own.spans if own else ())] == [
            (span.start, span.end) for span in (other.spans if other else ())
        ]


def test_something_is_found_in_them() -> None:
    nature, urgency = (read(PAIRS[1][0]) for read in (word_marks.nature, word_marks.urgency))
    assert nature is not None and (nature.value, nature.words) == ("report", ("舉報",))
    assert urgency is not None and urgency.value == "life"


def test_a_place_is_found_under_its_name_in_traditional_characters() -> None:
    own, other = find(PAIRS[0][0], district()), find(PAIRS[0][1], district())
    assert own.clear and own.candidates[0].words == "老山東里北社區"  # marked as it was written
    assert [replace(one, words="") for one in own.candidates] == [
        replace(one, words="") for one in other.candidates
    ]
