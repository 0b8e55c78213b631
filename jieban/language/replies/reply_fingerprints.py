"""Fingerprints of replies (bottom-k sketch), by which a reply that was copied from another case is found.

The fingerprints are the smallest hashes of all runs of characters in a text. The share of fingerprints that two texts
have in common estimates the share of runs; candidates are then compared by all their runs.
"""

import re
import unicodedata
from hashlib import blake2b

from jieban.base.text.cleaning import clean
from jieban.base.text.simplified import to_simplified

LONGEST = 20_000  # characters that are read
RUN_LENGTH = 6  # characters
MOST_FINGERPRINTS = 8
SHORTEST = 30  # characters without figures; shorter replies are the same everywhere
IN_COMMON = 4  # common fingerprints from which two texts are compared

# Figures, dates and punctuation are left out: whoever copies changes them.
_NOT_WORDS = re.compile(r"[\W\d_]+")


def reply_fingerprints(text: str) -> list[int]:
    """Fingerprints: up to eight integers of 63 bits, ascending; none for a text too short. Any text is allowed."""
    hashed = {_hash(run) for run in _shingles(text)}
    return sorted(hashed)[:MOST_FINGERPRINTS]


def jaccard(one: str, other: str) -> float:
    """Jaccard similarity: the share of runs that two texts have in common, 0 to 1."""
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
