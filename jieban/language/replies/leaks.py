"""Leak detector: finds where a text reveals the requester, by name, telephone, address, or words that point at them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from jieban.base.masking import normalize_phone
from jieban.language.text.personal_data import (
    PLATE,
    SURNAME,
    TITLES,
    PersonalDataKind,
    personal_data,
)

LONGEST = 20_000  # characters that are checked
SHORTEST_NUMBER = 7  # digits of a telephone
SHORTEST_DOOR = 4  # characters of a door such as 502室 with its building


class LeakKind(StrEnum):
    """Kind of leak: by what a reader would recognize the requester."""

    NAME = "name"
    TITLE = "title"  # 王女士, where a 王 complained
    PHONE = "phone"
    ADDRESS = "address"
    POINTER = "pointer"  # 投诉人住在…, 举报人是该公司员工


@dataclass(frozen=True, slots=True)
class Leak:
    """Leak: a span of the text, in characters, that reveals the requester."""

    kind: LeakKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RequesterIdentity:
    """Identity of the requester. `secret`: they asked to stay anonymous; a refusal must not confirm the surname."""

    name: str = ""
    phone: str = ""
    address: str = ""
    secret: bool = False


_WHO = r"(?:投诉|举报|反映|来电|诉求|信访|求助|报修|报警|申诉|提问|留言)(?:人|者|群众|市民|居民|业主|住户)"
_POINTERS = (
    # Nouns of where the requester lives, of the name, the employer, the telephone.
    re.compile(
        rf"{_WHO}(?:本人)?(?:家?住(?:在|址)?|居住(?:在|于|地)?|家(?:住|里|中)?(?:在|位于)|姓(?!名)|名叫|名为|叫(?=[一-鿿])|系(?!统)|的?(?:姓名|电话|手机|住址|地址|微信|单位|车牌)(?:号码?)?(?:是|为|[：:])|[（(](?=[^）)]{{0,20}}(?:先生|女士|\d{{3}}|室|号楼|某)))"
        r"[^，。；,;）)]{1,30}"
    ),
    re.compile(
        rf"{_WHO}(?:是|为|即)(?!否|此|了|因|何|什么|想|要|希望|咨询|反映|不是)[^，。；,;]{{0,14}}"
        r"(?:住户|业主|租户|租客|员工|职工|学生|家长|邻居|老板|店主|商户|村民|楼上|楼下|隔壁|对门|室|同事|亲属|前夫|前妻|前员工)"
    ),
    re.compile(rf"(?:先生|女士|{TITLES})(?:打电话|来电|拨打)?(?:投诉|举报|反映|拨打12345|打12345)"),
    re.compile(
        r"(?:楼上|楼下|隔壁|对门|对面|同楼|相邻)(?:的)?(?:邻居|住户|业主|租户|商户|居民|人家)?(?:[^，。；]{0,4})(?:投诉|举报|打了?12345|打电话)(?:了?您|了?你|了?贵|该|其)?"
    ),
    re.compile(rf"{_WHO}[^，。；]{{0,10}}?(?={PLATE.pattern})"),
)
# 王女士，您好 or 尊敬的王女士： at the beginning of the text.
_SALUTATION = re.compile(
    rf"\s*(?:尊敬的|敬爱的)?\s*(({SURNAME})(?:{TITLES}))\s*(?:[，,：:！!]?\s*[您你]好|[：:])"
)
_MASK_SIGNS = re.compile(r"[0-9*＊xX×•●某]+")
# A telephone with some of its digits hidden.
_HALF_HIDDEN = re.compile(r"(?<![0-9A-Za-z])(\d{2,7})[*＊xX×•●…－-]{2,8}(\d{2,4})(?![0-9])")
_TAIL = re.compile(r"尾号(?:为|是|[：:])?\s{0,2}(\d{3,4})(?!\d)")
_DOOR = re.compile(
    r"(?:[0-9A-Za-z一二三四五六七八九十]{1,4}(?:号楼|栋|幢|座|号院|楼|#))?[0-9一二三四五六七八九十]{1,3}单元[0-9]{2,5}(?:室|号|户)?"
    r"|[0-9A-Za-z]{1,4}(?:号楼|栋|幢|座|楼|#)[0-9]{2,5}(?:室|号|户)?|[0-9]{1,4}-[0-9]{1,3}-[0-9]{2,5}|[0-9]{3,5}(?:室|户)"
)
_UNIT = re.compile(r"[0-9一二三四五六七八九十]{1,3}单元[0-9]{2,5}")
_ROOM = re.compile(r"([0-9]{3,5})(?:室|号|户)?$")
_SPOKEN = dict(zip("零〇一二三四五六七八九幺", "001234567891", strict=True))
_BETWEEN_DIGITS = frozenset(" \t-—–－_.·•()（）\u200b\u200c\u200d\ufeff\u2060\u3000")


def find_leaks(text: str, known: RequesterIdentity) -> list[Leak]:
    """Finds all leaks, in order. Any text is allowed."""
    text = text[:LONGEST]
    found = {*_names(text, known), *_phones(text, known), *_addresses(text, known), *_pointers(text)}
    chosen: list[Leak] = []
    for leak in sorted(found, key=lambda leak: (leak.start, -leak.end)):
        if not chosen or leak.start >= chosen[-1].end:
            chosen.append(leak)
    return chosen


def salutation(text: str, known: RequesterIdentity) -> tuple[int, int] | None:
    """Span of the salutation (称呼): surname and title at the beginning of a text that only the requester gets.

    None where they asked to stay anonymous: then nobody may know whom the text is for. A first name is no salutation.
    """
    found = _SALUTATION.match(text)
    if found is None or known.secret or not known.name.strip().startswith(found[2]):
        return None
    return found.span(1)


def _names(text: str, known: RequesterIdentity) -> Iterator[Leak]:
    name, addressed = known.name.strip(), salutation(text, known)
    if re.fullmatch(r"[一-鿿·]{2,6}", name) and not name.endswith(("先生", "女士")):
        for match in re.finditer(r"\s{0,2}".join(map(re.escape, name)), text):
            yield Leak(LeakKind.NAME, *match.span())
    for span in personal_data(text):
        if (span.start, span.end) == addressed:
            continue
        if span.kind == PersonalDataKind.TITLED and (known.secret or text[span.start] == name[:1]):
            yield Leak(LeakKind.TITLE, span.start, span.end)
    if len(name) > 1 and not known.secret:
        for match in re.finditer(rf"{re.escape(name[0])}(?:某|[*＊×]){{1,3}}", text):
            yield Leak(LeakKind.TITLE, *match.span())


def _phones(text: str, known: RequesterIdentity) -> Iterator[Leak]:
    number = normalize_phone(known.phone)
    if len(number) < SHORTEST_NUMBER:
        return
    for digits, places in _digit_runs(text):
        at = digits.find(number)
        if at < 0 and number.startswith("0"):
            at = digits.find(number[-8:])
            number = number[-8:] if at >= 0 else number
        if at >= 0:
            yield Leak(LeakKind.PHONE, places[at], places[at + len(number) - 1] + 1)
    if known.secret:
        return
    for match in _HALF_HIDDEN.finditer(text):
        if number.startswith(match[1]) and number.endswith(match[2]) and len(match[1] + match[2]) >= 5:
            yield Leak(LeakKind.PHONE, *match.span())
    for match in _TAIL.finditer(text):
        if number.endswith(match[1]):
            yield Leak(LeakKind.PHONE, *match.span())


def _digit_runs(text: str) -> Iterator[tuple[str, list[int]]]:
    """Runs of digits, also spaced, full-width or spoken (一三八…), with the position of each digit."""
    digits: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        digit = _digit(sign)
        if digit:
            digits.append(digit)
            places.append(place)
        elif sign not in _BETWEEN_DIGITS and digits:
            yield "".join(digits), places
            digits, places = [], []
    if digits:
        yield "".join(digits), places


def _digit(sign: str) -> str:
    if sign in _SPOKEN:
        return _SPOKEN[sign]
    if sign.isdigit():
        value = unicodedata.digit(sign, -1)
        return str(value) if value >= 0 else ""
    return ""


def _addresses(text: str, known: RequesterIdentity) -> Iterator[Leak]:
    """Spans of the requester's door. A building or a street alone is no leak: the matter often lies there."""
    for door in _DOOR.finditer(known.address):
        if len(door[0]) < SHORTEST_DOOR:
            continue
        parts = {re.escape(door[0])} | {re.escape(unit[0]) for unit in _UNIT.finditer(door[0])}
        room = _ROOM.search(door[0])
        if room is not None:
            parts.add(rf"(?:单元|号楼|栋|幢|楼|住|家)[^，。；]{{0,4}}?{room[1]}(?:室|户)")
        for match in re.finditer(rf"(?<![0-9])(?:{'|'.join(sorted(parts, key=len, reverse=True))})", text):
            yield Leak(LeakKind.ADDRESS, *match.span())


def _pointers(text: str) -> Iterator[Leak]:
    for pattern in _POINTERS:
        for match in pattern.finditer(text):
            yield Leak(LeakKind.POINTER, *match.span())
