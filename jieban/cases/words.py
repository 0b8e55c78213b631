"""Chinese text into search tokens, for text and for queries alike."""

import re

import rjieba

MOST_TOKENS = 2_000
WORD = re.compile(r"[0-9a-z一-鿿]+")


def tokens(text: str) -> list[str]:
    """The words of a text, each once, as they are found again; punctuation is left out."""
    found = (word for piece in rjieba.cut_for_search(text.lower()) for word in WORD.findall(piece))
    return list(dict.fromkeys(found))[:MOST_TOKENS]
