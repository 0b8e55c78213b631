"""Gazetteer: an in-memory index of place names, by which all names in a text are found in one pass.

Built once from rows that the caller brings; nothing here knows the database.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from jieban.language.place.address_numbers import to_arabic, to_chinese_numeral
from jieban.language.place.place_text import normalize_name, sound_key

DISTRICT, STREET, COMMUNITY, ESTATE, BUILDING, GRID = (
    "district",
    "street",
    "community",
    "estate",
    "building",
    "grid",
)
ROAD, LANDMARK, ELSEWHERE = "road", "landmark", "elsewhere"
# Endings that people leave out: 老山东里北 for 老山东里北社区.
ENDINGS = ("街道", "社区", "小区")
SHORTEST_FUZZY = 4  # characters of a name that is also found with one typing error
SHORTEST_SOUND = 3  # characters of a name that is also found by its sound
SHORTEST_STEM = 3
_OWN = re.compile(
    r"(?P<number>[甲乙丙丁]?\d{1,4}|[一二三四五六七八九十百]{1,5})(?:号楼|号?[栋幢座]|号院?|号?网格)$"
)
# 北 of 玉泉西里北: the ending that distinguishes places with the same stem.
_DISTINGUISHING_ENDING = re.compile(r"(?:[东南西北中]|第?[一二三四五六七八九])[区里]?$|[东南西北中]院$")
_COUNTED = re.compile(r"第?([一二三四五六七八九])(?=社区|小区|区|$)")
_HOUSE = re.compile(r"(\d{1,2})(?=号)")
ROAD_IN_NAME = re.compile(r"^(?P<road>[\u4e00-\u9fff]{1,8}?(?:大街|[路街]))(?P<rest>.*)$")


class NameKind(IntEnum):
    """Kind of a name; the smaller the surer."""

    OFFICIAL = 0
    ALIAS = 1
    OLD = 2
    SHORT = 3
    STEM = 4


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """Input row of the gazetteer. `id` is the registry's key; roads, landmarks and places elsewhere have negative ones.

    `parents` are the enclosing places that are known: one in the registry; a road may have several.
    """

    id: int
    level: str
    name: str
    parents: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()
    old: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceName:
    """Link from a name to a place: the place's id, and what kind of name it is."""

    id: int
    kind: NameKind


@dataclass
class NameIndex:
    """Index of names by their first two characters: a pass over a text costs one lookup per character."""

    of: dict[str, tuple[PlaceName, ...]] = field(default_factory=dict)
    lengths: dict[str, list[int]] = field(default_factory=dict)

    def put(self, name: str, called: PlaceName) -> None:
        known = self.of.get(name, ())
        if all(one.id != called.id for one in known):
            self.of[name] = (*known, called)
            sizes = self.lengths.setdefault(name[:2], [])
            if len(name) not in sizes:
                sizes.append(len(name))
                sizes.sort(reverse=True)

    def found_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of the longest names, from left to right, none inside another."""
        start, last, lengths, of = 0, len(text) - 1, self.lengths, self.of
        while start < last:
            for size in lengths.get(text[start : start + 2], ()):
                name = text[start : start + size]
                if name in of:
                    # Not `size`: at the end of the text the slice may be shorter.
                    yield start, start + len(name)
                    start += len(name)
                    break
            else:
                start += 1


@dataclass
class Gazetteer:
    """All places valid on a day, with indexes of their names, sounds, building numbers and enclosing places."""

    entries: dict[int, GazetteerEntry] = field(default_factory=dict)
    around: dict[int, tuple[int, ...]] = field(default_factory=dict)  # from the inside out
    inside: dict[int, list[int]] = field(default_factory=dict)
    names: NameIndex = field(default_factory=NameIndex)
    sounds: NameIndex = field(default_factory=NameIndex)
    by_sound: dict[str, list[str]] = field(default_factory=dict)
    heads: dict[str, list[str]] = field(default_factory=dict)  # two characters: names that begin so
    tails: dict[str, list[str]] = field(default_factory=dict)
    blocks: dict[tuple[int, str], int] = field(default_factory=dict)  # estate and number: building
    grids: dict[tuple[int, str], int] = field(default_factory=dict)
    on_road: dict[str, set[int]] = field(default_factory=dict)  # communities with houses on the road
    houses: dict[tuple[str, str], set[int]] = field(default_factory=dict)  # road and number: estates

    def name(self, id: int) -> str:
        return self.entries[id].name

    def level(self, id: int) -> str:
        return self.entries[id].level

    def street(self, id: int) -> int | None:
        """The street (街道) in which a place lies, itself included."""
        chain = (id, *self.around[id])
        return next((one for one in chain if self.entries[one].level == STREET), None)

    def path(self, id: int, between: str = "") -> str:
        """Path of names from the street down: 老山街道老山东里北社区."""
        chain = [one for one in reversed((id, *self.around[id])) if self.entries[one].level != DISTRICT]
        return between.join(self.entries[one].name for one in chain)


def build(entries: Iterable[GazetteerEntry]) -> Gazetteer:
    """Builds the gazetteer of these places. Parents that are not among them are left out."""
    found = Gazetteer({entry.id: entry for entry in entries})
    for entry in found.entries.values():
        found.around[entry.id] = tuple(_ancestors(entry, found.entries))
    for entry in found.entries.values():
        for parent in entry.parents:
            found.inside.setdefault(parent, []).append(entry.id)
        if not _index_number(entry, found):
            _index_names(entry, found)
    _index_stems(found)
    _index_roads(found)
    _index_sounds(found)
    _index_halves(found)
    return found


def _ancestors(entry: GazetteerEntry, entries: Mapping[int, GazetteerEntry]) -> Iterator[int]:
    """Enclosing places, from the inside out; stops where a place has several parents, or in a cycle."""
    seen = {entry.id}
    while len(entry.parents) == 1 and entry.parents[0] in entries and entry.parents[0] not in seen:
        entry = entries[entry.parents[0]]
        seen.add(entry.id)
        yield entry.id


def _index_number(entry: GazetteerEntry, found: Gazetteer) -> bool:
    """Indexes buildings and grid cells by their number within their parent; False where it has no number."""
    if entry.level not in {BUILDING, GRID} or not entry.parents:
        return False
    index = found.blocks if entry.level == BUILDING else found.grids
    numbers = [
        match["number"]
        for name in (entry.name, *entry.aliases)
        if (match := _OWN.search(normalize_name(name)))
    ]
    for number in numbers:
        index.setdefault((entry.parents[0], to_arabic(number)), entry.id)
    return bool(numbers)


def _index_names(entry: GazetteerEntry, found: Gazetteer) -> None:
    given = [(entry.name, NameKind.OFFICIAL)]
    given += [(name, NameKind.ALIAS) for name in entry.aliases] + [(name, NameKind.OLD) for name in entry.old]
    written = [(normalize_name(name), kind) for name, kind in given]
    for name, kind in written:
        for variant in _variants(name):
            if len(variant) > 1:
                found.names.put(variant, PlaceName(entry.id, kind))
    for name, kind in written:
        for end in ENDINGS:
            short = name.removesuffix(end)
            if short != name and len(short) > 1 and kind <= NameKind.ALIAS:
                for variant in _variants(short):
                    found.names.put(variant, PlaceName(entry.id, NameKind.SHORT))


def _variants(name: str) -> Iterator[str]:
    """Variants of a name: as it is, and with Arabic for Chinese numerals or the reverse: 海特花园3区."""
    yield name
    arabic = _COUNTED.sub(lambda match: to_arabic(match[1]), name)
    if arabic != name:
        yield arabic
    house = _HOUSE.search(name)
    if house is not None:
        yield name[: house.start()] + to_chinese_numeral(int(house[1])) + name[house.end() :]


def _index_stems(found: Gazetteer) -> None:
    """Indexes stems: 玉泉西里 means 玉泉西里北 or its neighbours, where no place has just that name."""
    stems: dict[str, set[int]] = {}
    for name, called in found.names.of.items():
        stem = _DISTINGUISHING_ENDING.sub("", name)
        if len(stem) < SHORTEST_STEM or stem == name:
            continue
        for one in called:
            if found.level(one.id) == COMMUNITY and one.kind != NameKind.OLD:
                stems.setdefault(stem, set()).add(one.id)
    for stem, ids in stems.items():
        if stem not in found.names.of and len(ids) > 1:
            for id in sorted(ids):
                found.names.put(stem, PlaceName(id, NameKind.STEM))


def _index_roads(found: Gazetteer) -> None:
    """Indexes the roads in names: 古城南路 of 古城南路19号院, with its communities and house numbers."""
    for entry in list(found.entries.values()):
        if entry.level not in {COMMUNITY, ESTATE}:
            continue
        for name in (entry.name, *entry.aliases):
            match = ROAD_IN_NAME.match(normalize_name(name))
            if match is None or len(match["road"]) < 3:
                continue
            community = entry.id if entry.level == COMMUNITY else next(iter(found.around[entry.id]), None)
            if community is not None:
                found.on_road.setdefault(match["road"], set()).add(community)
            number = re.match(r"[甲乙丙丁]?\d{1,4}(?=号)", match["rest"])
            if number and entry.level == ESTATE:
                found.houses.setdefault((match["road"], number[0]), set()).add(entry.id)
    for entry in found.entries.values():
        if entry.level == ROAD:
            found.on_road.setdefault(normalize_name(entry.name), set())


def _index_sounds(found: Gazetteer) -> None:
    for name in found.names.of:
        if len(name) >= SHORTEST_SOUND:
            sound = sound_key(name)
            found.by_sound.setdefault(sound, []).append(name)
            found.sounds.put(sound, PlaceName(0, NameKind.OFFICIAL))


def _index_halves(found: Gazetteer) -> None:
    """Indexes names by their first and their last two characters: one typing error leaves one of the two intact."""
    for name, called in found.names.of.items():
        whole = all(one.kind != NameKind.STEM and found.level(one.id) != ELSEWHERE for one in called)
        if len(name) >= SHORTEST_FUZZY and whole and not name.endswith(ENDINGS):
            found.heads.setdefault(name[:2], []).append(name)
            found.tails.setdefault(name[-2:], []).append(name)
