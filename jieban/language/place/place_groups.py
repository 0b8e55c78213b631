"""Candidate generation: the places that each name in a text may mean, with roads, houses and side remarks."""

import re
from dataclasses import dataclass, field

from jieban.base.translation import gettext as _
from jieban.language.place.address_numbers import house_at
from jieban.language.place.gazetteer import (
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    ESTATE,
    LANDMARK,
    ROAD,
    STREET,
    Gazetteer,
    NameKind,
    PlaceName,
)
from jieban.language.place.place_mentions import FACILITY_AFTER, MatchKind, Mention
from jieban.language.place.place_text import PlaceText, normalize_name

# Certainty by way of finding: about this share of such places is right; less for a name of two characters.
CERTAINTY_BY_MATCH = {
    MatchKind.EXACT: 0.95,
    MatchKind.SOUND: 0.85,
    MatchKind.SLIP: 0.75,
    MatchKind.PART: 0.62,
}
SHORT_NAME, BY_ROAD, BY_LANDMARK, BY_NEIGHBOUR, UNCLEAR = 0.8, 0.7, 0.75, 0.45, 0.5
STRENGTH_STRONG, STRENGTH_WEAK, STRENGTH_ASIDE, STRENGTH_PAST = 3, 2, 1, 0

_NOT = re.compile(r"(?:不是|不在|并非|不归|不属于?|没在)$")
_HOME = re.compile(r"(?:家住|住在|居住在?|家在|住|户籍在?|我是)$")
_HOME_AFTER = re.compile(r"的?(?:居民|住户|业主|村民)")
_PAST = re.compile(r"(?:以前|原来|原先|曾经?|过去|之前|早先|从前|老家)(?:我们?|家)?(?:都?是?住?在?|住过)$")
_MOVED_AFTER = re.compile(r"搬")
_AT_WORK = re.compile(r"(?:上班|工作|打工|干活)(?:就?在|的)?$")
_COMPARED = re.compile(r"(?:像|跟|和|同|学学|参照|参考|比如|例如)$")
_COMPARED_AFTER = re.compile(r"(?:社区|小区)?(?:那样|一样|那边(?:都|已经)|都已经|已经(?:都|装|改|修)|早就)")
_ON_THE_WAY = re.compile(r"(?:开往|前往|去往|发往|往|去)$")
_ON_THE_WAY_AFTER = re.compile(r"(?:方向|的路上|的公交|的车|的班车|的方向|怎么走)")
_AREA_AFTER = re.compile(r"社区|居委")
_ESTATE_AFTER = re.compile(r"小区|大院|院里|院内|家属院|园区")
_STREET_AFTER = re.compile(r"街道|街办|办事处")
_CLAUSE = re.compile(r"[。！？；!?;]|到|去|往|搬|和|与|、|来|跟")
HOUSE_IN_NAME = re.compile(r"(?P<road>[\u4e00-\u9fff]{2,8}?(?:大街|[路街]))(?P<house>[甲乙丙丁]?\d{1,4})号")
ELSEWHERE_REACHES = 12  # characters after the name of another district that still belong to it


@dataclass(frozen=True, slots=True)
class PlaceOption:
    """A place that a name may mean, with the span of the words in the normalized text; 0 and 0 without words."""

    id: int
    certainty: float
    reasons: tuple[str, ...]
    start: int = 0
    end: int = 0


@dataclass
class MentionOptions:
    """A name in the text, the places that it may mean, and how it relates to the complaint."""

    mention: Mention
    words: str
    level: str
    options: list[PlaceOption] = field(default_factory=list)
    strength: int = STRENGTH_STRONG
    elsewhere: str = ""
    road: str = ""
    house: str = ""

    @property
    def aside(self) -> bool:
        return self.strength <= STRENGTH_ASIDE


def mentions_with_options(read: PlaceText, found: list[Mention], places: Gazetteer) -> list[MentionOptions]:
    """The names of a text with the options of each, in their order; negated names are left out."""
    named = [_options_of_mention(mention, read.text, places) for mention in found]
    present = [group for group in named if group is not None]
    _leave_out_elsewhere(present, read.text)
    return [group for group in present if group.elsewhere or group.options or group.level == LANDMARK]


def _options_of_mention(mention: Mention, text: str, places: Gazetteer) -> MentionOptions | None:
    before = text[max(0, mention.start - 8) : mention.start]
    if _NOT.search(before):
        return None
    words = text[mention.start : mention.end]
    level = places.level(mention.called[0].id)
    if level == ELSEWHERE:
        return MentionOptions(mention, words, level, elsewhere=places.name(mention.called[0].id))
    group = MentionOptions(mention, words, level)
    if level == LANDMARK:
        group.options = _by_landmark(mention, words, places)
    elif mention.name in places.on_road and not _AREA_AFTER.match(text, mention.end) and level != STREET:
        _by_road(group, text, places)
    else:
        group.options = _by_name(mention, text, words, places)
        group.road, group.house = _house_in_name(group.options, places)
    group.strength = _strength(group, before, text, places)
    return group


def _strength(group: MentionOptions, before: str, text: str, places: Gazetteer) -> int:
    """Weight of a mention: lower for a place where somebody lived, that is compared with, or on the way."""
    end = group.mention.end
    if _PAST.search(before) or _AT_WORK.search(before) or _MOVED_AFTER.match(text, end):
        return STRENGTH_PAST
    if _COMPARED.search(before) and _COMPARED_AFTER.match(text, end):
        return STRENGTH_ASIDE
    if _ON_THE_WAY.search(before) and _ON_THE_WAY_AFTER.match(text, end):
        return STRENGTH_ASIDE
    if _HOME.search(before) or _HOME_AFTER.match(text, end):
        return STRENGTH_ASIDE
    if (
        group.mention.how == MatchKind.PART
        or group.level in {STREET, LANDMARK}
        or (group.road and not group.house)
    ):
        return STRENGTH_WEAK
    return STRENGTH_STRONG


def _by_name(mention: Mention, text: str, words: str, places: Gazetteer) -> list[PlaceOption]:
    meant = _without_enclosing(_of_hinted_level(mention, text, places), places)
    certain = CERTAINTY_BY_MATCH[mention.how]
    if len(mention.name) == 2 and mention.how == MatchKind.EXACT:
        certain = SHORT_NAME
    if len(meant) > 1 or (
        mention.how == MatchKind.PART and any(places.level(one.id) != STREET for one in meant)
    ):
        certain = UNCLEAR
    return [
        PlaceOption(
            called.id,
            certain,
            (_why(mention, called, words, text, len(meant), places),),
            mention.start,
            mention.end,
        )
        for called in meant
    ]


def _house_in_name(options: list[PlaceOption], places: Gazetteer) -> tuple[str, str]:
    """Road and house number in the name of the only option: 古城南路 and 19."""
    match = HOUSE_IN_NAME.match(normalize_name(places.name(options[0].id))) if len(options) == 1 else None
    return (match["road"], match["house"]) if match else ("", "")


def _of_hinted_level(mention: Mention, text: str, places: Gazetteer) -> list[PlaceName]:
    """Options of the level that the next word names, where it names one: 老山东里北 + 居委会."""
    called = [
        one for one in mention.called if places.level(one.id) not in {ROAD, LANDMARK, ELSEWHERE, DISTRICT}
    ]
    for sign, level in ((_AREA_AFTER, COMMUNITY), (_ESTATE_AFTER, ESTATE), (_STREET_AFTER, STREET)):
        fits = [one for one in called if places.level(one.id) == level]
        if fits and sign.match(text, mention.end):
            return fits
    return called


def _without_enclosing(called: list[PlaceName], places: Gazetteer) -> list[PlaceName]:
    """Of two places inside each other the one with the surer name; the inner one when both are as sure."""
    left = []
    for one in called:
        inner = [other for other in called if one.id in places.around[other.id] and other.kind <= one.kind]
        outer = [other for other in called if other.id in places.around[one.id] and other.kind < one.kind]
        if not inner and not outer:
            left.append(one)
    best = min((one.kind for one in left), default=NameKind.OFFICIAL)
    return [one for one in left if one.kind == best or best >= NameKind.ALIAS]


def _why(mention: Mention, called: PlaceName, words: str, text: str, count: int, places: Gazetteer) -> str:
    name = places.name(called.id)
    if mention.how == MatchKind.SOUND:
        return _("文中的“%(words)s”与“%(name)s”读音相同或相近") % {"words": words, "name": mention.name}
    if mention.how == MatchKind.SLIP:
        return _("文中的“%(words)s”与“%(name)s”只差一字") % {"words": words, "name": mention.name}
    if mention.how == MatchKind.PART:
        whole = FACILITY_AFTER.match(text, mention.end)
        return _("文中的“%(words)s%(rest)s”以“%(words)s”开头，可能在%(name)s") % {
            "words": words,
            "rest": whole[0] if whole else "",
            "name": name,
        }
    if called.kind == NameKind.STEM:
        return _("文中只写“%(words)s”，以此为名的有 %(count)s 处") % {"words": words, "count": count}
    if called.kind == NameKind.OLD:
        return _("文中的“%(words)s”是%(name)s的旧称") % {"words": words, "name": name}
    if called.kind == NameKind.ALIAS and words not in name:
        return _("文中的“%(words)s”是%(name)s的别称") % {"words": words, "name": name}
    return _("文中提到“%(words)s”") % {"words": words}


def _by_landmark(mention: Mention, words: str, places: Gazetteer) -> list[PlaceOption]:
    chain = places.around[mention.called[0].id]
    if not chain:
        return []
    why = _("文中提到“%(words)s”，它在%(name)s") % {"words": words, "name": places.name(chain[0])}
    return [PlaceOption(chain[0], BY_LANDMARK, (why,), mention.start, mention.end)]


def _by_road(group: MentionOptions, text: str, places: Gazetteer) -> None:
    """Options by road and house number: the registered house, else the road's communities, nearest number first."""
    mention, road = group.mention, group.mention.name
    group.road = road
    group.house, end = house_at(text, mention.end)
    streets = set(_streets(mention, places))
    communities = places.on_road[road] or streets
    if len(streets) > 1:  # a long road: it is known to run on where no house is registered
        communities = communities | streets
    if group.house:
        estates = places.houses.get((road, group.house), set())
        if estates:
            certain = CERTAINTY_BY_MATCH[mention.how] if len(estates) == 1 else UNCLEAR
            why = _("文中提到“%(text)s”") % {"text": text[mention.start : end]}
            group.options = [PlaceOption(one, certain, (why,), mention.start, end) for one in sorted(estates)]
            return
    certain = BY_ROAD if len(communities) == 1 else UNCLEAR
    near = _nearest(road, group.house, places) if len(communities) > 1 else set()
    for one in sorted(communities, key=lambda one: (one not in near, one)):
        if group.house and near and one not in near:
            continue
        reason = (
            _("%(road)s上登记的门牌在%(name)s") % {"road": road, "name": places.name(one)}
            if group.house
            else _("文中提到“%(words)s”，%(name)s在这条路上")
            % {"words": group.words, "name": places.name(one)}
        )
        if one in near:
            reason = _("%(road)s上离%(house)s号最近的登记门牌在%(name)s") % {
                "road": road,
                "house": group.house,
                "name": places.name(one),
            }
        group.options.append(
            PlaceOption(one, BY_NEIGHBOUR if one in near else certain, (reason,), mention.start, end)
        )


def _streets(mention: Mention, places: Gazetteer) -> list[int]:
    return [
        one for called in mention.called for one in places.entries[called.id].parents if one in places.entries
    ]


def _nearest(road: str, house: str, places: Gazetteer) -> set[int]:
    """Communities of the registered house with the nearest number on the road."""
    if not house.isdigit():
        return set()
    numbered = [
        (abs(int(number) - int(house)), estate)
        for (of, number), estates in places.houses.items()
        if of == road and number.isdigit()
        for estate in estates
    ]
    least = min((distance for distance, _estate in numbered), default=0)
    return {next(iter(places.around[estate]), estate) for distance, estate in numbered if distance == least}


def _leave_out_elsewhere(named: list[MentionOptions], text: str) -> None:
    """Marks names right after the name of another district as lying there: 丰台区鲁谷路."""
    reach = -1
    elsewhere = ""
    for group in named:
        start = group.mention.start
        if group.elsewhere:
            elsewhere, reach = group.elsewhere, group.mention.end + ELSEWHERE_REACHES
        elif elsewhere and start <= reach and not _CLAUSE.search(text, reach - ELSEWHERE_REACHES, start):
            group.elsewhere, group.options = elsewhere, []
