"""Cold-start classifier: a category of three levels from the tree's names and the lexicon, without labelled messages.

Where a model for the first level is given, its confidence replaces the lexicon's.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256

from jieban.language.classify.classifier import (
    MOST_GUESSES,
    SHOWN_WORDS,
    Classifier,
    ClassifierResult,
    Guess,
)
from jieban.language.text.features import MessageContent, normalize_message, term_weights
from jieban.language.text.lexicon import PATH_SEPARATOR, CategoryPath, Lexicon, TermFinder

# Factor of the points in the softmax. Set on the 457 labelled messages (first level) and on the texts of the
# demonstration (third level): docs/decisions/0009-classification.md.
FIRST_SHARPNESS, LEAF_SHARPNESS = 6.0, 7.0
THRESHOLD = 0.6  # below it, unsure
DAMPING_POINTS = 2.0  # points against all categories, so that one short word alone makes none sure
PARENT_WEIGHT = 0.3  # weight of a word of the second level for each category below it
NAME_WEIGHT = 2.0  # weight of the category's own name
NAME_PARTS = re.compile("[、和与及（）()/]")
OTHER = "其他"
VERSION_LENGTH = 8


@dataclass(frozen=True)
class CategoryTree:
    """Tree of the district's categories: the leaves (third level), each as its names from the first level down."""

    leaves: tuple[CategoryPath, ...]
    lexicon: Lexicon

    @cached_property
    def first(self) -> tuple[str, ...]:
        return tuple(sorted({leaf[0] for leaf in self.leaves}))

    @cached_property
    def by_first(self) -> Mapping[str, tuple[CategoryPath, ...]]:
        return {name: tuple(leaf for leaf in self.leaves if leaf[0] == name) for name in self.first}

    @cached_property
    def by_name(self) -> Mapping[str, tuple[CategoryPath, ...]]:
        """Index of the leaves by the parts of their names; 投诉、举报 counts as two."""
        found: dict[str, list[CategoryPath]] = {}
        for leaf in self.leaves:
            for part in {leaf[-1], *NAME_PARTS.split(leaf[-1])} - {OTHER}:
                found.setdefault(part.lower(), []).append(leaf)
        return {name: tuple(leaves) for name, leaves in found.items()}

    @cached_property
    def names(self) -> TermFinder:
        return TermFinder(self.by_name)

    @cached_property
    def _below(self) -> Mapping[CategoryPath, tuple[CategoryPath, ...]]:
        """For each path of the lexicon the leaves of the tree at or below it."""
        known = set(self.lexicon.entries)
        return {path: tuple(leaf for leaf in self.leaves if leaf[: len(path)] == path) for path in known}

    @cached_property
    def version(self) -> str:
        """Version: a hash of the categories and words, so that equal trees have equal versions."""
        digest = sha256("\n".join(map(PATH_SEPARATOR.join, self.leaves)).encode())
        for path, terms in self.lexicon.entries.items():
            digest.update(f"\n{PATH_SEPARATOR.join(path)}\t{';'.join(terms)}".encode())
        return f"tree-{digest.hexdigest()[:VERSION_LENGTH]}"

    def answer(self, message: MessageContent, model: Classifier | None = None) -> ClassifierResult:
        """The best three categories, by full path; none where no word of the text is known."""
        terms = self._terms(normalize_message(message))
        if not terms:
            return ClassifierResult((), False, ())
        shares = self._shares_of(terms, message, model)
        best = sorted(shares, key=lambda leaf: -shares[leaf])[:MOST_GUESSES]
        guesses = tuple(Guess(PATH_SEPARATOR.join(leaf), shares[leaf]) for leaf in best)
        return ClassifierResult(guesses, guesses[0].confidence >= THRESHOLD, self._because(terms, best[0]))

    def shares(self, message: MessageContent) -> Mapping[CategoryPath, float]:
        """The share of each category, together 1; empty where no word of the text is known."""
        terms = self._terms(normalize_message(message))
        return self._shares_of(terms, message, None) if terms else {}

    def because(self, message: MessageContent, leaf: CategoryPath) -> tuple[str, ...]:
        """The words that speak most for this category, the strongest first."""
        return self._because(self._terms(normalize_message(message)), leaf)

    def first_level(self, message: MessageContent) -> ClassifierResult:
        """The best three of the first level alone, by the lexicon."""
        terms = self._terms(normalize_message(message))
        shares = self._firsts(terms, message, None)
        best = sorted(shares, key=lambda name: -shares[name])[:MOST_GUESSES] if terms else []
        guesses = tuple(Guess(name, shares[name]) for name in best)
        sure = bool(guesses) and guesses[0].confidence >= THRESHOLD
        return ClassifierResult(guesses, sure, self._because(terms, (best[0],)) if best else ())

    def _shares_of(
        self, terms: Mapping[str, float], message: MessageContent, model: Classifier | None
    ) -> dict[CategoryPath, float]:
        firsts = self._firsts(terms, message, model)
        leaves = self._leaves(terms)
        return {
            leaf: firsts.get(name, 0.0) * share
            for name, below in self.by_first.items()
            for leaf, share in zip(below, _shares([leaves.get(leaf, 0.0) for leaf in below], LEAF_SHARPNESS),
                                   strict=True)
        }  # fmt: skip

    def _terms(self, message: MessageContent) -> dict[str, float]:
        """Known words of the message with their weights; longer words weigh more."""
        found = term_weights(message, self.lexicon.finder) | term_weights(message, self.names)
        return {term: weight * math.log(1 + len(term)) for term, weight in found.items() if self._paths(term)}

    def _paths(self, term: str) -> list[CategoryPath]:
        """Paths that the term points to: those of the lexicon that the tree has, and leaves of that name."""
        paths = [path for path in self.lexicon.categories_of.get(term, ()) if self._below[path]]
        return [*paths, *self.by_name.get(term, ())]

    def _firsts(
        self, terms: Mapping[str, float], message: MessageContent, model: Classifier | None
    ) -> dict[str, float]:
        if model is not None and set(model.classes) <= set(self.first):
            confidences = model.confidences(model.space.features(message))
            return dict(zip(model.classes, map(float, confidences), strict=True))
        points = dict.fromkeys(self.first, 0.0)
        for term, weight in terms.items():
            firsts = {path[0] for path in self._paths(term)}
            for name in firsts:
                points[name] += weight / len(firsts)
        return dict(zip(points, _shares(list(points.values()), FIRST_SHARPNESS), strict=True))

    def _leaves(self, terms: Mapping[str, float]) -> dict[CategoryPath, float]:
        points: dict[CategoryPath, float] = {}
        for term, weight in terms.items():
            exact = [path for path in self.lexicon.categories_of.get(term, ()) if len(path) > 2]
            for path in exact:
                _add(points, self._below[path], weight / math.sqrt(len(exact)))
            for path in self.lexicon.categories_of.get(term, ()):
                if len(path) == 2:
                    _add(points, self._below[path], PARENT_WEIGHT * weight)
            _add(points, self.by_name.get(term, ()), NAME_WEIGHT * weight)
        return points

    def _because(self, terms: Mapping[str, float], best: CategoryPath) -> tuple[str, ...]:
        """The words that point to this category or to one above it, and not to all."""
        speaking = {
            term: weight * len(path) / len(self._paths(term))
            for term, weight in terms.items()
            for path in self._paths(term)
            if path == best[: len(path)] or best == path[: len(best)]
        }
        return tuple(sorted(speaking, key=lambda term: -speaking[term])[:SHOWN_WORDS])


def _add(points: dict[CategoryPath, float], leaves: Sequence[CategoryPath], weight: float) -> None:
    for leaf in leaves:
        points[leaf] = points.get(leaf, 0.0) + weight


def _shares(points: Sequence[float], sharpness: float) -> list[float]:
    """Softmax with damping: shares that add up to 1, all equal where nothing has points."""
    norm = math.hypot(*points, DAMPING_POINTS)
    raised = [math.exp(sharpness * point / norm) for point in points]
    whole = sum(raised)
    return [part / whole for part in raised]


@lru_cache(maxsize=4)
def cached_tree(leaves: tuple[CategoryPath, ...], lexicon: Lexicon) -> CategoryTree:
    """Cached tree of a district, built once per process for each set of categories."""
    return CategoryTree(leaves, lexicon)
