"""Calibration of the keyword readings: how often people keep what the words of a text mark.

Readings are counted by field, value and way (`word_marks.KeywordReading.way`). Until enough of a kind are counted,
its prior is the confidence. Measured in docs/decisions/0018-confidence-of-marks.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import NamedTuple

from jieban.base.translation import gettext as _
from jieban.language.classify.word_marks import CONTESTED, GRAVEST, WEAK
from jieban.language.text import model_file

KIND = "calibration"
SURE = 0.7  # confidence from which on a reading needs no choice by a person
FEWEST = 20  # cases of a kind of reading; with fewer the prior is the confidence
STRENGTH = 10  # the prior weighs as much as this many cases
NEVER_DOUBTED = ("urgency", GRAVEST[0])


class ReadingKind(NamedTuple):
    """A kind of reading: what was read of a field, and how."""

    field: str
    value: str
    way: str = ""


class ReadingCount(NamedTuple):
    """Count of cases with one kind of reading: their value now (`actual`), and whether it is the one read."""

    read: ReadingKind
    actual: str
    right: bool
    cases: int


# Prior share of readings that are kept. For natures measured on the demonstration's messages, in the order of
# _WAYS: read plainly, next to words that mark another nature, by courtesies alone. The rest is set by hand.
_NATURE_PRIORS = {
    "consult": (0.95, 0.65, 0.6), "help": (0.5, 0.2, 0.35), "complaint": (0.85, 0.75, 0.4), "report": (0.75, 0.5, 0.3),
    "suggestion": (0.95, 0.8, 0.2), "praise": (0.95, 0.8, 0.25),
}  # fmt: skip
_WAYS = ("", CONTESTED, WEAK)
_FIELD_PRIORS = {"nature": 0.5, "urgency": 0.7, "sensitive": 0.7, "grade": 0.7, "is_property": 0.8}
FIELDS = tuple(_FIELD_PRIORS)


def prior(read: ReadingKind) -> float:
    """Prior: the share of such readings expected to be kept, before any is counted."""
    if read.field == "nature" and read.value in _NATURE_PRIORS:
        return _NATURE_PRIORS[read.value][_WAYS.index(read.way)]
    return _FIELD_PRIORS[read.field]


def is_sure(field: str, value: str, share: float) -> bool:
    """Whether the reading may be used without asking a person. Danger to life always may: recall before precision."""
    return (field, value) == NEVER_DOUBTED or share >= SURE


@dataclass(frozen=True, slots=True)
class Confidence:
    """Confidence in a reading: the share of such readings that is kept; `is_prior` where that is only expected.

    `instead`: the other values of such cases with their shares, the most frequent first.
    """

    share: float
    is_prior: bool
    instead: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Calibration:
    """A calibration: the counts, and the version that names them."""

    counted: tuple[ReadingCount, ...]
    version: str

    def confidence(self, read: ReadingKind) -> Confidence:
        """The share kept, as the mean of a Beta distribution: `(kept + STRENGTH prior) / (cases + STRENGTH)`.

        The prior counts as STRENGTH cases; below FEWEST cases it answers alone. 18 kept of 20 with a prior of 0.75:
        (18 + 7.5) / 30 = 0.85.
        """
        counts = self._kinds.get(read, [])
        cases = sum(one.cases for one in counts)
        if cases < FEWEST:
            return Confidence(prior(read), True)
        right = sum(one.cases for one in counts if one.right)
        share = (right + STRENGTH * prior(read)) / (cases + STRENGTH)
        return Confidence(share, False, _alternatives(counts, 1 - share))

    @property
    def kind_count(self) -> int:
        """How many kinds of reading have enough cases, so that their prior is no longer used."""
        return sum(not self.confidence(read).is_prior for read in self._kinds)

    @cached_property
    def _kinds(self) -> Mapping[ReadingKind, list[ReadingCount]]:
        found: dict[ReadingKind, list[ReadingCount]] = {}
        for one in self.counted:
            found.setdefault(one.read, []).append(one)
        return found


PRIOR = Calibration((), "prior")


def _alternatives(counts: Iterable[ReadingCount], rest: float) -> tuple[tuple[str, float], ...]:
    """The remaining probability, divided among the values of the cases in which the reading was not kept."""
    wrong: Counter[str] = Counter()
    for one in counts:
        if not one.right and one.cases:
            wrong[one.actual] += one.cases
    ordered = sorted(wrong.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((value, rest * cases / wrong.total()) for value, cases in ordered)


def brier(calibration: Calibration, counted: Iterable[ReadingCount]) -> float:
    """Brier score: the mean squared distance between the confidence and the outcome (1 kept, 0 not); less is better.

    Of the confidences 0.8 (kept) and 0.6 (not kept): (0.04 + 0.36) / 2 = 0.2. Raises ValueError without any case.
    Source: Brier 1950.
    """
    whole, cases = 0.0, 0
    for one in counted:
        whole += one.cases * (calibration.confidence(one.read).share - one.right) ** 2
        cases += one.cases
    if not cases:
        raise ValueError("no case to measure by")
    return whole / cases


def serialize(counted: Iterable[ReadingCount], notes: Mapping[str, object]) -> tuple[str, bytes]:
    """Version and bytes of the counts; `notes` go into the header, for people who look into the file."""
    counts = sorted([*one.read, one.actual, one.right, one.cases] for one in counted)
    return model_file.serialize(KIND, {**notes, "counts": counts}, {})


def deserialize(content: bytes, name: str) -> Calibration:
    """The calibration in these bytes; `name` is how sentences call it. Raises BadModel."""
    file = model_file.deserialize(BytesIO(content), KIND, name)
    try:
        return Calibration(tuple(_parse_count(*row) for row in file.header["counts"]), file.version)
    except (KeyError, TypeError, ValueError) as error:
        raise model_file.BadModel(
            _("模型文件 %(name)s 的内容不完整，请重新训练或换一个文件。") % {"name": name}
        ) from error


def _parse_count(field: str, value: str, way: str, actual: str, right: bool, cases: int) -> ReadingCount:
    """One row of the file as a count. Raises ValueError for a row that no run can have written."""
    if field not in FIELDS or way not in _WAYS or type(cases) is not int or cases < 0:
        raise ValueError(f"{field} {way} {cases}")
    return ReadingCount(ReadingKind(field, str(value), way), str(actual), bool(right), cases)
