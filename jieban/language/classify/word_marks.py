"""Keyword classifiers: nature, urgency, sensitivity, difficulty and property, from word lists without training.

Urgency is tuned for recall, so that danger to life is not missed: words with a gap, with spaces in them, and
homophones are found too. A false alarm costs a person one key.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jieban.base.text.cleaning import clean
from jieban.base.text.pinyin import syllables
from jieban.language.text.features import fold_text
from jieban.language.text.lexicon import GAP, TermFinder, word_list

GRAVEST = ("life", "urgent")
WEAK, CONTESTED = "weak", "contested"  # ways of a reading that are less reliable
LONGEST_GAP = 10  # characters between the parts of a word such as 电梯…困
SHORTEST_HOMOPHONE = 3  # characters; shorter words sound like too many others
# Negations right before a word: 没有冒烟. Not in a question: 有没有触电的危险.
NEGATIONS = ("没有", "并没有", "没", "并未", "未", "并非", "不是", "不会", "不想", "不要", "别")
# Danger to life is negated only by words that say that it isn't there.
ABSENCE_NEGATIONS = ("没有", "并没有", "并未", "并非")
QUESTION_PHRASES = ("有没有", "是不是", "会不会", "要不要", "还没有", "有没", "想不想")
_SPACE = re.compile(r"[^\S\n]")
_CHINESE = re.compile(r"[一-鿿]+")


@dataclass(frozen=True, slots=True)
class KeywordSpan:
    """Span of a keyword: where it is in the text that `jieban.base.text.cleaning.clean` returns, how it is written
    there, and the word of the list that it matches.
    """

    start: int
    end: int
    written: str
    word: str


@dataclass(frozen=True, slots=True)
class KeywordReading:
    """Result of a keyword classifier: the value, and the spans of the text that mark it, in their order.

    `others`: other values that the text marks too. `weak`: only courtesies and the like mark it.
    """

    value: str
    spans: tuple[KeywordSpan, ...]
    others: tuple[str, ...] = ()
    weak: bool = False

    @property
    def way(self) -> str:
        """How reliable the reading is: WEAK, CONTESTED where other words mark another value, else empty."""
        return WEAK if self.weak else CONTESTED if self.others else ""

    @property
    def words(self) -> tuple[str, ...]:
        """The spans as written, each once, the shortest of nested ones only, for a page to highlight."""
        written = tuple(dict.fromkeys(span.written for span in self.spans))
        return tuple(one for one in written if not any(one != other and other in one for other in written))


@dataclass(frozen=True, slots=True)
class _SpacelessText:
    """A text without the spaces inside its lines, with the original position of each character."""

    whole: str
    plain: str
    places: tuple[int, ...]

    def span(self, start: int, end: int, word: str) -> KeywordSpan:
        first, last = self.places[start], self.places[end - 1] + 1
        return KeywordSpan(first, last, self.whole[first:last], word)


def nature(text: str) -> KeywordReading | None:
    """The nature whose keyword comes first; courtesies such as 感谢 count only where there is no other."""
    words = word_list("nature")
    found = [(span, words[span.word]) for span in _keyword_spans(text, "nature", NEGATIONS)]
    strong = [(span, word) for span, word in found if not word.weak]
    chosen = strong or found
    if not chosen:
        return None
    value, *others = dict.fromkeys(word.value for _, word in sorted(chosen, key=lambda pair: pair[0].start))
    spans = tuple(span for span, word in chosen if word.value == value)
    return KeywordReading(value, spans, tuple(others), weak=not strong)


def urgency(text: str) -> KeywordReading | None:
    """The gravest urgency that the text marks; None where it marks none."""
    words = word_list("urgency")
    found = [(span, words[span.word].value) for span in _keyword_spans(text, "urgency", ABSENCE_NEGATIONS)]
    found += [(span, words[span.word].value) for span in _homophone_spans(text)]
    found = [(span, as_said) for span, said in found if (as_said := _value_in_longer_word(text, span, said))]
    for value in GRAVEST:
        spans = sorted({span for span, said in found if said == value}, key=lambda span: span.start)
        if spans:
            return KeywordReading(value, tuple(spans))
    return None


def _value_in_longer_word(text: str, span: KeywordSpan, found: str) -> str:
    """The value of a keyword inside a longer word: 救命钱 is no cry for help, 火灾隐患 is urgent."""
    if found != GRAVEST[0]:
        return found
    words = word_list("not_danger")
    for around in _keyword_spans(text, "not_danger", ()):
        # Of a word with a gap the last part may belong to another word: 电梯…关系.
        first = span.end - 1 if GAP in span.word else span.start
        if around.start <= first and span.end <= around.end:
            value = words[around.word].value
            return "" if value == "none" else value
    return found


def sensitive(text: str) -> KeywordReading | None:
    """Whether access should be restricted: minors, violence at home, whistle-blowers, crowds."""
    return _flag_reading(text, "sensitive")


def about_property(text: str) -> KeywordReading | None:
    """Whether it is about the service of a property company."""
    return _flag_reading(text, "property")


def grade(text: str, of_category: str = "general") -> KeywordReading:
    """Difficulty: that of the category, raised or lowered by words of the text."""
    words = word_list("grade")
    spans = list(_keyword_spans(text, "grade", NEGATIONS))
    for value in ("complex", "simple"):
        marking = tuple(span for span in spans if words[span.word].value == value)
        if marking and not (value == "simple" and of_category == "complex"):
            return KeywordReading(value, marking)
    return KeywordReading(of_category, ())


def _flag_reading(text: str, name: str) -> KeywordReading | None:
    spans = tuple(_keyword_spans(text, name, NEGATIONS))
    return KeywordReading("on", spans) if spans else None


def _keyword_spans(text: str, name: str, taken_back_by: tuple[str, ...]) -> Iterator[KeywordSpan]:
    """Spans of the list's words that are not negated right before, in their order."""
    read = _remove_spaces(text)
    finder, apart = _compiled_list(name)
    places = [(hit.start, hit.end, hit.term) for hit in finder.hits(read.plain)]
    for first, pattern, word in apart:
        if first in read.plain:
            places += ((match.start(), match.end(), word) for match in pattern.finditer(read.plain))
    for start, end, word in sorted(places):
        if not _is_negated(read.plain[:start][-4:], taken_back_by):
            yield read.span(start, end, word)


def _is_negated(before: str, by: tuple[str, ...]) -> bool:
    return before.endswith(by) and not before.endswith(QUESTION_PHRASES)


def _homophone_spans(text: str) -> Iterator[KeywordSpan]:
    """Spans of homophones of danger words, written with other characters: 煤汽味."""
    read, sounds = _remove_spaces(text), _danger_words_by_sound()
    for run in _CHINESE.finditer(read.plain):
        syllables = [_syllable_key(character) for character in run[0]]
        for place in range(len(syllables)):
            for word, sounding in sounds.get(tuple(syllables[place : place + SHORTEST_HOMOPHONE]), ()):
                start, end = run.start() + place, run.start() + place + len(word)
                alike = tuple(syllables[place : place + len(word)]) == sounding
                if alike and _differs_in_one_sign(read.plain[start:end], word):
                    yield read.span(start, end, word)


def _differs_in_one_sign(written: str, word: str) -> bool:
    """Whether exactly one character differs: a slip. With more it is another word."""
    return sum(a != b for a, b in zip(written, word, strict=True)) == 1


@lru_cache(maxsize=8)
def _remove_spaces(text: str) -> _SpacelessText:
    whole = clean(text)
    read = fold_text(whole)
    if not _SPACE.search(read):
        return _SpacelessText(whole, read, tuple(range(len(read))))
    places = tuple(place for place, character in enumerate(read) if not _SPACE.match(character))
    return _SpacelessText(whole, "".join(read[place] for place in places), places)


@lru_cache
def _compiled_list(name: str) -> tuple[TermFinder, tuple[tuple[str, re.Pattern[str], str], ...]]:
    """A list compiled for search: its whole words, and those with a gap as (first part, pattern, word)."""
    whole = [word for word in word_list(name) if GAP not in word]
    between = f"[^。！？!?；;\n]{{0,{LONGEST_GAP}}}?"
    apart = [word for word in word_list(name) if GAP in word]
    patterns = (re.compile(between.join(map(re.escape, word.split(GAP)))) for word in apart)
    return TermFinder(whole), tuple(
        (word.split(GAP)[0], pattern, word) for word, pattern in zip(apart, patterns, strict=True)
    )


@lru_cache(maxsize=1)
def _danger_words_by_sound() -> Mapping[tuple[str, ...], list[tuple[str, tuple[str, ...]]]]:
    """Index of the danger words by their first syllables."""
    found: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = {}
    for word, meaning in word_list("urgency").items():
        if meaning.value == GRAVEST[0] and len(word) >= SHORTEST_HOMOPHONE and _CHINESE.fullmatch(word):
            syllables = tuple(map(_syllable_key, word))
            found.setdefault(syllables[:SHORTEST_HOMOPHONE], []).append((word, syllables))
    return found


@lru_cache(maxsize=30_000)
def _syllable_key(character: str) -> str:
    """Key of a character's syllable, without tone; -n and -ng are one, as many people say and type them."""
    (syllable,) = syllables(character)
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable
