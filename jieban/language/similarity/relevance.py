"""Whether a reply belongs to a message: what the two share, weighed by how rare it is.

A reply of nothing but courtesies ("received, thank you") says neither yes nor no and gets about even odds; the
more a reply says of its own without touching the message, the surer it is that it belongs to another.
"""

import csv
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from jieban.base.text.cleaning import clean
from jieban.base.text.search_tokens import TOKEN_RUN
from jieban.base.text.simplified import to_simplified

STOCK_PHRASES_FILE = Path(__file__).resolve().parents[3] / "data" / "lexicon" / "stock.csv"
LONGEST = 20_000  # characters of a text that are looked at
ENOUGH_PAIRS = 50  # from here on a set of pairs tells by itself which words are common in it
STOCK_WEIGHT = 0.1  # of a pair of characters in a stock phrase, where no set of texts is at hand

# Log-odds by: likeness to the whole message and to its subject, how much the reply says, places that differ.
# Fitted on halves of 400 real pairs and measured on the other halves: docs/decisions/0011-replies.md.
MESSAGE_COEFFICIENT, SUBJECT_COEFFICIENT, LENGTH_COEFFICIENT, OTHER_PLACE_COEFFICIENT, INTERCEPT = (
    30.0,
    13.0,
    -1.15,
    -4.0,
    1.2,
)
EXPONENT = 0.7  # the power that evens out likenesses: few are above a tenth

_USER_CODE = re.compile(r"uu\d{3,}")
# Places made anonymous in published messages, such as A3区 and J市: another letter is another city.
_CODED_PLACE = re.compile(r"(?<![a-z0-9])([a-z])\d{0,3} ?[市区县]")


@dataclass(frozen=True)
class PieceWeights:
    """What a piece of text tells, from 0 (stands everywhere) to 1; `other` is for those not listed."""

    listed: Mapping[str, float]
    other: float = 1.0

    def of(self, piece: str) -> float:
        return self.listed.get(piece, self.other)


@dataclass(frozen=True)
class PieceCounts:
    """A text as its pieces, each with how often it stands there, and the coded places it names."""

    pieces: Mapping[str, int]
    places: frozenset[str]


@dataclass(frozen=True)
class PieceVector:
    """The pieces of a text with their weights, at a length of 1; `said` is the sum of weights, each piece once."""

    weights: Mapping[str, float]
    said: float
    places: frozenset[str]


def count_pieces(raw: str) -> PieceCounts:
    """Pairs of neighbouring Chinese characters, words and figures in Latin script. Any text is allowed."""
    plain = unicodedata.normalize("NFKC", clean(raw[:LONGEST].replace("_x000D_", "\n"))).lower()
    plain = to_simplified(plain)
    plain = _USER_CODE.sub(" ", plain)
    found = Counter(piece for run in TOKEN_RUN.findall(plain) for piece in _run_pieces(run))
    return PieceCounts(found, frozenset(_CODED_PLACE.findall(plain)))


def _run_pieces(run: str) -> Iterable[str]:
    return [run] if run.isascii() else [first + second for first, second in pairwise(run)]


@lru_cache(maxsize=1)
def shipped_weights() -> PieceWeights:
    """For one pair alone: pieces of stock phrases (`data/lexicon/stock.csv`) and small figures tell little."""
    with STOCK_PHRASES_FILE.open(encoding="utf-8", newline="") as lines:
        words = [row["word"] for row in csv.DictReader(lines)]
    stock = {piece for word in words for piece in count_pieces(word).pieces}
    return PieceWeights(dict.fromkeys(stock | set(map(str, range(100))), STOCK_WEIGHT))


def learned_weights(pairs: Sequence[tuple[PieceCounts, PieceCounts]]) -> PieceWeights:
    """From messages with their replies: the rarer a piece is on the side where it is more common, the more it tells.

    Inverse document frequency over its largest value, so that it does not grow with the number of pairs.
    """
    asked = Counter(piece for message, _reply in pairs for piece in message.pieces)
    answered = Counter(piece for _message, reply in pairs for piece in reply.pieces)
    whole = math.log(2 * (len(pairs) + 1))
    listed = {
        piece: max(0.0, math.log((len(pairs) + 1) / (max(asked[piece], answered[piece]) + 0.5)) / whole)
        for piece in asked | answered
    }
    return PieceWeights(listed)


def vector_of(text: PieceCounts, weights: PieceWeights) -> PieceVector:
    weighed = {piece: (1 + math.log(count)) * weights.of(piece) for piece, count in text.pieces.items()}
    length = math.sqrt(sum(value * value for value in weighed.values())) or 1.0
    said = sum(map(weights.of, text.pieces))
    return PieceVector({piece: value / length for piece, value in weighed.items()}, said, text.places)


def cosine(one: PieceVector, other: PieceVector) -> float:
    """The cosine of two texts, 0 to 1."""
    few, many = sorted((one.weights, other.weights), key=len)
    return sum(value * many.get(piece, 0.0) for piece, value in few.items())


def damped_likeness(one: PieceVector, other: PieceVector) -> float:
    """The likeness, evened out."""
    return math.pow(max(0.0, cosine(one, other)), EXPONENT)


def log_odds(subject: PieceVector, message: PieceVector, reply: PieceVector) -> float:
    """The log-odds that the reply belongs to the message; `message` holds the subject too."""
    elsewhere = bool(message.places and reply.places and not message.places & reply.places)
    return (
        INTERCEPT
        + MESSAGE_COEFFICIENT * damped_likeness(message, reply)
        + SUBJECT_COEFFICIENT * damped_likeness(subject, reply)
        + LENGTH_COEFFICIENT * math.log1p(reply.said)
        + OTHER_PLACE_COEFFICIENT * elsewhere
    )


def relevance(subject: str, message: str, reply: str, weights: PieceWeights | None = None) -> float:
    """The log-odds that this reply answers this message rather than another; 0 is even."""
    weights = weights or shipped_weights()
    parts = (count_pieces(subject), count_pieces(f"{subject}\n{message}"), count_pieces(reply))
    return log_odds(*(vector_of(part, weights) for part in parts))
