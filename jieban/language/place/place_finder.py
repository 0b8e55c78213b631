"""Place finder: resolves a text to one place with reasons, to several to choose from, or to none.

The entry point is `find`: the text, the gazetteer of the day, and hints about the caller.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jieban.base.translation import gettext as _
from jieban.language.place.address_numbers import (
    BuildingNumbers,
    find_blocks,
    grid_number,
    unlisted_road,
)
from jieban.language.place.gazetteer import DISTRICT, LANDMARK, STREET, Gazetteer
from jieban.language.place.place_groups import MentionOptions, PlaceOption, mentions_with_options
from jieban.language.place.place_mentions import find_mentions
from jieban.language.place.place_text import PlaceText, normalize_text

MOST = 8
CLEAR = 0.6  # certainty from which the first place is accepted
NUMBER_WITHIN = 14  # characters between a name and the building number that belongs to it
BY_OTHER_WORDS, BY_KNOWN = 0.9, 0.7
BY_PIN, PIN_INSIDE, BY_EARLIER, UNCLEAR = 0.8, 0.85, 0.4, 0.5
_OUR_OWN = re.compile(r"(?:我们?|咱们?|本|俺们?)(?:这个?|住的)?(?:小区|院|家|楼|单元|社区|村|\d{1,3}号楼)")


@dataclass(frozen=True, slots=True)
class PlaceHints:
    """Hints from outside the text: places of the caller's earlier cases, newest first, and the pin on the map.

    `pin` is the innermost place around the point on the map.
    """

    earlier: tuple[int, ...] = ()
    pin: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Candidate: the place's key, its certainty (0 to 1), the words that led there, and the reasons as sentences.

    `start` and `end`: span of the words in the original text; both 0 without words.
    """

    id: int
    certainty: float
    words: str
    start: int
    end: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """Parts of an address that are no places of the registry, as the text says them; figures as Arabic digits."""

    road: str = ""
    house: str = ""
    block: str = ""
    unit: str = ""
    room: str = ""
    landmark: str = ""


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """Result of the place finder: candidates, the best first; `clear` when the first needs no choice by a person.

    `within`: innermost place around all candidates. `grid`: the grid cell that is named. `elsewhere`: named districts
    that are not ours. `note`: a sentence about what is unclear.
    """

    candidates: tuple[Candidate, ...] = ()
    clear: bool = False
    within: int | None = None
    grid: int | None = None
    address: Address = field(default_factory=Address)
    elsewhere: tuple[str, ...] = ()
    note: str = ""

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.clear else None


NO_HINTS = PlaceHints()


def find(text: str, places: Gazetteer, known: PlaceHints = NO_HINTS) -> PlaceResult:
    """Finds the place that the text means. Any text has a result; of long ones the first 10,000 characters count."""
    known = _valid_hints(known, places)
    seen = normalize_text(text)
    found = find_mentions(seen, places)
    named = mentions_with_options(seen, found, places)
    elsewhere = tuple(dict.fromkeys(group.elsewhere for group in named if group.elsewhere))
    here = [group for group in named if not group.elsewhere and group.options]
    numbers = list(find_blocks(seen.text))
    address = _address(seen, named, numbers, places)
    if not here and elsewhere:
        note = _("文中的地点在%(places)s，不在本区。") % {"places": "、".join(elsewhere)}
        return PlaceResult(address=address, elsewhere=elsewhere, note=note)
    chosen, clear = _rank_options(here, places, known)
    if not chosen:
        chosen, clear = _options_without_names(seen, numbers, places, known)
    if clear:
        chosen = [_in_grid(_in_block(chosen[0], numbers, places), seen, places), *chosen[1:]]
    ordered = _deduplicate(chosen)[:MOST]
    candidates = tuple(_candidate(option, seen, text) for option in ordered)
    return PlaceResult(
        candidates, clear, _within(ordered, places), _grid(seen, ordered, clear, places), address, elsewhere,
        "" if clear or not ordered else _choose(ordered, places),
    )  # fmt: skip


def _valid_hints(known: PlaceHints, places: Gazetteer) -> PlaceHints:
    """The hints that are valid places of this day below the district."""
    fits = {
        one
        for one in (*known.earlier, known.pin)
        if one is not None and one > 0 and one in places.entries and places.level(one) != DISTRICT
    }
    return PlaceHints(
        tuple(one for one in known.earlier if one in fits), known.pin if known.pin in fits else None
    )


def _rank_options(
    here: list[MentionOptions], places: Gazetteer, known: PlaceHints
) -> tuple[list[PlaceOption], bool]:
    """Ranks the options of all mentions, the most certain first; and whether the first is clear."""
    for group in here:
        _narrow(group, here, places, known)
    inner = [group for group in here if not _around_another(group, here, places)]
    if not inner:
        return [], False
    strength = max(group.strength for group in inner)
    leading = [group for group in inner if group.strength == strength]
    rest = [
        _less_certain(option, 0.5) for group in inner if group.strength < strength for option in group.options
    ]
    options = [option for group in leading for option in group.options]
    if len(options) > 1:
        meant = sorted((_capped(option) for option in options), key=lambda one: -one.certainty)
        return [*meant, *rest], False
    first = _raise_by_outer(options[0], here, places)
    return _with_pin([first, *rest], places, known)


def _narrow(group: MentionOptions, here: list[MentionOptions], places: Gazetteer, known: PlaceHints) -> None:
    """Disambiguates places of one name by the rest of the text, by the pin and by the caller's earlier places."""
    if len(group.options) < 2:
        return
    others = {option.id for other in here if other is not group for option in other.options}
    by_words = [option for option in group.options if any(_related(option.id, one, places) for one in others)]
    if 0 < len(by_words) < len(group.options):
        group.options = [_with_reason(option, _("与文中提到的其他地点相符")) for option in by_words]
        if len(by_words) == 1:
            group.options = [replace(group.options[0], certainty=BY_OTHER_WORDS)]
    for ids, why in (((known.pin,), _("与地图上的点相符")), (known.earlier, _("来电人此前反映过这里的事情"))):
        fits = [
            option
            for option in group.options
            if any(one is not None and _related(option.id, one, places) for one in ids)
        ]
        if len(group.options) > 1 and len(fits) == 1:
            group.options = [replace(_with_reason(fits[0], why), certainty=BY_KNOWN)]


def _related(one: int, other: int, places: Gazetteer) -> bool:
    if other not in places.around:
        return False
    return one == other or one in places.around[other] or other in places.around[one]


def _around_another(group: MentionOptions, here: list[MentionOptions], places: Gazetteer) -> bool:
    """Whether the mention only encloses another mention, or repeats it."""
    for other in here:
        if other is group or (other.aside and not group.aside):
            continue
        inside = {outer for option in other.options for outer in places.around[option.id]}
        own, others = {option.id for option in group.options}, {option.id for option in other.options}
        if own <= inside or (own == others and other.mention.start < group.mention.start):
            return True
        if own > others:
            return True
    return False


def _raise_by_outer(option: PlaceOption, here: list[MentionOptions], places: Gazetteer) -> PlaceOption:
    """The option with the named places around it as reasons; less certain where the text names another street."""
    for group in here:
        for outer in group.options:
            if outer.id in places.around[option.id]:
                option = replace(
                    _with_reason(option, _("文中还提到“%(words)s”") % {"words": group.words}),
                    certainty=min(option.certainty + 0.03, 0.98),
                )
            elif group.level == STREET and _contradicts(outer, option, places):
                reason = _("文中写在“%(words)s”之后，登记却在%(name)s") % {
                    "words": group.words,
                    "name": places.name(places.street(option.id) or option.id),
                }
                option = replace(_with_reason(option, reason), certainty=UNCLEAR)
    return option


def _contradicts(outer: PlaceOption, option: PlaceOption, places: Gazetteer) -> bool:
    before = option.start - outer.end
    return 0 <= before <= 1 and places.street(option.id) != outer.id


def _with_pin(
    options: list[PlaceOption], places: Gazetteer, known: PlaceHints
) -> tuple[list[PlaceOption], bool]:
    """Compares the first option with the pin: around it, in the same street, or in contradiction."""
    first, pin = options[0], known.pin
    if pin is None:
        return options, first.certainty >= CLEAR
    if first.id in places.around[pin]:
        inside = replace(
            _with_reason(first, _("地图上的点在其中的%(name)s") % {"name": places.name(pin)}),
            id=pin,
            certainty=PIN_INSIDE,
        )
        return [inside, *options], True
    if _related(first.id, pin, places):
        return [_with_reason(first, _("与地图上的点相符")), *options[1:]], first.certainty >= CLEAR
    other = PlaceOption(pin, UNCLEAR, (_("地图上的点在%(path)s") % {"path": places.path(pin)},))
    if places.street(pin) == places.street(first.id):
        return [first, *options[1:], replace(other, certainty=0.3)], first.certainty >= CLEAR
    return [replace(first, certainty=UNCLEAR), other, *options[1:]], False


def _options_without_names(
    seen: PlaceText, numbers: list[BuildingNumbers], places: Gazetteer, known: PlaceHints
) -> tuple[list[PlaceOption], bool]:
    """Options for a text without a place name: the pin, else the places of the caller's earlier cases."""
    if known.pin is not None:
        why = _("文中没有写明地点，地图上的点在%(path)s") % {"path": places.path(known.pin)}
        return [PlaceOption(known.pin, BY_PIN, (why,))], True
    own = _OUR_OWN.search(seen.text)
    if own is None:
        return [], False
    reason = _("文中说“%(own)s”，来电人此前反映的事情在这里") % {"own": own[0]}
    earlier = list(dict.fromkeys(known.earlier))[:3]
    return [_in_block(PlaceOption(one, BY_EARLIER, (reason,)), numbers, places) for one in earlier], False


def _in_block(option: PlaceOption, numbers: list[BuildingNumbers], places: Gazetteer) -> PlaceOption:
    """Replaces an estate by its building, where the text has the number and the registry knows it there."""
    named = [one for one in numbers if one.block]
    near = [one for one in named if 0 <= one.start - option.end <= NUMBER_WITHIN]
    if not near and len({one.block for one in named}) == 1:
        near = named[:1]
    if not near or len({one.block for one in near}) > 1:
        return option
    enclosed = [option.id, *places.inside.get(option.id, ())]
    buildings = {places.blocks.get((one, near[0].block)) for one in enclosed} - {None}
    if len(buildings) != 1:
        return option
    (building,) = buildings
    words = option.end and near[0].start - option.end <= NUMBER_WITHIN and near[0].start >= option.start
    reasoned = _with_reason(option, _("其中登记有%(block)s号楼") % {"block": near[0].block})
    return replace(reasoned, id=building or option.id, end=near[0].end if words else option.end)


def _in_grid(option: PlaceOption, seen: PlaceText, places: Gazetteer) -> PlaceOption:
    """Replaces a community by its grid cell, where the text names one that is registered there. An estate stays:
    it is more exact, because cells cross estates.
    """
    named = grid_number(seen.text)
    if named is None or (option.id, named.number) not in places.grids:
        return option
    reasoned = _with_reason(option, _("其中登记有第%(number)s网格") % {"number": named.number})
    words = option.end and 0 <= named.start - option.end <= NUMBER_WITHIN
    cell = places.grids[option.id, named.number]
    return replace(reasoned, id=cell, end=named.end if words else option.end)


def _deduplicate(options: Sequence[PlaceOption]) -> list[PlaceOption]:
    held: dict[int, PlaceOption] = {}
    for option in options:
        held.setdefault(option.id, option)
    return list(held.values())


def _capped(option: PlaceOption) -> PlaceOption:
    return replace(option, certainty=min(option.certainty, CLEAR) * 0.9)


def _less_certain(option: PlaceOption, by: float) -> PlaceOption:
    return replace(option, certainty=option.certainty * by)


def _with_reason(option: PlaceOption, reason: str) -> PlaceOption:
    return option if reason in option.reasons else replace(option, reasons=(*option.reasons, reason))


def _within(options: list[PlaceOption], places: Gazetteer) -> int | None:
    """The innermost place around all options."""
    if not options:
        return None
    first = (options[0].id, *places.around[options[0].id])
    chains = [{option.id, *places.around[option.id]} for option in options]
    return next((one for one in first if all(one in chain for chain in chains)), None)


def _choose(options: list[PlaceOption], places: Gazetteer) -> str:
    if len(options) == 1:
        return _("可能是%(path)s，请核实。") % {"path": places.path(options[0].id)}
    return _("可能是%(places)s，请选择。") % {
        "places": "，或".join(places.path(option.id) for option in options[:3])
    }


def _candidate(option: PlaceOption, seen: PlaceText, text: str) -> Candidate:
    start, end = option.start, option.end
    if end == 0:
        return Candidate(option.id, round(option.certainty, 2), "", 0, 0, option.reasons)
    begin, last = seen.at[start], seen.at[end - 1] + 1
    return Candidate(option.id, round(option.certainty, 2), text[begin:last], begin, last, option.reasons)


def _grid(seen: PlaceText, options: list[PlaceOption], clear: bool, places: Gazetteer) -> int | None:
    named = grid_number(seen.text) if clear else None
    if named is None:
        return None
    around = (options[0].id, *places.around[options[0].id])
    return next(
        (places.grids[one, named.number] for one in around if (one, named.number) in places.grids), None
    )


def _address(
    seen: PlaceText, named: list[MentionOptions], numbers: list[BuildingNumbers], places: Gazetteer
) -> Address:
    road, house = next(((one.road, one.house) for one in named if one.road), ("", ""))
    if not house:
        loose = unlisted_road(seen.text)
        road, house = loose if loose[0] and (not road or road == loose[0]) else (road, house)
    marks = [group for group in named if group.level == LANDMARK and not group.aside]
    first = numbers[0] if numbers and len({one.block for one in numbers}) == 1 else None
    return Address(
        road, house,
        first.block if first else "", first.unit if first else "", first.room if first else "",
        places.name(marks[0].mention.called[0].id) if marks else "",
    )  # fmt: skip
