"""Splitter of compound messages into matters: proposed when a case is split, and checked against the reply."""

import re
from itertools import pairwise

from jieban.language.text.sentences import Piece, piece_of, sentences

LONGEST = 20_000  # characters; a longer message is one matter
MOST = 12  # matters; whoever numbers more lines than that lists something else
SHORTEST = 6  # characters of a matter

_DIGITS = {sign: value for value, sign in enumerate("一二三四五六七八九十", 1)}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_NUMBERED = re.compile(
    rf"(?P<circled>[{_CIRCLED}])"
    r"|(?:(?<=[\s。；;：:，,！!？?）)])|^)"
    r"(?:[（(]\s?(?P<bracket>[一二三四五六七八九十]{1,3}|\d{1,2})\s?[)）][、.．]?"
    r"|(?P<plain>[一二三四五六七八九十]{1,3}|\d{1,2})(?:[、．]|\.(?!\d)|[)）:：])"
    r"|第(?P<ordinal>[一二三四五六七八九十]{1,2})(?:个?(?:问题|件事|点))?[，,、：:]"
    r"|(?P<first>[一二三四五六七八九十])是)"
)
_FURTHER = re.compile(
    r"(?:另外|此外|再有|再者|再就是|其次|顺便|同时(?:还|也)?(?:反映|希望|请|要求|建议|投诉|咨询)"
    r"|还有(?!没|多|几|多少|人)|(?:还|也)(?:想|要)?(?:反映|咨询|投诉|请问|建议|希望)"
    r"|另(?=[，,：:]|反映|请|有)|第[二三四](?:件事|个问题))"
)


def find_matters(text: str) -> list[Piece]:
    """Finds the matters of a message in order, as spans; the whole message when it is not compound.

    Numbered lists with ascending numbers first, else sentences that begin a further matter (另外, 还有, 同时反映).
    The text before the first number introduces all matters and belongs to none. Any text is allowed.
    """
    whole = piece_of(text, 0, len(text))
    if not whole.text or len(text) > LONGEST:
        return [whole] if whole.text else []
    return _split_by_numbers(text) or _split_by_connectives(text) or [whole]


def introduction(text: str, found: list[Piece]) -> str:
    """The text before the first of several matters: where it is, and who asks."""
    return text[: found[0].start].strip() if len(found) > 1 else ""


def unnumbered(matter: str) -> str:
    """The text of a matter without its number."""
    return _NUMBERED.sub("", matter, count=1) if _NUMBERED.match(matter) else matter


def _split_by_numbers(text: str) -> list[Piece]:
    by_style: dict[str, list[tuple[int, int]]] = {}
    for match in _NUMBERED.finditer(text):
        style = match.lastgroup or ""
        by_style.setdefault(style, []).append((_value(match[style]), match.start()))
    for marks in sorted(by_style.values(), key=lambda marks: marks[0][1]):
        starts = _positions_in_sequence(marks)
        if 2 <= len(starts) <= MOST:
            pieces = [piece_of(text, start, end) for start, end in pairwise([*starts, len(text)])]
            if all(_long_enough(piece.text) for piece in pieces):
                return pieces
    return []


def _value(written: str) -> int:
    if written in _CIRCLED:
        return _CIRCLED.index(written) + 1
    if written.isdecimal():
        return int(written)
    tens, _ten, ones = written.rpartition("十")
    if "十" not in written:
        return _DIGITS.get(written, 0)
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)


def _positions_in_sequence(marks: list[tuple[int, int]]) -> list[int]:
    """Positions of 1, 2, 3 … in sequence; a number out of turn is skipped."""
    starts: list[int] = []
    for value, start in marks:
        if value == len(starts) + 1:
            starts.append(start)
    return starts


def _split_by_connectives(text: str) -> list[Piece]:
    starts = [piece.start for piece in sentences(text) if _FURTHER.match(piece.text)]
    starts = [start for start in starts if _long_enough(text[:start])]
    if not starts or len(starts) >= MOST:
        return []
    pieces = [piece_of(text, start, end) for start, end in pairwise([0, *starts, len(text)])]
    return pieces if all(_long_enough(piece.text) for piece in pieces) else []


def _long_enough(text: str) -> bool:
    return sum(map(str.isalnum, text)) >= SHORTEST
