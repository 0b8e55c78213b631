"""Unsupervised recognition of names of places and bodies: estates, roads, villages, schools, companies, platforms.

There is no list of them: a name ends in a typical ending (小区, 路, 公司), and begins where, over all messages, the
characters before it vary. Before 翠湖新城 stand 投诉, A2区, 在 and others.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from jieban.base.text.pinyin import full_pinyin
from jieban.language.text.segment import is_word, segment_words

LONGEST_NAME = 9  # characters, its ending included
COMMON_FROM, COMMON_BELOW = 4, 0.4  # a name used in so many places, in none above this share, names nothing
MUST_SHARE = 0.6  # share of the same character before a name, from which the character belongs to the name

# A division by its code, as in anonymized data (A市, A3区), or by its name.
CODE = re.compile(r"[A-Z]\d{0,2}[市区县](?:市(?=[一-鿿]))?")
_DISTRICT = re.compile(
    r"(?<![A-Z])([A-Z]\d{1,2})(?=[区县市])"
    r"|([一-鿿]{2,3}[区县])(?=[一-鿿]{1,5}(?:街道|镇|乡|社区|村|路|街))"
)
_NO_DISTRICT = re.compile(
    r".*(?:小|社|园|地|市|城|片|校|景|库|新|开发|别墅|住宅|办公|生活|服务|安置|宅|工业|全|[的在该本各])[区县]"
)
_LONG_ENDINGS = (
    "安置小区|小区|社区|新村|新城|花园|家园|公寓|国际城|国际|广场|大厦|市场|商业街|步行街|大道|公园|街道|幼儿园|小学|中学|大学|学院|学校|驾校|医院"
    "|公司|集团|英语|平台|工业园|物流园|产业园|酒店|宾馆|地铁站|火车站|公交站|车站|立交桥|大桥|隧道|安置区|别墅|工地|名苑|佳苑|帝景|地铁|号线"
)
_SHORT_ENDINGS = "苑府城湾园里庭郡居轩阁邸墅路街巷村镇乡组厂矿湖山河岛桥站院楼网贷畔都谷庄寨坪塘岭滩洲庐"
# No ending when it is the first half of another word: 中心城市, 东方村民, 某网站.
_GOES_ON = {
    "城": "市镇际乡区管", "村": "民委干支", "园": "区林艺", "站": "点台长", "网": "络友点站上民", "贷": "款",
    "楼": "盘梯道房板", "河": "道", "厂": "房家", "组": "织成长", "院": "校子长", "居": "民住委", "里": "面",
    "矿": "产", "庭": "院", "山": "水庄", "都": "是有没不", "府": "邸", "街": "坊", "镇": "政", "湖": "边",
}  # fmt: skip
_ENDING = re.compile(
    "|".join(
        f"{ending}(?![{_GOES_ON[ending]}])" if ending in _GOES_ON else ending
        for ending in sorted([*_LONG_ENDINGS.split("|"), *_SHORT_ENDINGS], key=len, reverse=True)
    )
)
_RUN = re.compile("[0-9A-Za-z一-鿿]+")
JOINTS = re.compile("[·.•“”\"']")  # signs inside a name that some people leave out
# Words around names that belong to none.
_AROUND = re.compile(
    "投诉|反映|反应|举报|咨询|请问|询问|关于|建议|希望|请求|恳请|请给|请|问|解决|加快|加强|督促|取缔|尊敬的|领导|书记|您好|你好|我们|我是|我"
    "|本人|你|他们|位于|坐落|座落|地处|住在|家住|居住|就在|在|是|的|和(?![平谐美园顺信雅润])|与|及|到|从|向(?![阳前东荣家群])|由|对|把|被"
    "|将(?!军)|让|给|于|有|这个|那个|该|此|每个|整个|一个|一家|一条|一座|附近|旁边|旁|对面|门口|周边|周围|至(?!善|尊)|为|也|都(?=[不没被是有])|又"
    "|就|不|没|了|着|要|能|会(?!展)|去|来(?!福|凤)|再次|强烈|西地省|全省|政府|业主|居民|小孩|购买|买|每天|每晚|夜里|夜间|晚上|凌晨|半夜|白天|通宵|昼夜"
)
# Generic names: the road, the property company, the ground floor.
_COMMON = re.compile(
    "号楼楼|(?:这|那|哪|家|群|县|房间|心)里|.*(?:限公司|物业公司|分公司|(?:水|气|电|公交|建筑|开发|产)公司|搅拌(?:厂|站)|公路|铁路|线路|[一二三四五六七八九十\\d顶]楼"
    "|垃圾[站楼]|加油站|变电站|收费站|终点站|首末站|电站|网站|法院|国务院|住院|[菜贸产]市场|家庭|售楼|城乡|农村|公里|公积金贷|银行贷|行道|人行|互联网|水管网"
    "|(?:办公|号|写字|宿舍|商业|综合|住宅|居民|整栋|两栋|高|大型)楼|天桥|高架桥|停车场|临街|过街|十字路|人民医院|[性办套]幼儿园|培训学校|断头路"
    "|必经之路|(?:建筑|小区|社区|一个|施工)工地|这条路|楼栋)|.*(?:导致|影响|进入|进出|住宅|现|还|而|[本个期]|全体|当地)(?:小区|村|社区)|马路|道路|修路|过马路|快速路|水泥路"
    "|高速公路|县城|校园|文明城|旧城|城镇|[东西南北中]路|邻居|安居|宜居|中小学|小区[楼里路]|农贸市场|房地产市场|一线城|城中村|高铁站|地铁站"
)
_OWN = re.compile("(?<=..)(?:安置小区|小区|社区|工地|街道)+$")  # what is left is the name's own
_BODY = re.compile(".*(?:公司|集团|平台|英语|驾校|[贷网])")
OMITTED_ENDING = re.compile("(?<=..)(?:安置小区|小区|社区)$")


@dataclass
class NameBook:
    """Statistics of where names begin: in how many messages each run of characters before an ending occurs."""

    seen: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, messages: Iterable[Sequence[str]]) -> "NameBook":
        """Counts these messages, each some pieces of text."""
        book = cls()
        for pieces in messages:
            book.seen.update(
                {
                    window[-length:]
                    for piece in pieces
                    for window, ending in name_windows(piece)
                    for length in range(ending, len(window) + 1)
                }
            )
        return book

    def names(self, text: str) -> list[str]:
        """Finds the names in the text, in its order, also those inside a longer one."""
        found = (self._name(window, ending) for window, ending in name_windows(text) if len(window) > ending)
        return [name for name in found if _is_name(name)]

    def _name(self, window: str, ending: int) -> str:
        length = ending + 1
        if self.seen[window[-length:]] < 2:
            return _last_words(window, ending)
        while length < len(window):
            often = self.seen[window[-length:]]
            if often < 2:
                break
            if length - ending >= 2 and self.seen[window[-length - 1 :]] < MUST_SHARE * often:
                break
            length += 1
        return _without_area(window[-length:], ending)


def distinctive_names(
    heads: Sequence[list[str]], texts: Sequence[list[str]], where: Sequence[set[str]]
) -> tuple[list[list[str]], list[list[str]]]:
    """Filters out generic names: those used in many places and in none mostly.

    `where` are the places or districts of each message. 划片小学 is used in every community, 翠湖新城 in one;
    companies and platforms stay, because their customers live everywhere.
    """
    usage: dict[str, Counter[str]] = defaultdict(Counter)
    for head, text, places in zip(heads, texts, where, strict=True):
        if len(places) == 1:
            for name in {*head, *text}:
                usage[name].update(places)
    common = {
        name
        for name, places in usage.items()
        if len(places) >= COMMON_FROM and not _BODY.fullmatch(name)
        and max(places.values()) < COMMON_BELOW * places.total()
    }  # fmt: skip
    return (
        [[name for name in names if name not in common] for names in heads],
        [[name for name in names if name not in common] for names in texts],
    )


def _without_area(name: str, ending: int) -> str:
    """The name without the street's name before it: 古城南路社区."""
    area = name.rfind("街道", 0, -ending) + 2
    return name[area:] if 2 <= area <= len(name) - ending - 1 else name


def name_windows(text: str) -> Iterator[tuple[str, int]]:
    """Windows: for each position where a name may end, the characters before it and the length of the ending."""
    for piece in CODE.split(JOINTS.sub("", text)):
        for run in _RUN.findall(piece):
            for part in _AROUND.split(run):
                for match in _ENDING.finditer(part):
                    yield part[max(0, match.end() - LONGEST_NAME) : match.end()], len(match[0])


def sound_ngrams(name: str) -> list[str]:
    """N-grams (2, 3) of a name's sounds: 中茂广场 and 中贸广场 sound alike, 翠湖小区 is 翠湖."""
    sounds = [full_pinyin(sign) for sign in _OWN.sub("", name.lower())]
    twos = [first + second for first, second in zip(sounds, sounds[1:], strict=False)]
    threes = [one + two for one, two in zip(twos, sounds[2:], strict=False)]
    return twos + threes


def districts(text: str) -> set[str]:
    """The districts that the text names, by code (A3) or by name (石景山区)."""
    found = {code or name for code, name in _DISTRICT.findall(text)}
    return {name for name in found if not _NO_DISTRICT.fullmatch(name)}


def remove_names(text: str, names: Iterable[str]) -> str:
    """Replaces names and codes of divisions by a gap, also where two names overlap."""
    text = CODE.sub(" ", JOINTS.sub("", text))
    named = bytearray(len(text))
    for name in set(names):
        at = text.find(name) if name else -1
        while at >= 0:
            named[at : at + len(name)] = b"\x01" * len(name)
            at = text.find(name, at + 1)
    return "".join(" " if inside else sign for sign, inside in zip(text, named, strict=True))


@lru_cache(maxsize=100_000)
def _is_name(name: str) -> bool:
    if len(name) < 2 or _COMMON.fullmatch(name):
        return False
    return not (len(name) <= 3 and name[-1] in "里路院楼网厂街居组贷庭园校城县山湖河" and is_word(name))


@lru_cache(maxsize=100_000)
def _last_words(window: str, ending: int) -> str:
    """Fallback for a run that occurs once: its last words, two characters before the ending."""
    length = 0
    for word in reversed(segment_words(window)):
        length += len(word)
        if length >= ending + 2:
            break
    return window[-length:]
