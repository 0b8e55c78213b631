"""A text as places are sought in it, and how it sounds: one width, simplified characters, no gaps, no markup.

Every sign knows where it stood in the text as it was given, so that the words that led to a place can be marked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from jieban.base.text.pinyin import syllables
from jieban.base.text.simplified import SIMPLIFIED

LONGEST = 10_000  # characters; who writes more has said where it is before
_SOUND = 0xF0000  # the first of the private signs that stand for a sound each
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_PLAIN = {code: letter.lower() for code, letter in _WIDE.items()} | {
    code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)
}
_PLAIN |= SIMPLIFIED
# Gaps, controls, format signs, private signs; markup and its entities. Each alternative looks a bounded way ahead.
_NOISE = re.compile(
    "</?[A-Za-z!][^<>]{0,300}>|&(?:[A-Za-z]{2,8}|#[0-9]{1,7});"
    "|[\\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U0010ffff]+"
)
# Sounds that many speakers, and so many who type by sound, do not tell apart.
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_ENDS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@dataclass(frozen=True, slots=True)
class PlaceText:
    """A text as names are sought in it. `at[i]` is where sign `i` stood in the text as it was given."""

    text: str
    sounds: str
    at: Sequence[int]


def normalize_text(given: str) -> PlaceText:
    """The first 10,000 characters, cleaned; anything may be given."""
    given = given[:LONGEST]
    text, at = _without_noise(given) if _NOISE.search(given) else (given, range(len(given)))
    text = text.translate(_PLAIN)
    return PlaceText(text, text.translate(_SOUND_CODES), at)


def normalize_name(name: str) -> str:
    """A name as it is compared."""
    return normalize_text(name).text


def sound_key(name: str) -> str:
    """How a name sounds, a sign for each of its signs."""
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
    """From a character to the private sign of its sound; what has none stays as it is. Filled as it is used."""

    def __missing__(self, code: int) -> int:
        if not 0x3400 <= code < 0x40000:
            return code
        known = syllables(chr(code))[0].strip()
        self[code] = sign = _sound_code(_merged(known)) if known.isalpha() else code
        return sign


def _sound_code(sound: str) -> int:
    """The same sign for the same sound, also where two threads ask at once: a number may be left out."""
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
