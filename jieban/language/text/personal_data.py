"""Detector of personal data in running text (persons, telephones, identity and plate numbers), and masking.

The rules are for Chinese office texts. A name is recognized by its context (我叫…, 联系人：…, …女士), never by its
form alone: a street may have a person's name.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from jieban.base.masking import PERSONAL_NUMBER, mask_name

NOT_NAMES = Path(__file__).resolve().parents[3] / "data" / "lexicon" / "not_names.csv"
LONGEST = 200_000  # characters of a text that are checked; the rest is returned as stars
SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞"
    "樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹"
    "关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘"
) - frozenset("位时查成单解强向安方车关路文司于谢")  # these begin or end too many other words
DOUBLESURNAMES = (
    "欧阳",
    "司马",
    "诸葛",
    "上官",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "司徒",
    "令狐",
    "长孙",
    "宇文",
)
TITLES = "先生|女士|小姐|大爷|大妈|大娘|大叔|阿姨|奶奶|爷爷|老人家"
_NO_NAME_ENDS = tuple("的村区路街市县镇人员户家里园楼院厂店")

_LETTERS = "A-HJ-NP-Za-hj-np-z"
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    rf"[{_LETTERS}][·•. -]?(?=[{_LETTERS}]{{0,4}}[0-9])[{_LETTERS}0-9]{{4,5}}[{_LETTERS}0-9挂学警港澳](?![A-Za-z0-9])"
)
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
ACCOUNT = re.compile(r"(?:微信|QQ|qq)(?:号码?)?(?:是|为|[：:])?\s{0,2}([A-Za-z0-9_-]{5,20})")
# 于 and 谢 are surnames too, but not in 由于 and 感谢.
SURNAME = (
    rf"(?:{'|'.join(DOUBLESURNAMES)}|[{''.join(sorted(SURNAMES))}]"
    r"|(?<![由对关至终属位等过基鉴])于|(?<![感多])谢)"
)
_NAME = rf"{SURNAME}[一-鿿]{{1,2}}"
_TITLED = re.compile(rf"({SURNAME}[一-鿿]{{0,2}}?)({TITLES})")
_INTRODUCED = re.compile(
    rf"(?:我叫|我名叫|名叫|本人叫|我是|本人|姓名|名字)(?:是|为)?[：:]?\s{{0,2}}({_NAME})(?=[，。,.、；;：:\s（(！!]|$|身份证|电话|手机|住)"
)
_LABELLED = re.compile(
    "(?:联系人|来电人|诉求人|投诉人|举报人|反映人|申请人|报修人|当事人|户主|业主|车主|经办人|负责人)"
    rf"(?:姓名)?[：:]\s{{0,2}}({_NAME})(?=[，。,.、；;：:\s（(！!]|$)"
)
_FIGURE = re.compile(r"\d")
_INTRODUCING = ("叫", "我是", "本人", "姓名", "名字")
_TITLE_WORDS = tuple(TITLES.split("|"))


class PersonalDataKind(StrEnum):
    """Kind of personal data."""

    NUMBER = "number"  # telephone, identity or card
    PLATE = "plate"
    NAME = "name"
    TITLED = "titled"  # a surname with 先生, 女士 and the like
    ACCOUNT = "account"  # e-mail, WeChat, QQ


@dataclass(frozen=True, slots=True)
class PersonalSpan:
    """Span of personal data: from `start` up to `end`, in characters."""

    kind: PersonalDataKind
    start: int
    end: int


def personal_data(text: str) -> list[PersonalSpan]:
    """Finds all personal data, in order and without overlaps; of overlapping spans the first and longest."""
    found = sorted(_matches(text[:LONGEST]), key=lambda span: (span.start, -span.end))
    chosen: list[PersonalSpan] = []
    for span in found:
        if not chosen or span.start >= chosen[-1].end:
            chosen.append(span)
    return chosen


def _matches(text: str) -> Iterator[PersonalSpan]:
    """Matches of every rule. A rule runs only where its words occur, because lists show a hundred texts."""
    if _FIGURE.search(text):
        yield from (
            PersonalSpan(PersonalDataKind.NUMBER, *match.span()) for match in PERSONAL_NUMBER.finditer(text)
        )
        yield from (PersonalSpan(PersonalDataKind.PLATE, *match.span()) for match in PLATE.finditer(text))
    if "@" in text:
        yield from (PersonalSpan(PersonalDataKind.ACCOUNT, *match.span()) for match in EMAIL.finditer(text))
    if any(word in text for word in ("微信", "QQ", "qq")):
        yield from (
            PersonalSpan(PersonalDataKind.ACCOUNT, *match.span(1)) for match in ACCOUNT.finditer(text)
        )
    for pattern, words in ((_INTRODUCED, _INTRODUCING), (_LABELLED, "：:")):
        if any(word in text for word in words):
            named = (match for match in pattern.finditer(text) if _is_name(match[1]))
            yield from (PersonalSpan(PersonalDataKind.NAME, *match.span(1)) for match in named)
    if any(title in text for title in _TITLE_WORDS):
        yield from (PersonalSpan(PersonalDataKind.TITLED, *match.span()) for match in _titled_names(text))


def _titled_names(text: str) -> Iterator[re.Match[str]]:
    """Names before a title; where a word only looks like a name, as 房东 in 房东李先生, the name may begin in it."""
    at = 0
    while match := _TITLED.search(text, at):
        is_name = _is_name(match[1])
        at = match.end() if is_name else match.start() + 1
        if is_name:
            yield match


@lru_cache(maxsize=1)
def _not_names() -> tuple[str, ...]:
    """Words that begin with a surname and occur where a name may."""
    with NOT_NAMES.open(encoding="utf-8", newline="") as lines:
        return tuple(row["word"] for row in csv.DictReader(lines))


def _is_name(found: str) -> bool:
    return not found.startswith(_not_names()) and not found.endswith(_NO_NAME_ENDS)


def mask_text(text: str, *, known: Sequence[str] = ()) -> str:
    """Masks a text: 张** for 张建国, 张** for 张先生, 100****78 for a number, 京A**** for a plate.

    `known` are names and addresses that are masked in any context.
    """
    whole, text = text, text[:LONGEST]
    masked = _replace_spans(text, personal_data(text))
    for words in sorted(filter(_worth_hiding, known), key=len, reverse=True):
        masked = masked.replace(words, mask_name(words) if len(words) <= 4 else "***")
    return masked + "***" if len(whole) > LONGEST else masked


def remove_persons(text: str) -> str:
    """Removes persons from a text; numbers stay, because an office's telephone is meant to be called."""
    persons = [
        span for span in personal_data(text) if span.kind in {PersonalDataKind.NAME, PersonalDataKind.TITLED}
    ]
    return _replace_spans(text, persons)


def _replace_spans(text: str, spans: list[PersonalSpan]) -> str:
    parts, position = [], 0
    for span in spans:
        parts += [text[position : span.start], _replacement(span.kind, text[span.start : span.end])]
        position = span.end
    return "".join(parts) + text[position:]


def _worth_hiding(words: str) -> bool:
    return len(words) > 1


def _replacement(kind: PersonalDataKind, found: str) -> str:
    match kind:
        case PersonalDataKind.NUMBER:
            return PERSONAL_NUMBER.sub(lambda number: f"{number[1][:3]}****{number[1][-2:]}", found)
        case PersonalDataKind.PLATE:
            return f"{found[:2]}****"
        case PersonalDataKind.ACCOUNT:
            return f"{found[0]}****"
    return mask_name(found)
