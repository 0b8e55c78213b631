"""Relevance of a reply to a message: weighted cosine similarity, turned into log-odds.

A reply of only courtesies ("received, thank you") gets about even odds; the more content a reply has that is not in
the message, the surer it is that it belongs to another one.
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
LONGEST = 20_000  # characters of a text that are read
ENOUGH_PAIRS = 50  # from so many (message, reply) pairs on the weights are learned from them
STOCK_WEIGHT = 0.1  # of a pair of characters in a stock phrase, where weights are not learned

# Weights of the log-odds: similarity to the whole message and to its subject, amount of content, places that differ.
# Fitted on halves of 400 real pairs and measured on the other halves: docs/decisions/0011-replies.md.
MESSAGE_COEFFICIENT, SUBJECT_COEFFICIENT, LENGTH_COEFFICIENT, OTHER_PLACE_COEFFICIENT, INTERCEPT = (
    30.0,
    13.0,
    -1.15,
    -4.0,
    1.2,
)
EXPONENT = 0.7  # of the similarities, most of which are below a tenth

_USER_CODE = re.compile(r"uu\d{3,}")
# Places made anonymous in published messages, such as A3区 and J市: another letter is another city.
_CODED_PLACE = re.compile(r"(?<![a-z0-9])([a-z])\d{0,3} ?[市区县]")


@dataclass(frozen=True)
class PieceWeights:
    """Weight of each piece of text, from 0 (in every text) to 1; `other` is for those not listed."""

    listed: Mapping[str, float]
    other: float = 1.0

    def of(self, piece: str) -> float:
        return self.listed.get(piece, self.other)


@dataclass(frozen=True)
class PieceCounts:
    """Bag of pieces of a text with their counts, and the anonymized places that it names."""

    pieces: Mapping[str, int]
    places: frozenset[str]


@dataclass(frozen=True)
class PieceVector:
    """Weighted vector of a text, of length 1; `weight_sum` is the sum of weights, each piece once."""

    weights: Mapping[str, float]
    weight_sum: float
    places: frozenset[str]


def count_pieces(raw: str) -> PieceCounts:
    """Counts the pieces: pairs of neighbouring Chinese characters, Latin words, figures. Any text is allowed."""
    plain = unicodedata.normalize("NFKC", clean(raw[:LONGEST].replace("_x000D_", "\n"))).lower()
    plain = to_simplified(plain)
    plain = _USER_CODE.sub(" ", plain)
    found = Counter(piece for run in TOKEN_RUN.findall(plain) for piece in _run_pieces(run))
    return PieceCounts(found, frozenset(_CODED_PLACE.findall(plain)))


def _run_pieces(run: str) -> Iterable[str]:
    return [run] if run.isascii() else [first + second for first, second in pairwise(run)]


@lru_cache(maxsize=1)
def shipped_weights() -> PieceWeights:
    """Fixed weights, for a single reply: stock phrases (`data/lexicon/stock.csv`) and small figures weigh little."""
    with STOCK_PHRASES_FILE.open(encoding="utf-8", newline="") as lines:
        words = [row["word"] for row in csv.DictReader(lines)]
    stock = {piece for word in words for piece in count_pieces(word).pieces}
    return PieceWeights(dict.fromkeys(stock | set(map(str, range(100))), STOCK_WEIGHT))


def learned_weights(pairs: Sequence[tuple[PieceCounts, PieceCounts]]) -> PieceWeights:
    """Weights learned from messages and replies: inverse document frequency on the side where a piece is more common.

    Divided by its largest value, so that it does not grow with the number of pairs.
    """
    in_messages = Counter(piece for message, _reply in pairs for piece in message.pieces)
    answered = Counter(piece for _message, reply in pairs for piece in reply.pieces)
    whole = math.log(2 * (len(pairs) + 1))
    listed = {
        piece: max(0.0, math.log((len(pairs) + 1) / (max(in_messages[piece], answered[piece]) + 0.5)) / whole)
        for piece in in_messages | answered
    }
    return PieceWeights(listed)


def vector_of(text: PieceCounts, weights: PieceWeights) -> PieceVector:
    weighed = {piece: (1 + math.log(count)) * weights.of(piece) for piece, count in text.pieces.items()}
    length = math.sqrt(sum(value * value for value in weighed.values())) or 1.0
    weight_sum = sum(map(weights.of, text.pieces))
    return PieceVector({piece: value / length for piece, value in weighed.items()}, weight_sum, text.places)


def cosine(one: PieceVector, other: PieceVector) -> float:
    """Cosine similarity of two texts, 0 to 1."""
    few, many = sorted((one.weights, other.weights), key=len)
    return sum(value * many.get(piece, 0.0) for piece, value in few.items())


def damped_likeness(one: PieceVector, other: PieceVector) -> float:
    """Cosine similarity to the power of EXPONENT."""
    return math.pow(max(0.0, cosine(one, other)), EXPONENT)


def log_odds(subject: PieceVector, message: PieceVector, reply: PieceVector) -> float:
    """Log-odds that the reply belongs to the message; `message` includes the subject."""
    elsewhere = bool(message.places and reply.places and not message.places & reply.places)
    return (
        INTERCEPT
        + MESSAGE_COEFFICIENT * damped_likeness(message, reply)
        + SUBJECT_COEFFICIENT * damped_likeness(subject, reply)
        + LENGTH_COEFFICIENT * math.log1p(reply.weight_sum)
        + OTHER_PLACE_COEFFICIENT * elsewhere
    )


def relevance(subject: str, message: str, reply: str, weights: PieceWeights | None = None) -> float:
    """Relevance: log-odds that this reply answers this message rather than another; 0 is even."""
    weights = weights or shipped_weights()
    parts = (count_pieces(subject), count_pieces(f"{subject}\n{message}"), count_pieces(reply))
    return log_odds(*(vector_of(part, weights) for part in parts))
