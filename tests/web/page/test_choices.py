"""What the lists offer, and by what their entries are found."""

import pytest

from jieban.base.text.pinyin import pinyin_initials
from jieban.web.page.choices import SearchableLabel, SearchableSelect


@pytest.mark.parametrize(
    ("words", "letters"),
    [
        ("城乡建设 / 供热采暖", "cxjs grcn"),
        ("八角北里社区", "bjblsq"),
        ("石景山区12345热线", "sjsq12345rx"),
        ("", ""),
        ("A类", "al"),
    ],
)
def test_first_letters_of_a_name(words: str, letters: str) -> None:
    assert pinyin_initials(words) == letters


def test_an_entry_carries_what_it_is_found_by_and_nothing_runs_in_it() -> None:
    options = [("", ""), ("1", SearchableLabel.of('老山"><script>', "1101"))]
    page = SearchableSelect(choices=options).render("place", "1")
    assert '<option value="1" selected data-find="ls script 1101">' in page
    assert "<script>" not in page
    assert page.startswith('<select name="place" data-pick>')
