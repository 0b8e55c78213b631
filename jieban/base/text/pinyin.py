"""How Chinese words sound, as people type them who know the name: by first letters, or in full."""

from collections.abc import Callable
from functools import lru_cache


def _pinyin(words: str, style: str, other: Callable[[str], str]) -> list[str]:
    """The list of all readings takes a third of a second to load: only who asks for one waits."""
    from pypinyin import Style, lazy_pinyin

    found: list[str] = lazy_pinyin(words, style=getattr(Style, style), errors=other)
    return found


@lru_cache(maxsize=5_000)
def pinyin_initials(words: str) -> str:
    """城乡建设 / 供热: cxjs gr."""
    letters = _pinyin(words, "FIRST_LETTER", _letters)
    return " ".join("".join(letters).split()).lower()


@lru_cache(maxsize=5_000)
def full_pinyin(words: str) -> str:
    """老山: laoshan."""
    return "".join(_pinyin(words, "NORMAL", _letters)).replace(" ", "").lower()


def _letters(other: str) -> str:
    """What is no Chinese character: letters and figures as they are, the rest as a gap."""
    return "".join(sign if sign.isalnum() else " " for sign in other)


def syllables(words: str) -> list[str]:
    """老山 3: lao, shan, and a gap for each sign that is no Chinese character; as many as there are signs."""
    return [found[0] for found in map(_syllables_of_sign, words)]


@lru_cache(maxsize=30_000)
def _syllables_of_sign(sign: str) -> tuple[str, ...]:
    return tuple(_pinyin(sign, "NORMAL", lambda _other: " "))
