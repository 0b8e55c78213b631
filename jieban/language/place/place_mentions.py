"""Search for place names in a text: exact, by sound, or with one typing error; the longer before the shorter."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from jieban.language.place.gazetteer import COMMUNITY, STREET, Gazetteer, NameKind, PlaceName
from jieban.language.place.place_text import PlaceText

DIRECTIONS = frozenset("东南西北中上下前后内外左右")
NUMERALS = frozenset("一二三四五六七八九十百零〇甲乙丙丁0123456789")
GENERIC = frozenset("路街巷里园院区村庄城苑居寓楼厦站桥口校店铺所局馆厂场山河沟")
_STOPS = frozenset('，。、；：！？,.;:!?（）()“”"《》的在了和与到去有是不我你他这那')
MOST_MENTIONS, MOST_OF_A_NAME = 40, 2
SLIPS_WITHIN = 3_000  # characters; further on names are found only exactly or by sound
_LONGER_BY = 2  # characters by which a name with an error must be longer than an exact one inside it
# After a name of two characters, or one with an error, these words show that a place is meant.
_PLACE_AFTER = re.compile(
    r"社区|小区|街道|街办|居委|村|这边|那边|这里|那里|这一?片|一带|附近|周边|辖区|地区|居民|街坊|住户|业主|门口|路口"
    r"|[甲乙丙丁]?\d{1,4}号|[东南西北]门"
)
_PLACE_BEFORE = re.compile(r"(?:在|住|到|来自|位于|去|是|属于|地址|地点|小区|我们|社区|街道|区)[:：]?$")
_ENDS_AFTER = re.compile(r"[的，。、；,.;!！?？里]|有|没|这|那|$")
# A street's short name before one of these is part of another name, which lies most often there: 古城小学.
FACILITY_AFTER = re.compile(
    r"[\u4e00-\u9fff]{0,2}(?:小学|中学|学校|幼儿园|公园|医院|菜市场|市场|超市|派出所|地铁站|公交站|大街|桥|路口|广场|体育馆|商场)"
)
_COMMON = DIRECTIONS | GENERIC | frozenset("小公")
_AREA_AFTER = re.compile("社区|居委")
_ROAD_AFTER = re.compile(r"(?:大街|路(?![口边灯面上旁段太中]))")
_NO_PLACE_AFTER = re.compile(r"先生|女士|老师|师傅|大爷|阿姨|大妈|大街小巷|公司|集团|牌|版")


class MatchKind(IntEnum):
    """Kind of match; the smaller the surer."""

    EXACT = 0
    SOUND = 1
    SLIP = 2
    PART = 3  # as the beginning of a name that is not known


@dataclass(frozen=True, slots=True)
class Mention:
    """Mention: a name in a text, with its span, its kind of match, and the places of that name."""

    start: int
    end: int
    how: MatchKind
    name: str
    called: tuple[PlaceName, ...]


def find_mentions(read: PlaceText, places: Gazetteer) -> list[Mention]:
    """Finds the mentions of the text from left to right, none overlapping another."""
    names = places.names.of
    exact = [
        Mention(start, end, MatchKind.EXACT, read.text[start:end], names[read.text[start:end]])
        for start, end in places.names.found_in(read.text)
    ]
    found = [*exact, *_by_sound(read, places)]
    found += _with_slip(read.text, places, found)
    limited = _limited(_without_overlaps(found))
    return [one for mention in limited if (one := _plausible_mention(mention, read.text, places)) is not None]


def _limited(mentions: list[Mention]) -> list[Mention]:
    """The first few mentions, each name twice at most, so that a text of nothing but names stays cheap."""
    often: Counter[str] = Counter()
    some = []
    for mention in mentions:
        often[mention.name] += 1
        if often[mention.name] <= MOST_OF_A_NAME:
            some.append(mention)
    return some[:MOST_MENTIONS]


def _by_sound(read: PlaceText, places: Gazetteer) -> Iterator[Mention]:
    """Mentions by sound: names written with other characters of the same sound: 老山东里被社区, 依萃园."""
    text, names = read.text, places.names.of
    for start, end in places.sounds.found_in(read.sounds):
        written = text[start:end]
        if written in names:
            continue
        for name in places.by_sound[read.sounds[start:end]]:
            same = sum(one == other for one, other in zip(name, written, strict=True))
            if same * 2 > len(name) or len(name) > SHORTEST_BY_SOUND_ALONE:
                yield Mention(start, end, MatchKind.SOUND, name, names[name])


SHORTEST_BY_SOUND_ALONE = 4


def _with_slip(text: str, places: Gazetteer, known: list[Mention]) -> Iterator[Mention]:
    """Fuzzy mentions: names with one character wrong, missing, too many, or two in the wrong order.

    Where an exact name stands, only longer ones are tried.
    """
    covered = [0] * len(text)
    for mention in known:
        size = mention.end - mention.start
        covered[mention.start : mention.end] = [size] * size
    heads, tails = places.heads, places.tails
    for at in range(min(len(text), SLIPS_WITHIN) - 1):
        pair = text[at : at + 2]
        if pair not in heads and pair not in tails:
            continue
        longer = max(covered[at], covered[at + 1]) + _LONGER_BY
        for name in heads.get(pair, ()):
            for size in _sizes(name, longer):
                yield from _slip(text, at, at + size, name, places)
        for name in tails.get(pair, ()):
            for size in _sizes(name, longer):
                yield from _slip(text, at + 2 - size, at + 2, name, places)


def _sizes(name: str, least: int) -> range:
    size = len(name)
    return range(max(size - 1, least), size + 2)


def _slip(text: str, start: int, end: int, name: str, places: Gazetteer) -> Iterator[Mention]:
    said = text[start:end]
    if start < 0 or len(said) != end - start or said in places.names.of or not _one_slip(name, said):
        return
    # Three of four equal characters are not enough: 古城公园 is not 古城家园, unless a place word follows.
    if len(name) > SHORTEST_PLAIN_SLIP or (len(said) >= len(name) and _PLACE_AFTER.match(text, end)):
        yield Mention(start, end, MatchKind.SLIP, name, places.names.of[name])


SHORTEST_PLAIN_SLIP = 4


def _one_slip(name: str, written: str) -> bool:
    """Whether the two differ by one typing error, and not in a character that distinguishes places."""
    first = 0
    while first < len(name) and first < len(written) and name[first] == written[first]:
        first += 1
    last = 0
    while last < min(len(name), len(written)) - first and name[-1 - last] == written[-1 - last]:
        last += 1
    lost, got = name[first : len(name) - last], written[first : len(written) - last]
    if len(lost) == len(got) == 2:
        return lost == got[::-1] and not set(lost) <= DIRECTIONS | NUMERALS
    if len(lost) > 1 or len(got) > 1 or not (lost or got):
        return False
    if not (lost and got) and not (first and last):
        return False  # the name is whole, or its beginning is: no error
    if {lost, got} & (DIRECTIONS | NUMERALS) or got in _STOPS:
        return False
    return not (lost in GENERIC and got in GENERIC) and (bool(got) or len(name) > SHORTEST_PLAIN_SLIP)


def _without_overlaps(found: list[Mention]) -> list[Mention]:
    """Resolves overlaps: the longest, at the same length the surest; the same words may mean several places."""
    taken: dict[int, Mention] = {}
    chosen: list[Mention] = []
    for one in sorted(found, key=lambda one: (-_weight(one), one.how, one.start)):
        clashes = {taken[at] for at in range(one.start, one.end) if at in taken}
        if all((other.start, other.end, other.how) == (one.start, one.end, one.how) for other in clashes):
            chosen.append(one)
            taken.update(dict.fromkeys(range(one.start, one.end), one))
    chosen.sort(key=lambda one: (one.start, one.how))
    return _merged(chosen)


def _weight(one: Mention) -> int:
    return one.end - one.start - (_LONGER_BY - 1 if one.how == MatchKind.SLIP else 0)


def _merged(mentions: list[Mention]) -> list[Mention]:
    """Merges mentions with the same span into one."""
    joined: list[Mention] = []
    for one in mentions:
        if joined and (joined[-1].start, joined[-1].end) == (one.start, one.end):
            before = joined[-1]
            known = {called.id for called in before.called}
            more = tuple(called for called in one.called if called.id not in known)
            joined[-1] = Mention(one.start, one.end, one.how, before.name, (*before.called, *more))
        else:
            joined.append(one)
    return joined


def _plausible_mention(mention: Mention, text: str, places: Gazetteer) -> Mention | None:
    """Drops a short mention that is more likely a word; marks a street's name inside another name as PART."""
    if mention.how == MatchKind.EXACT and _NO_PLACE_AFTER.match(text, mention.end):
        return None
    if set(mention.name) <= _COMMON and all(called.kind == NameKind.SHORT for called in mention.called):
        # 北小区, 公园北: words, unless it goes on as a name
        return mention if _AREA_AFTER.match(text, mention.end) else None
    if _ROAD_AFTER.match(text, mention.end) and mention.how == MatchKind.EXACT:
        return replace(mention, how=MatchKind.PART)  # 隆恩寺路 is not 隆恩寺
    street = all(places.level(called.id) == STREET for called in mention.called)
    short = len(mention.name) == 2
    if street and short and not _PLACE_AFTER.match(text, mention.end):
        if FACILITY_AFTER.match(text, mention.end):
            return replace(mention, how=MatchKind.PART)
    elif not short or places.level(mention.called[0].id) not in {STREET, COMMUNITY}:
        return mention
    return mention if _has_place_context(mention, text) else None


def _has_place_context(mention: Mention, text: str) -> bool:
    if _PLACE_AFTER.match(text, mention.end):
        return True
    before = text[max(0, mention.start - 3) : mention.start]
    return bool((not before or _PLACE_BEFORE.search(before)) and _ENDS_AFTER.match(text, mention.end))
