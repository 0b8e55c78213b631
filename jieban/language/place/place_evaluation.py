"""Evaluation of the place finder: precision and recall of `place_finder.find` over the sentences of a test set."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jieban.language.place.gazetteer import Gazetteer
from jieban.language.place.place_finder import Address, PlaceHints, PlaceResult, find

PARTS = {"路": "road", "号": "house", "楼": "block", "单元": "unit", "室": "room", "地标": "landmark"}


@dataclass(frozen=True, slots=True)
class PlaceTestSentence:
    """Test sentence with the right answer: `clear` are places of which one is meant, `among` those to choose between.

    Neither: the sentence names no place of the district. `parts` are the parts of the address by their field.
    """

    kind: str
    text: str
    clear: frozenset[int]
    among: frozenset[int]
    parts: Mapping[str, str]
    known: PlaceHints


@dataclass
class PlaceScores:
    """Counts over a test set. A place found as clear counts once, right or wrong.

    `precision` = right / all found as clear; `recall` = right / sentences with one right place; `offered` =
    share of the sentences with a choice whose places are all among the candidates; `silent` = share of the
    sentences without a place for which none is found; parts of addresses likewise.
    """

    sentences: int = 0
    taken: int = 0
    right: int = 0
    clear: int = 0
    unclear: int = 0
    offered: int = 0
    without: int = 0
    silent: int = 0
    parts_said: int = 0
    parts_right: int = 0
    parts_found: int = 0
    wrong: list[tuple[PlaceTestSentence, PlaceResult]] = field(default_factory=list)

    def rates(self) -> dict[str, float]:
        """Rates from 0 to 1; 1 where there was nothing to count."""
        pairs = {
            "precision": (self.right, self.taken),
            "recall": (self.right, self.clear),
            "offered": (self.offered, self.unclear),
            "silent": (self.silent, self.without),
            "parts_precision": (self.parts_right, self.parts_found),
            "parts_recall": (self.parts_right, self.parts_said),
        }
        return {name: round(count / of, 4) if of else 1.0 for name, (count, of) in pairs.items()}


def score_sentences(sentences: Iterable[PlaceTestSentence], places: Gazetteer) -> PlaceScores:
    marks = PlaceScores()
    for sentence in sentences:
        _score_sentence(marks, sentence, find(sentence.text, places, sentence.known))
    return marks


def _score_sentence(marks: PlaceScores, sentence: PlaceTestSentence, found: PlaceResult) -> None:
    best = found.best
    right = best is not None and best.id in sentence.clear
    offered = not found.clear and sentence.among <= {one.id for one in found.candidates}
    marks.sentences += 1
    marks.taken += best is not None
    marks.right += right
    marks.clear += bool(sentence.clear)
    if sentence.among and not sentence.clear:
        marks.unclear += 1
        marks.offered += offered
    if not (sentence.clear or sentence.among):
        marks.without += 1
        marks.silent += best is None
    said = {(name, value) for name, value in sentence.parts.items()}
    got = set(_parts(found.address))
    marks.parts_said += len(said)
    marks.parts_found += len(got)
    marks.parts_right += len(said & got)
    fine = right if sentence.clear else offered if sentence.among else best is None
    if not fine or said != got:
        marks.wrong.append((sentence, found))


def _parts(address: Address) -> Iterator[tuple[str, str]]:
    for name in PARTS.values():
        if value := getattr(address, name):
            yield name, value


def read_sentences(path: Path, places: Gazetteer) -> list[PlaceTestSentence]:
    """Reads a test set: a table with kind, text, clear, among, parts, earlier, pin; places by registered name.

    Raises ValueError, with the line, for a name that no place or more than one has.
    """
    by_name: dict[str, list[int]] = {}
    for entry in places.entries.values():
        if entry.id > 0:
            by_name.setdefault(entry.name, []).append(entry.id)
    with path.open(encoding="utf-8", newline="") as lines:
        return [_sentence(row, number, by_name) for number, row in enumerate(csv.DictReader(lines), 2)]


def _sentence(row: Mapping[str, str], number: int, by_name: Mapping[str, list[int]]) -> PlaceTestSentence:
    def ids(cell: str, mark: str) -> list[int]:
        names = [name for name in row[cell].split(mark) if name]
        for name in names:
            if len(by_name.get(name, ())) != 1:
                raise ValueError(f"line {number}: {name} is the name of {len(by_name.get(name, ()))} places")
        return [by_name[name][0] for name in names]

    parts = dict(part.split("=") for part in row["parts"].split(";") if part)
    pins = ids("pin", ";")
    return PlaceTestSentence(
        row["kind"], row["text"], frozenset(ids("clear", "|")),
        frozenset(ids("among", ";")),
        {PARTS[name]: value for name, value in parts.items()},
        PlaceHints(tuple(ids("earlier", ";")), pins[0] if pins else None),
    )  # fmt: skip
