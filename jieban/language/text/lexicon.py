"""Lexicon: the hand-written word lists in `data/lexicon`, and the search for their words in a text.

The lists are data with their source: a district adds a line and needs no programmer.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import add
from pathlib import Path

LEXICON_FOLDER = Path(__file__).resolve().parents[3] / "data" / "lexicon"
SHORTEST_TERM = 2  # one character alone occurs in too many other words
PATH_SEPARATOR = "/"  # the names of a category and of those above it
GAP = "…"  # between the two parts of a word with a gap
# The lists with the values that their words may mark; a list without values is a flag.
LIST_VALUES: Mapping[str, tuple[str, ...]] = {
    "urgency": ("life", "urgent", "normal"),
    "nature": ("consult", "help", "complaint", "report", "suggestion", "praise"),
    "grade": ("simple", "general", "complex"),
    "sensitive": (),
    "property": (),
    "not_danger": ("none", "urgent"),
}
CategoryPath = tuple[str, ...]  # names of a category from the first level down, at most three


@dataclass(frozen=True, slots=True)
class TermHit:
    """Hit: a word of a list in a text, at `start`."""

    term: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.term)


class TermFinder:
    """Searcher for the words of a list, also those inside each other. Time is linear in the length of the text."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._by_start: dict[str, list[str]] = {}
        for term in dict.fromkeys(terms):
            if len(term) >= SHORTEST_TERM:
                self._by_start.setdefault(term[:SHORTEST_TERM], []).append(term)

    def hits(self, text: str) -> Iterator[TermHit]:
        """Hits in the order of the text, which must be folded already."""
        by_start = self._by_start
        for start, two in enumerate(map(add, text, text[1:])):
            if two in by_start:
                for term in by_start[two]:
                    if text.startswith(term, start):
                        yield TermHit(term, start)


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Lexicon of the categories: the words of each, on any of three levels."""

    entries: Mapping[CategoryPath, tuple[str, ...]]
    finder: TermFinder = field(init=False, repr=False)
    categories_of: Mapping[str, tuple[CategoryPath, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        of: dict[str, list[CategoryPath]] = {}
        for path, terms in self.entries.items():
            for term in terms:
                of.setdefault(term, []).append(path)
        object.__setattr__(self, "categories_of", {term: tuple(paths) for term, paths in of.items()})
        object.__setattr__(self, "finder", TermFinder(of))

    def names(self, level: int) -> list[CategoryPath]:
        """The categories of a level that have words, those of the levels below them included."""
        return sorted({path[:level] for path in self.entries if len(path) >= level})


@lru_cache(maxsize=1)
def categories() -> Lexicon:
    """The lexicon of `categories.csv`, read once per process. Raises ValueError with the line."""
    entries: dict[CategoryPath, tuple[str, ...]] = {}
    for number, row in _rows("categories"):
        path = tuple(row["category"].split(PATH_SEPARATOR))
        terms = tuple(term.strip().lower() for term in row["words"].split(";"))
        if not row["source"] or not all(path) or path in entries or min(map(len, terms)) < SHORTEST_TERM:
            raise ValueError(f"data/lexicon/categories.csv, line {number}: {row}")
        entries[path] = terms
    return Lexicon(entries)


@dataclass(frozen=True, slots=True)
class ListedWord:
    """Value that a word of a list marks; `weak` when it counts only where there is no other."""

    value: str
    weak: bool = False


@lru_cache(maxsize=len(LIST_VALUES))
def word_list(name: str) -> Mapping[str, ListedWord]:
    """The words of a list with the value of each ("on" in a flag list), read once per process.

    A word with `…` in it is two words near each other. Raises ValueError, with the line, when a row has an unknown
    value, repeats a word, or has no source.
    """
    values = LIST_VALUES[name]
    found: dict[str, ListedWord] = {}
    for number, row in _rows(name):
        word, value = row["word"].strip().lower(), row[name] if values else "on"
        fits = not values or value in values
        if not row["source"] or not fits or word in found or any(len(part) < 1 for part in word.split(GAP)):
            raise ValueError(f"data/lexicon/{name}.csv, line {number}: {row}")
        found[word] = ListedWord(value, bool(row.get("weak")))
    return found


def _rows(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    with (LEXICON_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        yield from enumerate(csv.DictReader(lines), 2)
