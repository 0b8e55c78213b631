"""Parser of the numbers in an address: 12号楼3单元501, 甲15号院, 3-2-501, 第二网格; figures as Arabic digits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_NUMERAL = "一二三四五六七八九十百"
_NUMBER = rf"\d{{1,4}}|[{_NUMERAL}]{{1,5}}"
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
# 楼 alone is a floor, unless a unit follows: 5楼 is not a block, 5楼2单元 is.
_BLOCK = re.compile(
    rf"(?P<block>[甲乙丙丁]?(?:{_NUMBER}))(?P<mark>号楼|号?[栋幢座]|#楼?|号?楼(?=(?:{_NUMBER})单元)|号(?=(?:{_NUMBER})单元))"
    rf"(?:(?P<unit>{_NUMBER})单元|[-－](?P<unit2>\d{{1,2}})(?=[-－]\d{{3,4}}))?"
    r"(?:[-－]?(?P<room>\d{3,4})(?:室|号|户)?)?"
)
_DASHED = re.compile(r"(?<![\d-])(?P<block>\d{1,3})-(?P<unit>\d{1,2})-(?P<room>\d{3,4})(?![\d-])")
_UNIT = re.compile(rf"(?P<unit>{_NUMBER})单元(?:(?P<room>\d{{3,4}})(?:室|号|户)?)?")
# 301路 is a bus, 3号线 a railway, 12345号 no house.
_HOUSE = re.compile(rf"[甲乙丙丁]?(?:{_NUMBER})号(?!楼|线|车|店|铺|机|电|令|文|工单|之前|[下上]午|[早晚])院?")
_UNLISTED_ROAD = re.compile(
    r"(?P<road>[\u4e00-\u9fff]{1,6}?(?:大街|[路街]|胡同|[巷道]))(?P<house>[甲乙丙丁]?\d{1,4}号(?!楼|线|车|店|铺|机|电)院?)"
)
# Words before a road that are not part of its name: 我在某某路, 家住某某路.
_BEFORE_ROAD = re.compile(r"^.*[我在住于到从和是与去往至的了区乡镇县市省]")
_GRID = re.compile(rf"第?(?P<number>\d{{1,4}}|[{_NUMERAL}]{{1,3}})号?网格")


@dataclass(frozen=True, slots=True)
class BuildingNumbers:
    """Block, unit and room as digits, with their span in the text."""

    block: str
    unit: str
    room: str
    start: int
    end: int


def to_arabic(number: str) -> str:
    """Arabic digits of a numeral. 十二: 12; 甲十五号: 甲15. What is no number is returned unchanged."""
    head = number[:1] if number[:1] in "甲乙丙丁" else ""
    body = number.removeprefix(head)
    if body.isascii() and body.isdigit():
        return head + (body.lstrip("0") or "0")
    value, part = 0, 0
    for sign in body:
        if sign in _DIGITS:
            part = _DIGITS[sign]
        elif sign in "十百":
            value += (part or 1) * (10 if sign == "十" else 100)
            part = 0
        else:
            return number
    return head + str(value + part)


def to_chinese_numeral(number: int) -> str:
    """Chinese numeral of a number up to 99. 12: 十二."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_NUMERAL[tens - 1]}十") + (
        _NUMERAL[ones - 1] if ones else ""
    )


def find_blocks(text: str) -> Iterator[BuildingNumbers]:
    """The blocks of flats of a text in their order, with unit and room where they follow; then a unit alone."""
    found = False
    for match in [*_BLOCK.finditer(text), *_DASHED.finditer(text)]:
        parts = match.groupdict()
        if parts.get("mark") in {"栋", "座", "幢"} and not parts["block"].isascii():
            continue  # 一栋楼, 三座桥 are counted, not named
        found = True
        unit = parts.get("unit") or parts.get("unit2") or ""
        yield BuildingNumbers(
            to_arabic(parts["block"]),
            _to_arabic_or_empty(unit),
            parts["room"] or "",
            match.start(),
            match.end(),
        )
    if not found:
        for match in _UNIT.finditer(text):
            yield BuildingNumbers(
                "", _to_arabic_or_empty(match["unit"]), match["room"] or "", match.start(), match.end()
            )


def _to_arabic_or_empty(number: str) -> str:
    return to_arabic(number) if number else ""


def house_at(text: str, start: int) -> tuple[str, int]:
    """House number at this position and where it ends; empty where there is none."""
    match = _HOUSE.match(text, start)
    if match is None:
        return "", start
    return to_arabic(match[0].rstrip("院").removesuffix("号")), match.end()


def unlisted_road(text: str) -> tuple[str, str]:
    """The first road with a house number, also one that is in no list: 松林路8号; both empty where there is none."""
    for match in _UNLISTED_ROAD.finditer(text):
        road = _BEFORE_ROAD.sub("", match["road"])
        if len(road) > 1:
            return road, to_arabic(match["house"].rstrip("院").removesuffix("号"))
    return "", ""


class GridNumber(NamedTuple):
    """Number of a grid cell, as digits, with its span in the text."""

    number: str
    start: int
    end: int


def grid_number(text: str) -> GridNumber | None:
    """The first grid cell that the text names; None where it names none."""
    match = _GRID.search(text)
    return GridNumber(to_arabic(match["number"]), match.start(), match.end()) if match else None
