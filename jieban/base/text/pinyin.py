"""Pinyin of Chinese words, for input by sound: first letters, or in full."""

from collections.abc import Callable
from functools import lru_cache


def _pinyin(words: str, style: str, other: Callable[[str], str]) -> list[str]:
    """Pinyin by pypinyin, imported at first use, because its table takes a third of a second to load."""
    from pypinyin import Style, lazy_pinyin

    found: list[str] = lazy_pinyin(words, style=getattr(Style, style), errors=other)
    return found


@lru_cache(maxsize=5_000)
def pinyin_initials(words: str) -> str:
    """First letters of the pinyin. 城乡建设 / 供热: cxjs gr."""
    letters = _pinyin(words, "FIRST_LETTER", _letters)
    return " ".join("".join(letters).split()).lower()


@lru_cache(maxsize=5_000)
def full_pinyin(words: str) -> str:
    """Full pinyin. 老山: laoshan."""
    return "".join(_pinyin(words, "NORMAL", _letters)).replace(" ", "").lower()


def _letters(other: str) -> str:
    """Handler for non-Chinese characters: letters and figures stay, the rest becomes a gap."""
    return "".join(sign if sign.isalnum() else " " for sign in other)


def syllables(words: str) -> list[str]:
    """Syllable of each character. 老山 3: lao, shan, and a gap for each one that is not Chinese."""
    return [found[0] for found in map(_syllables_of_sign, words)]


@lru_cache(maxsize=30_000)
def _syllables_of_sign(sign: str) -> tuple[str, ...]:
    return tuple(_pinyin(sign, "NORMAL", lambda _other: " "))
