"""Near-duplicate search: fingerprints (MinHash with bands) to find candidates, and the overlap of character pairs.

A text is split into runs of letters and characters. Pairs of neighbouring characters measure the overlap; hashed
triples make the fingerprints: texts with three in five triples in common almost always share a fingerprint.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jieban.base.text.simplified import to_simplified

LONGEST = 20_000  # characters that are compared
BANDS = 8  # fingerprints per text
ROWS = 2  # minimal triples per fingerprint
REPEATED_SHARE = 0.5  # share of all pairs of both texts from which one repeats the other
CONTAINED_SHARE = 0.75  # share of the shorter text's pairs from which it repeats a part of the longer
FEWEST_PAIRS = 8  # pairs; a text with fewer is short
SHORT_TEXT_SHARE = 0.8  # share of all pairs from which a short text repeats another
NEW_SHARE = 0.25  # share of a text's pairs that an earlier one lacks, from which it has new content
MOST_SHARED_WORDS = 3  # shared words that are shown
_MARKUP = re.compile("</?[A-Za-z!][^<>]{0,300}>|&(?:[A-Za-z]{2,8}|#[0-9]{1,7});")
_GAPS = re.compile(r"[\W_]+")
# Length of a shared run that is shown: from three characters to what fits on a line.
_SHORTEST_SHARED, _LONGEST_SHARED = 3, 12
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_MASK = np.uint64(0xFFFFFFFF)


def text_runs(text: str) -> list[str]:
    """Runs of text between gaps and punctuation: one width, lower case, simplified characters, no markup."""
    narrow = unicodedata.normalize("NFKC", _MARKUP.sub(" ", text[:LONGEST])).lower()
    return [run for run in _GAPS.split(to_simplified(narrow)) if run]


def text_fingerprints(text: str) -> tuple[int, ...]:
    """Fingerprints: at most eight integers of 32 bits, the same on every machine; none below three characters."""
    whole = "".join(text_runs(text))
    if len(whole) < 3:
        return ()
    codes: NDArray[np.uint64] = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), "<u4").astype(
        np.uint64
    )
    smallest = _smallest(codes)
    numbers: NDArray[np.uint64] = np.arange(BANDS, dtype=np.uint64)
    found = _mix_bits(smallest[0::2] * np.uint64(0x9E3779B97F4A7C15) + smallest[1::2] + numbers)
    return tuple(sorted({int(one) for one in (found & _MASK).astype(np.uint32).view(np.int32)}))


def _smallest(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """MinHash: the first triple in each of 16 orders. 16 numbers."""
    triples: NDArray[np.uint64] = codes[:-2] * np.uint64(0x100000001B3) + codes[1:-1]
    triples = _mix_bits(triples * np.uint64(0x100000001B3) + codes[2:])
    smallest: NDArray[np.uint64] = (triples[:, None] * _FACTORS[0] + _FACTORS[1]).min(axis=0)
    return smallest


def _mix_bits(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash of 64-bit numbers: the finishing steps of splitmix64."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = numbers ^ (numbers >> np.uint64(31))
    return mixed


# The 16 orders. They never change: the fingerprints in the database were made with them.
_FACTORS = _mix_bits(np.arange(1, 2 * BANDS * ROWS + 1, dtype=np.uint64)).reshape(2, -1) | np.uint64(1)


@dataclass(frozen=True, slots=True)
class ComparableText:
    """Text prepared for comparison: its runs and pairs."""

    runs: tuple[str, ...]
    pairs: frozenset[str]


def comparable_text(text: str) -> ComparableText:
    parts = tuple(text_runs(text))
    return ComparableText(parts, frozenset(run[at : at + 2] for run in parts for at in range(len(run) - 1)))


def is_near_duplicate(one: ComparableText, other: ComparableText) -> bool:
    """Whether one text nearly repeats the other or a part of it, in any order of sentences."""
    shorter = min(len(one.pairs), len(other.pairs))
    if not shorter:
        return bool(one.runs) and sorted(one.runs) == sorted(other.runs)
    both = len(one.pairs & other.pairs)
    whole = both / (len(one.pairs) + len(other.pairs) - both)
    if shorter < FEWEST_PAIRS:
        return whole >= SHORT_TEXT_SHARE
    return whole >= REPEATED_SHARE or both / shorter >= CONTAINED_SHARE


def overlap_share(one: frozenset[str], other: frozenset[str]) -> float:
    """Overlap coefficient: the share of the shorter text's pairs that the other has too; 0 where one is empty."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def is_short(one: ComparableText, other: ComparableText) -> bool:
    """Whether one of the texts is so short that equal words prove little."""
    return min(len(one.pairs), len(other.pairs)) < FEWEST_PAIRS


def shared_words(one: ComparableText, other: ComparableText) -> list[str]:
    """The longest runs of Chinese characters that both texts have, shown to the person who compares."""
    return _longest(_matching_parts(one, other.pairs, inside=True))


def new_content(text: ComparableText, earlier: ComparableText) -> tuple[bool, list[str]]:
    """Whether a text has content that an earlier one lacks, and the longest such part."""
    if not text.pairs:
        return False, []
    new = len(text.pairs - earlier.pairs) / len(text.pairs)
    return new >= NEW_SHARE, _longest(_matching_parts(text, earlier.pairs, inside=False))


def _matching_parts(text: ComparableText, pairs: frozenset[str], *, inside: bool) -> Iterator[str]:
    """The parts of a text whose pairs are all among these, or (`inside` false) all not."""
    for run in text.runs:
        start = 0
        for at in range(len(run)):
            if (run[at : at + 2] in pairs) is not inside or at == len(run) - 1:
                yield run[start : at + 1] if inside or at == len(run) - 1 else run[start:at]
                start = at + 1


def _longest(parts: Iterator[str]) -> list[str]:
    words = {word for part in parts for word in _CHINESE.findall(part) if len(word) >= _SHORTEST_SHARED}
    chosen: list[str] = []
    for word in sorted(words, key=lambda word: (-len(word), word)):
        if len(chosen) < MOST_SHARED_WORDS and not any(word[:_LONGEST_SHARED] in other for other in chosen):
            chosen.append(word[:_LONGEST_SHARED])
    return chosen
