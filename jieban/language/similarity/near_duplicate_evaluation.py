"""Evaluation of the near-duplicate search: messages changed as people change what they repeat, searched among all.

Recall: share of the changed messages that find their original. Precision: share of all hits that are the original or
repeat it. Two of the changes make a different message, which should not find the original.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jieban.base.text.pinyin import syllables
from jieban.language.similarity.near_duplicates import (
    comparable_text,
    is_near_duplicate,
    text_fingerprints,
)

SHARE = 0.08  # share of the characters that are changed
SHARE_KEPT = 0.6  # share of a message that is left when it is cut
MOST_TRIED = 300  # messages
SEED = 5
COMMON = "的是在不了有和人这中大为上"  # characters that a typing error puts in
OPENINGS = ("领导您好，", "你好，我想反映一个问题：", "我要投诉。", "尊敬的领导：您好！", "再说一遍这个事，")
ENDINGS = ("请尽快处理，谢谢！", "希望有关部门重视。", "恳请答复。", "麻烦你们管一管。", "盼回复。")
_POLITE_START = re.compile(
    r"^(?:(?:尊敬的)?[^，。！：]{0,8}(?:领导|书记|市长|你好|您好)[^，。！：]{0,4}[，。！：\s]*)+"
)
_POLITE_END = re.compile(
    r"(?:[，。！\s]*(?:谢谢|感谢|恳请|望|盼|请)[^，。！]{0,16}(?:处理|重视|答复|回复|解决|领导|谢谢)?[。！\s]*)$"
)
_PLACE = re.compile(
    r"(?:(?![的在了是和与到从我])[0-9A-Z一-鿿]){2,5}"
    r"(?=小区|社区|街道|花园|家园|大厦|路(?![灯边口面上过])|街|村|镇|县|市(?!场)|(?<![小社])区(?![别分域间]))"
)
_ELSEWHERE = ("东风", "红星", "向阳", "青松", "建设")

Sounds = Mapping[str, str]  # the characters of each syllable
Change = Callable[[str, random.Random, Sounds], str]


def _seeded_random() -> random.Random:
    """Random numbers with a fixed seed, for the same changes each time."""
    return random.Random(SEED)  # noqa: S311 - nothing depends on nobody guessing it


def dropped(text: str, rng: random.Random, _sounds: Sounds) -> str:
    """Characters left out."""
    return "".join(sign for sign in text if rng.random() > SHARE)


def mistyped(text: str, rng: random.Random, _sounds: Sounds) -> str:
    """Characters replaced by others."""
    return "".join(rng.choice(COMMON) if rng.random() < SHARE else sign for sign in text)


def misheard(text: str, rng: random.Random, sounds: Sounds) -> str:
    """Characters replaced by others of the same sound."""
    syllable = zip(text, syllables(text), strict=True)
    return "".join(
        rng.choice(sounds.get(sound, sign)) if rng.random() < SHARE else sign for sign, sound in syllable
    )


def reordered(text: str, rng: random.Random, _sounds: Sounds) -> str:
    """The sentences and their parts in another order."""
    parts = re.split("(?<=[。！？；，])", text)
    rng.shuffle(parts)
    return "".join(parts)


def cut(text: str, rng: random.Random, _sounds: Sounds) -> str:
    """Only a part of the message."""
    length = int(len(text) * SHARE_KEPT)
    start = rng.randrange(max(1, len(text) - length))
    return text[start : start + length]


def reworded(text: str, rng: random.Random, _sounds: Sounds) -> str:
    """Other words at the beginning and at the end."""
    own = _POLITE_END.sub("", _POLITE_START.sub("", text))
    return f"{rng.choice(OPENINGS)}{own or text}。{rng.choice(ENDINGS)}"


def all_of_it(text: str, rng: random.Random, sounds: Sounds) -> str:
    """All changes: characters left out and replaced, another order, other words at the beginning and the end."""
    for change in (reordered, dropped, mistyped, reworded):
        text = change(text, rng, sounds)
    return text


def elsewhere(text: str, rng: random.Random, _sounds: Sounds) -> str:
    """The same words of another place."""
    return _PLACE.sub(lambda _name: rng.choice(_ELSEWHERE), text)


CHANGES: dict[str, Change] = {
    one.__name__: one for one in (dropped, mistyped, misheard, reordered, cut, reworded, all_of_it)
}


@dataclass(frozen=True, slots=True)
class ChangeScores:
    """Scores of one change: recall and precision as defined above; `tried` messages."""

    recall: float
    precision: float
    tried: int


@dataclass(frozen=True, slots=True)
class LikenessScores:
    """Scores by change; and the share of false hits for another matter and for another place.

    `other_matter`: two messages with the same beginning and end. `other_place`: the same words about another place,
    which words alone cannot distinguish; the page of a case shows the distance between the two.
    """

    messages: int
    found: Mapping[str, ChangeScores]
    other_matter: float
    other_place: float


class FingerprintIndex:
    """Index of all messages by their fingerprints."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = list(dict.fromkeys(text for text in texts if text_fingerprints(text)))
        self._said = [comparable_text(text) for text in self.texts]
        self._by_fingerprint: dict[int, set[int]] = defaultdict(set)
        for number, text in enumerate(self.texts):
            for fingerprint in text_fingerprints(text):
                self._by_fingerprint[fingerprint].add(number)

    def alike(self, text: str) -> set[int]:
        """The numbers of the messages that are near duplicates of this text."""
        own, among = (
            comparable_text(text),
            set[int]().union(
                *(self._by_fingerprint.get(fingerprint, ()) for fingerprint in text_fingerprints(text))
            ),
        )
        return {number for number in among if is_near_duplicate(own, self._said[number])}

    def repeat(self, one: int, other: int) -> bool:
        return one == other or is_near_duplicate(self._said[one], self._said[other])

    def sounds(self) -> Sounds:
        """The characters of all messages by their syllable."""
        found: dict[str, list[str]] = defaultdict(list)
        signs = sorted({sign for text in self.texts for sign in text if "一" <= sign <= "鿿"})
        for sign, sound in zip(signs, syllables("".join(signs)), strict=True):
            found[sound].append(sign)
        return {sound: "".join(alike) for sound, alike in found.items()}


def measure(
    texts: Sequence[str], changes: Mapping[str, Change] = CHANGES, tried: int = MOST_TRIED
) -> LikenessScores:
    """Measures the search; the same messages give the same figures. Raises ValueError below two different messages."""
    messages, rng = FingerprintIndex(texts), _seeded_random()
    if len(messages.texts) < 2:
        raise ValueError
    numbers = rng.sample(range(len(messages.texts)), min(tried, len(messages.texts)))
    sounds = messages.sounds()
    found = {name: _score_change(messages, numbers, change, sounds) for name, change in changes.items()}
    return LikenessScores(
        len(messages.texts),
        found,
        _share_of_other_matter(messages, numbers),
        _share_of_other_place(messages, numbers, sounds),
    )


def _score_change(
    messages: FingerprintIndex, numbers: Sequence[int], change: Change, sounds: Sounds
) -> ChangeScores:
    rng, right, hits, fitting = _seeded_random(), 0, 0, 0
    for number in numbers:
        alike = messages.alike(change(messages.texts[number], rng, sounds))
        right += number in alike
        hits += len(alike)
        fitting += sum(messages.repeat(number, other) for other in alike)
    return ChangeScores(right / len(numbers), fitting / hits if hits else 0.0, len(numbers))


def _share_of_other_matter(messages: FingerprintIndex, numbers: Sequence[int]) -> float:
    """Share of false hits between each message and the next, with the same polite words added to both."""
    pairs = [(one, (one + 1) % len(messages.texts)) for one in numbers]
    framed = [
        tuple(
            comparable_text(f"{OPENINGS[3]}{messages.texts[number]}{ENDINGS[0]}{ENDINGS[1]}")
            for number in pair
        )
        for pair in pairs
        if not messages.repeat(*pair)
    ]
    return sum(is_near_duplicate(*pair) for pair in framed) / len(framed) if framed else 0.0


def _share_of_other_place(messages: FingerprintIndex, numbers: Sequence[int], sounds: Sounds) -> float:
    rng = _seeded_random()
    moved = [(number, elsewhere(messages.texts[number], rng, sounds)) for number in numbers]
    moved = [(number, text) for number, text in moved if text != messages.texts[number]]
    return sum(number in messages.alike(text) for number, text in moved) / len(moved) if moved else 0.0
