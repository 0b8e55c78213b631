"""Normalization of a text for place search, and its sound key: one width, simplified, no gaps, no markup.

Each character keeps its position in the original text, so that the words that led to a place can be highlighted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from jieban.base.text.pinyin import syllables
from jieban.base.text.simplified import SIMPLIFIED

LONGEST = 10_000  # characters; in a longer text the place comes earlier
_SOUND = 0xF0000  # first of the private-use characters, each of which stands for one sound
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_PLAIN = {code: letter.lower() for code, letter in _WIDE.items()} | {
    code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)
}
_PLAIN |= SIMPLIFIED
# Gaps, control, format and private-use characters; markup and entities. Each alternative looks ahead a bounded way.
_NOISE = re.compile(
    "</?[A-Za-z!][^<>]{0,300}>|&(?:[A-Za-z]{2,8}|#[0-9]{1,7});"
    "|[\\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U0010ffff]+"
)
# Sounds that many speakers, and so many who type by sound, do not distinguish.
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_ENDS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@dataclass(frozen=True, slots=True)
class PlaceText:
    """Normalized text. `at[i]` is the position of character `i` in the original text."""

    text: str
    sounds: str
    at: Sequence[int]


def normalize_text(given: str) -> PlaceText:
    """Normalizes the first 10,000 characters of any text."""
    given = given[:LONGEST]
    text, at = _without_noise(given) if _NOISE.search(given) else (given, range(len(given)))
    text = text.translate(_PLAIN)
    return PlaceText(text, text.translate(_SOUND_CODES), at)


def normalize_name(name: str) -> str:
    """Normal form of a name for comparison."""
    return normalize_text(name).text


def sound_key(name: str) -> str:
    """Sound key of a name: one character for each of its characters."""
    return normalize_name(name).translate(_SOUND_CODES)


def _without_noise(given: str) -> tuple[str, Sequence[int]]:
    kept: list[str] = []
    at: list[int] = []
    begin = 0
    for noise in _NOISE.finditer(given):
        kept.append(given[begin : noise.start()])
        at.extend(range(begin, noise.start()))
        begin = noise.end()
        # 12 3号楼 is not 123号楼.
        if noise.start() > 0 and given[noise.start() - 1].isdigit() and given[begin : begin + 1].isdigit():
            kept.append(" ")
            at.append(noise.start())
    kept.append(given[begin:])
    at.extend(range(begin, len(given)))
    return "".join(kept), at


class _SoundCodes(dict[int, int]):
    """Cache from a character to the private-use character of its sound; one without sound maps to itself."""

    def __missing__(self, code: int) -> int:
        if not 0x3400 <= code < 0x40000:
            return code
        known = syllables(chr(code))[0].strip()
        self[code] = sign = _sound_code(_merged(known)) if known.isalpha() else code
        return sign


def _sound_code(sound: str) -> int:
    """Code of a sound, unique also when two threads ask at once; a number may then stay unused."""
    return _CODE_BY_SOUND.setdefault(sound, _SOUND + next(_NEXT_CODE))


def _merged(sound: str) -> str:
    for begin, other in _MERGED:
        if sound.startswith(begin):
            sound = other + sound[2:]
    for end, other in _ENDS:
        if sound.endswith(end):
            sound = sound.removesuffix(end) + other
    return sound


_NEXT_CODE = count()
_CODE_BY_SOUND: dict[str, int] = {}
_SOUND_CODES = _SoundCodes()
