"""Place search for typed input: words, parts of names, pinyin, first letters of pinyin.

An in-memory index per process, scanned from end to end: 50,000 buildings take a few milliseconds, and a word is found
at any position in a name.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Max, Sum

from jieban.base.text.pinyin import full_pinyin, pinyin_initials
from jieban.base.text.simplified import to_simplified
from jieban.registry.models import LoadedFile, Place, PlaceVersion

LEVELS = (
    Place.Level.STREET, Place.Level.COMMUNITY, Place.Level.ESTATE, Place.Level.BUILDING, Place.Level.GRID,
)  # fmt: skip
MOST = 10
MOST_RANKED = 1_000  # matches that are ranked, streets and short names first; enough, as people type on
LONGEST = 60  # characters of a query
# What people leave off a name: 老山东里北 for 老山东里北社区.
ENDINGS = ("街道", "社区", "小区")
# Synonyms: 12栋 and 12幢 are 12号楼.
BLOCKS = re.compile(r"(?<=\d) ?(?:号?[栋幢座]|号楼)")
RUNS = re.compile(r"\d+|[a-z]+|[^\da-z\s]+")
GAPS = re.compile(r"[\s,，、./·>›-]+")


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """Hit: a place with the names from its street down."""

    id: int
    level: str
    name: str
    path: str
    street_id: int | None
    community_id: int | None


@dataclass(frozen=True, slots=True)
class _IndexedPlace:
    """Index entry of a place: `own` are its names, `whole` also those of the enclosing places."""

    found: PlaceHit
    opened_on: date
    closed_on: date | None
    names: tuple[str, ...]
    own: str
    whole: str
    around: tuple[int, ...]  # keys of the places that it lies in

    def exists_on(self, day: date) -> bool:
        return self.opened_on <= day and (self.closed_on is None or day < self.closed_on)


@dataclass
class _PlaceIndex:
    """Index: the entries, streets before buildings, and a map from each name to its entries."""

    entries: list[_IndexedPlace]
    by_name: dict[str, list[_IndexedPlace]] = field(default_factory=dict)
    longest: int = 0
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.texts = [entry.whole for entry in self.entries]
        for entry in self.entries:
            for name in entry.names:
                self.by_name.setdefault(name, []).append(entry)
                self.longest = max(self.longest, len(name))

    def holding(self, pieces: list[str]) -> list[_IndexedPlace]:
        """The first entries that contain all pieces. The longest piece is tried first: it leaves the fewest."""
        first, *others = sorted(pieces, key=len, reverse=True)
        hits = [place for place, text in enumerate(self.texts) if first in text]
        for piece in others:
            hits = [place for place in hits if piece in self.texts[place]]
        return [self.entries[place] for place in hits[:MOST_RANKED]]

    def longest_name_at(self, text: str, start: int) -> str:
        """The longest name at this position of the text; empty when there is none."""
        for end in range(min(len(text), start + self.longest), start + 1, -1):
            if text[start:end] in self.by_name:
                return text[start:end]
        return ""


def search(words: str, on: date, *, most: int = MOST) -> list[PlaceHit]:
    """Searches the places that exist on day `on` and match the whole query, the best first.

    老山东里北12号楼, 12栋 老山东里北 and lsdlb12 find the same building. Order: exact names, names that begin with the
    query, names that contain it, then places inside those; streets before buildings.
    """
    index = _index()
    written = _plain_with_gaps(words[:LONGEST])
    text, pieces = written.replace(" ", ""), _pieces(written, index)
    if not pieces:
        return []
    called = [entry for entry in index.by_name.get(text, []) if entry.exists_on(on)]
    tiers: list[list[PlaceHit]] = [[entry.found for entry in called], [], [], []]
    for entry in index.holding(pieces):
        if entry.exists_on(on) and text not in entry.names:
            tiers[_tier(entry, pieces)].append(entry.found)
    return [found for tier in tiers for found in tier][:most]


def _tier(entry: _IndexedPlace, pieces: list[str]) -> int:
    """Rank: 0 exact name; 1 begins with the query; 2 all of it in its own names; 3 with those of enclosing places."""
    if not all(piece in entry.own for piece in pieces):
        return 3
    ends = f"{pieces[-1]}|" if pieces[-1].startswith("|") else pieces[-1]
    return 1 if entry.own.startswith(pieces[0]) and ends in entry.own else 2


def resolve(words: str, on: date) -> PlaceHit | list[PlaceHit]:
    """Resolves words to one place, or to several to choose from; an empty list when none matches."""
    found = search(words, on)
    called = [entry.found for entry in _index().by_name.get(plain(words), []) if entry.exists_on(on)]
    if len(called) == 1:
        return called[0]
    return found[0] if len(found) == 1 else found


def place_of(place_id: int, on: date) -> PlaceHit | None:
    """The place with this key, if it exists on day `on`."""
    entries = (entry for entry in _index().entries if entry.found.id == place_id)
    return next((entry.found for entry in entries if entry.exists_on(on)), None)


def plain(words: str) -> str:
    """Normal form of words for comparison: one width, lower case, no gaps, synonyms replaced."""
    return _plain_with_gaps(words).replace(" ", "")


def _plain_with_gaps(words: str) -> str:
    """Normal form that keeps gaps: ls cg is not lscg."""
    narrow = to_simplified(unicodedata.normalize("NFKC", words).lower().replace("\0", ""))
    return BLOCKS.sub("号楼", GAPS.sub(" ", narrow))


def _pieces(text: str, index: _PlaceIndex) -> list[str]:
    """Pieces of a query that a place must contain: known names, the text between them, whole numbers.

    The last number may still be incomplete: 1 finds 12 too. One that something follows is complete.
    """
    found: list[str] = []
    for run in RUNS.findall(text):
        if run.isdigit():
            found.append(f"|{run}")
        else:
            if found and found[-1].startswith("|"):
                found[-1] += "|"
            found.extend([run] if run.isascii() else _cut_by_names(run, index))
    return found


def _cut_by_names(run: str, index: _PlaceIndex) -> list[str]:
    """Splits a run by known names. 八宝山玉泉路西区: 八宝山, 玉泉路西区."""
    pieces, loose, start = [], "", 0
    while start < len(run):
        name = index.longest_name_at(run, start)
        if name and loose:
            pieces.append(loose)
            loose = ""
        if name:
            pieces.append(name)
        else:
            loose += run[start]
        start += len(name) or 1
    return [*pieces, *([loose] if loose else [])]


def _index_text(names: Iterable[str]) -> str:
    """Searchable text of an entry: names with their pinyin; numbers between bars, so that 12 is not found in 112."""
    return " ".join(
        f"{_with_bars(name)} {_sounds(name, pinyin_initials)} {_sounds(name, full_pinyin)}" for name in names
    )


def _with_bars(name: str) -> str:
    return "".join(f"|{run}|" if run.isdigit() else run for run in RUNS.findall(name))


def _sounds(name: str, sound: Any) -> str:
    return "".join(f"|{run}|" if run.isdigit() else sound(run).replace(" ", "") for run in RUNS.findall(name))


def _names(name: str, aliases: Iterable[str]) -> tuple[str, ...]:
    written = [plain(one) for one in (name, *aliases)]
    short = [one.removesuffix(end) for one in written for end in ENDINGS if one.endswith(end)]
    return tuple(dict.fromkeys(one for one in (*written, *short) if len(one) > 1))


_lock = threading.Lock()
_cached_index: tuple[tuple[Any, ...], _PlaceIndex] | None = None


def _index() -> _PlaceIndex:
    """Cached index of this process, rebuilt when the places have changed."""
    global _cached_index
    now = version()
    cached = _cached_index
    if cached is not None and cached[0] == now:
        return cached[1]
    with _lock:
        if _cached_index is None or _cached_index[0] != now:
            _cached_index = (now, _build())
        return _cached_index[1]


def version() -> tuple[Any, ...]:
    """Cache version: changes when a load changes the places, or a row is added; without a count, which is slow."""
    loads = LoadedFile.objects.filter(name="places").aggregate(total=Sum("version"))
    last = Place.objects.aggregate(last=Max("pk"))
    dated = PlaceVersion.objects.aggregate(last=Max("pk"))
    return (loads["total"], last["last"], dated["last"])


def _build() -> _PlaceIndex:
    rows = {row.pk: row for row in Place.objects.filter(level__in=LEVELS).order_by("code")}

    @cache
    def own(pk: int) -> tuple[tuple[str, ...], str]:
        names = _names(rows[pk].name, rows[pk].aliases)
        return names, _index_text(names)

    entries = [_entry(_chain(row, rows), own) for row in rows.values()]
    return _PlaceIndex(sorted(entries, key=_order))


def _chain(row: Place, rows: dict[int, Place]) -> list[Place]:
    """The place and the enclosing ones, from the street down."""
    chain = [row]
    while chain[0].parent_id in rows:
        chain.insert(0, rows[chain[0].parent_id or 0])
    return chain


def _entry(chain: list[Place], own: Any) -> _IndexedPlace:
    row = chain[-1]
    names, sought_as = own(row.pk)
    at = {place.level: place.pk for place in chain}
    return _IndexedPlace(
        PlaceHit(
            row.pk,
            row.level,
            row.name,
            " › ".join(place.name for place in chain),
            at.get(Place.Level.STREET),
            at.get(Place.Level.COMMUNITY),
        ),
        row.opened_on,
        row.closed_on,
        names,
        sought_as,
        " ".join([sought_as, *(own(place.pk)[1] for place in reversed(chain[:-1]))]),
        tuple(place.pk for place in chain[:-1]),
    )


def _order(entry: _IndexedPlace) -> tuple[Any, ...]:
    """Sort key: streets first; then short names, 2号楼 before 10号楼; 第二网格 has its number in an alias."""
    runs = re.findall(r"\d{1,9}", entry.found.name) or re.findall(r"\d{1,9}", " ".join(entry.names))
    numbers = [int(run) for run in runs]
    return (LEVELS.index(entry.found.level), len(entry.found.name), numbers, entry.found.name, entry.found.id)
