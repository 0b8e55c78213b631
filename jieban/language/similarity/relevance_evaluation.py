"""Evaluation of relevance: how well it separates own replies from those to other messages, over real pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from jieban.language.similarity import relevance
from jieban.language.similarity.relevance import PieceCounts

Pair = tuple[str, str, str]  # subject, message, reply


@dataclass(frozen=True, slots=True)
class RelevanceScores:
    """Scores. `auc`: how often an own reply ranks above a foreign one, 0 to 1, ties half; over `pairs` of each."""

    auc: float
    pairs: int


def measure(pairs: Sequence[Pair]) -> RelevanceScores:
    """Scores each message with its own reply and with a foreign one. The weights of words are learned from all pairs.

    Nothing else is fitted to them. Raises ValueError when there are no two different replies.
    """
    texts = [
        tuple(map(relevance.count_pieces, (subject, f"{subject}\n{pieces}", reply)))
        for subject, pieces, reply in pairs
    ]
    others = _foreign_replies([reply for *_rest, reply in texts])
    weights = (
        relevance.learned_weights([(message, reply) for _subject, message, reply in texts])
        if len(texts) >= relevance.ENOUGH_PAIRS
        else relevance.shipped_weights()
    )
    vectors = [tuple(relevance.vector_of(text, weights) for text in each) for each in texts]
    own = [relevance.log_odds(*each) for each in vectors]
    foreign = [
        relevance.log_odds(subject, message, vectors[other][2])
        for (subject, message, _reply), other in zip(vectors, others, strict=True)
    ]
    return RelevanceScores(area_under_curve(own, foreign), len(texts))


def _foreign_replies(replies: Sequence[PieceCounts]) -> list[int]:
    """Index of the foreign reply for each message: half a table away, the next with another text."""
    return [next(_following_positions(replies, position)) for position in range(len(replies))]


def _following_positions(replies: Sequence[PieceCounts], position: int) -> Iterator[int]:
    size = len(replies)
    for step in range(size):
        other = (position + size // 2 + step) % size
        if replies[other].pieces != replies[position].pieces:
            yield other
    raise ValueError("there are no two different replies")


def area_under_curve(own: Sequence[float], foreign: Sequence[float]) -> float:
    """Area under the ROC curve: the share of all (own, foreign) pairs in which own is higher; ties count half."""
    marked = sorted([(score, True) for score in own] + [(score, False) for score in foreign])
    below = higher = 0.0
    for _score, tied in groupby(marked, key=itemgetter(0)):
        marks = [is_own for _value, is_own in tied]
        same = marks.count(False)
        higher += marks.count(True) * (below + same / 2)
        below += same
    return higher / (len(own) * len(foreign))
