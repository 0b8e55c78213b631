"""Chinese text into search tokens, for text and for queries alike.

Pairs of neighbouring characters, not words: a segmenter cuts 楼道灯 alone and in 楼道灯坏了 at different places,
and then the one is not found in the other.
"""

import re
from itertools import pairwise

from jieban.base.text.simplified import to_simplified

MOST_TOKENS = 5_000
TOKEN_RUN = re.compile(r"[0-9a-z]+|[一-鿿㐀-䶿]+")


def tokens(text: str) -> list[str]:
    """What a text is found by, each once: words and figures in Latin script, pairs of simplified Chinese characters.

    The last character of a run stands alone too, so that a search for one character finds it as a beginning.
    """
    found = (token for run in TOKEN_RUN.findall(to_simplified(text).lower()) for token in _run_tokens(run))
    return list(dict.fromkeys(found))[:MOST_TOKENS]


def query_tokens(text: str) -> list[str]:
    """What a text must hold to be found; a `*` at the end of a token stands for any ending."""
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
