"""Feature extraction for the classifiers: words of a message's subject and text, and words of the lexicon.

A message becomes a sparse vector of a few hundred weighted features, the same in training and at the desk. Nothing
here needs scikit-learn.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jieban.base.text.cleaning import clean
from jieban.base.text.simplified import to_simplified
from jieban.language.text.lexicon import PATH_SEPARATOR, Lexicon, TermFinder
from jieban.language.text.segment import segment_words

READ_FROM_START, READ_FROM_END = 1_500, 500  # characters that are read of a longer text
SUBJECT_WEIGHT = 2.0  # weight of a lexicon's word in the subject; 1 in the text
BLOCKS = {"words": 1.0, "terms": 1.0, "second": 0.5}  # weight of each block of features
CATEGORY_BLOCKS = {"second": 2}  # level of the tree
WORD_BLOCKS = ("words", "terms")
FEWEST_DOCUMENTS = 2  # texts in which a word must occur to be a feature

# Places anonymized in published messages: A3区, K8县.
_PLACEHOLDER = re.compile(r"[a-z]\d*(?=[市县区省])")
_WIDE = re.compile("[\u3000０-９Ａ-Ｚａ-ｚ]")  # few texts have any; wide punctuation is in no word
_NARROW = {0x3000: " ", **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}}

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class MessageContent:
    """Content of a message: its subject and its text."""

    subject: str
    text: str


def fold_text(text: str) -> str:
    """Folds a text to one width, lower case and simplified characters; each character stays at its position."""
    narrow = to_simplified(text.translate(_NARROW) if _WIDE.search(text) else text)
    small = narrow.lower()
    return small if len(small) == len(text) else "".join(map(_lower, narrow))


def _lower(character: str) -> str:
    small = character.lower()
    return small if len(small) == 1 else character


def truncate(text: str) -> str:
    """Truncates a very long text to its start and its end."""
    if len(text) <= READ_FROM_START + READ_FROM_END:
        return text
    return f"{text[:READ_FROM_START]}\n{text[-READ_FROM_END:]}"


def normalize_message(message: MessageContent) -> MessageContent:
    """Normalizes a message for classification: cleaned, folded, truncated."""
    return MessageContent(*map(_normalize_part, (message.subject, message.text)))


def _normalize_part(part: str) -> str:
    part = " ".join(truncate(part).split())
    if not part.isprintable() or "<" in part or "&" in part:  # else there is nothing to clean
        part = clean(part)
    return _PLACEHOLDER.sub("", fold_text(part))


def tokenize(text: str) -> list[str]:
    """Tokenizer: the words of two characters and more, without numbers."""
    return [word for word in segment_words(text) if len(word) > 1 and not "0" <= word < ":"]


@dataclass(frozen=True)
class FeatureCounts:
    """Word counts of a message, by block."""

    words: Counter[str]
    terms: Mapping[str, float]


def count_features(message: MessageContent, lexicon: Lexicon) -> FeatureCounts:
    message = normalize_message(message)
    terms = term_weights(message, lexicon.finder)
    return FeatureCounts(Counter(tokenize(f"{message.subject}\n{message.text}")), terms)


def term_weights(read: MessageContent, finder: TermFinder) -> dict[str, float]:
    """Weights of a list's words in a normalized message: more in the subject, less with each repetition."""
    terms: dict[str, float] = {}
    for part, weight in ((read.subject, SUBJECT_WEIGHT), (read.text, 1.0)):
        for term, count in Counter(hit.term for hit in finder.hits(part)).items():
            terms[term] = terms.get(term, 0.0) + weight * (1 + math.log(count))
    return terms


@dataclass(frozen=True)
class FeatureSpace:
    """Feature space of a model, by block: the number of each feature, and its inverse document frequency.

    A block of categories has one feature a category of that level in the lexicon.
    """

    lexicon: Lexicon
    numbers: Mapping[str, Mapping[str, int]]
    rarity: Floats
    size: int

    @cached_property
    def names(self) -> dict[int, str]:
        """The word of each feature that is a word."""
        return {number: word for block in WORD_BLOCKS for word, number in self.numbers[block].items()}

    @cached_property
    def _rarity(self) -> list[float]:
        return [float(rare) for rare in self.rarity]

    @cached_property
    def _shares(self) -> dict[int, dict[str, list[tuple[int, float]]]]:
        """For each term's number and block: its categories, each with its share of the term."""
        return {
            number: {block: self._shares_of(term, block, level) for block, level in CATEGORY_BLOCKS.items()}
            for term, number in self.numbers["terms"].items()
        }

    def _shares_of(self, term: str, block: str, level: int) -> list[tuple[int, float]]:
        paths = {path[:level] for path in self.lexicon.categories_of[term] if len(path) >= level}
        return [(self.numbers[block][PATH_SEPARATOR.join(path)], 1 / len(paths)) for path in sorted(paths)]

    def features(self, message: MessageContent) -> tuple[Ints, Floats]:
        """Sparse vector of the message: numbers and weights; both empty for a message without a known word."""
        return self.of_counts(count_features(message, self.lexicon))

    def of_counts(self, counts: FeatureCounts) -> tuple[Ints, Floats]:
        terms = self._weighed("terms", counts.terms.items())
        blocks = {
            "words": self._weighed("words", _log_counts(counts.words)),
            "terms": terms,
            **{block: self._of_categories(block, terms) for block in CATEGORY_BLOCKS},
        }
        numbers: list[int] = []
        weights: list[float] = []
        for name, block in blocks.items():
            values = block.values()
            norm = math.hypot(*values)
            if norm:
                scale = BLOCKS[name] / norm
                numbers += block
                weights += [weight * scale for weight in values]
        return np.array(numbers, np.int32), np.array(weights, np.float32)

    def _weighed(self, name: str, counts: Iterable[tuple[str, float]]) -> dict[int, float]:
        known, rarity = self.numbers[name], self._rarity
        return {known[word]: count * rarity[known[word]] for word, count in counts if word in known}

    def _of_categories(self, block: str, terms: Mapping[int, float]) -> dict[int, float]:
        """Points of the lexicon's categories: a word of several categories gives each its share."""
        points: dict[int, float] = {}
        shares = self._shares
        for term, weight in terms.items():
            for number, share in shares[term][block]:
                points[number] = points.get(number, 0.0) + weight * share
        return points


def _log_counts(counts: Counter[str]) -> Iterable[tuple[str, float]]:
    return ((word, 1.0 if count == 1 else 1 + math.log(count)) for word, count in counts.items())


def fit_space(
    messages: Iterable[FeatureCounts], lexicon: Lexicon, rarest: int = FEWEST_DOCUMENTS
) -> FeatureSpace:
    """Fits the feature space to these messages (labelled or not), which are read one by one."""
    texts = {name: Counter[str]() for name in WORD_BLOCKS}
    texts["terms"].update(dict.fromkeys(lexicon.categories_of, 0))
    read = 0
    for read, counts in enumerate(messages, 1):  # noqa: B007 - how many there were
        for name in WORD_BLOCKS:
            texts[name].update(getattr(counts, name).keys())
    numbers: dict[str, dict[str, int]] = {}
    rarity: list[float] = []
    for name in WORD_BLOCKS:
        chosen = sorted(word for word, count in texts[name].items() if name == "terms" or count >= rarest)
        numbers[name] = {word: len(rarity) + place for place, word in enumerate(chosen)}
        rarity += (math.log((1 + read) / (1 + texts[name][word])) + 1 for word in chosen)
    for name, level in CATEGORY_BLOCKS.items():
        chosen = [PATH_SEPARATOR.join(path) for path in lexicon.names(level)]
        numbers[name] = {word: len(rarity) + place for place, word in enumerate(chosen)}
        rarity += [1.0] * len(chosen)
    return FeatureSpace(lexicon, numbers, np.array(rarity, np.float32), len(rarity))
