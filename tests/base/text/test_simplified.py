"""Traditional characters are read as simplified ones, each in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jieban.base.text.simplified import SIMPLIFIED, to_simplified


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("老山東里北社區的樓道燈壞了三天，麻煩儘快處理。", "老山东里北社区的楼道灯坏了三天，麻烦尽快处理。"),
        ("關於物業公司亂收費的後續問題", "关于物业公司乱收费的后续问题"),
        ("裏面沒有電，電梯裡困了人！👵", "里面没有电，电梯里困了人！👵"),
        ("乾隆年间的著名象征，慰藉", "乾隆年间的著名象征，慰藉"),  # simplified as it stands
        ("", ""),
        ("ABC 12 \ud800", "ABC 12 \ud800"),
    ],
)
def test_each_character_is_read_where_it_stands(written: str, read: str) -> None:
    assert to_simplified(written) == read


@given(text=st.text(max_size=200))
def test_any_text_keeps_its_length_and_is_read_once(text: str) -> None:
    assert len(to_simplified(text)) == len(text)
    assert to_simplified(to_simplified(text)) == to_simplified(text)


def test_no_simplified_text_is_changed() -> None:
    changed = [chr(code) for code in SIMPLIFIED if _of_gb2312(chr(code))]
    assert sorted(changed) == ["後", "於"]


def _of_gb2312(sign: str) -> bool:
    try:
        return bool(sign.encode("gb2312"))
    except UnicodeEncodeError:
        return False
