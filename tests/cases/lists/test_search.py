"""What is written is found again, however the words around it are cut."""

import pytest

from jieban.base.text.search_tokens import query_tokens, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("楼道灯坏了", ["楼道", "道灯", "灯坏", "坏了", "了"]),
        ("A5区3号楼，WiFi 慢", ["a5", "区", "3", "号楼", "楼", "wifi", "慢"]),
        ("", []),
        ("……！？", []),
        ("灯灯灯", ["灯灯", "灯"]),
        ("樓道燈壞了", ["楼道", "道灯", "灯坏", "坏了", "了"]),
    ],
)
def test_tokens_of_a_text(text: str, found: list[str]) -> None:
    assert tokens(text) == found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("楼道灯", ["楼道", "道灯"]),
        ("灯", ["灯*"]),
        ("樓道", ["楼道"]),
        ("wifi A5", ["wifi*", "a5*"]),
        ("'&|!():*", []),
    ],
)
def test_tokens_of_a_search(text: str, wanted: list[str]) -> None:
    assert query_tokens(text) == wanted


def test_every_part_of_a_text_is_found_in_it() -> None:
    text = "老山东里北12号楼楼道灯坏了三天"
    held = tokens(text)
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            for word in query_tokens(text[start:end]):
                bare = word.rstrip("*")
                hit = any(token.startswith(bare) for token in held) if "*" in word else bare in held
                assert hit or bare.isdigit(), text[start:end]
