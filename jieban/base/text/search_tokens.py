"""Tokenizer for full-text search, for texts and for queries.

Tokens are bigrams of characters, not words: a segmenter cuts 楼道灯 alone and in 楼道灯坏了 at different positions,
and then one is not found in the other.
"""

import re
from itertools import pairwise

from jieban.base.text.simplified import to_simplified

MOST_TOKENS = 5_000
TOKEN_RUN = re.compile(r"[0-9a-z]+|[一-鿿㐀-䶿]+")


def tokens(text: str) -> list[str]:
    """Tokens of a text, each once: Latin words and figures, bigrams of simplified Chinese characters.

    The last character of a run is a token too, so that a search for one character finds it as a prefix.
    """
    found = (token for run in TOKEN_RUN.findall(to_simplified(text).lower()) for token in _run_tokens(run))
    return list(dict.fromkeys(found))[:MOST_TOKENS]


def query_tokens(text: str) -> list[str]:
    """Tokens of a query: a text must have all of them; a `*` at the end of a token means a prefix."""
    found: list[str] = []
    for run in TOKEN_RUN.findall(to_simplified(text).lower()):
        if run.isascii() or len(run) == 1:
            found.append(f"{run}*")
        else:
            found.extend(_pairs(run))
    return list(dict.fromkeys(found))


def _run_tokens(run: str) -> list[str]:
    return [run] if run.isascii() else [*_pairs(run), run[-1]]


def _pairs(run: str) -> list[str]:
    return [first + second for first, second in pairwise(run)]
