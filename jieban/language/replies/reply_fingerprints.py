"""By what a reply copied from another case is found again: a few marks that like texts share.

The marks are the smallest hashes of all runs of characters in a text (a bottom-k sketch). Two texts share about
as many of them as they share runs; whether they really are alike is then told by all runs.
"""

import re
import unicodedata
from hashlib import blake2b

from jieban.base.text.cleaning import clean
from jieban.base.text.simplified import to_simplified

LONGEST = 20_000  # characters that are looked at
RUN_LENGTH = 6  # characters
MOST_FINGERPRINTS = 8
SHORTEST = 30  # characters without figures; what is shorter says the same everywhere
IN_COMMON = 4  # marks from which a text is compared

# Figures, dates and signs are what somebody changes who copies.
_NOT_WORDS = re.compile(r"[\W\d_]+")


def reply_fingerprints(text: str) -> list[int]:
    """Up to eight whole numbers of 63 bits, ascending; none for a text too short to be copied. Any text is allowed."""
    hashed = {_hash(run) for run in _shingles(text)}
    return sorted(hashed)[:MOST_FINGERPRINTS]


def jaccard(one: str, other: str) -> float:
    """The share of runs that two texts have in common, 0 to 1 (Jaccard)."""
    first, second = _shingles(one), _shingles(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def _shingles(text: str) -> set[str]:
    plain = to_simplified(unicodedata.normalize("NFKC", clean(text[:LONGEST])).lower())
    plain = _NOT_WORDS.sub("", plain)
    if len(plain) < SHORTEST:
        return set()
    return {plain[place : place + RUN_LENGTH] for place in range(len(plain) - RUN_LENGTH + 1)}


def _hash(run: str) -> int:
    return int.from_bytes(blake2b(run.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1
