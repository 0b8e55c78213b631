"""How well relevance tells a message's own reply from another message's, over a table of real pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from jieban.language.similarity import relevance
from jieban.language.similarity.relevance import PieceCounts

Pair = tuple[str, str, str]  # subject, message, reply


@dataclass(frozen=True, slots=True)
class RelevanceScores:
    """`auc`: how often an own reply outranks a foreign one, 0 to 1, a tie counting half; over `pairs` of each."""

    auc: float
    pairs: int


def measure(pairs: Sequence[Pair]) -> RelevanceScores:
    """Scores each message with its own reply and with one other's. Which words are common is told by all pairs.

    Nothing is fitted to them beyond that. Raises ValueError when there are no two different replies.
    """
    texts = [
        tuple(map(relevance.count_pieces, (subject, f"{subject}\n{said}", reply)))
        for subject, said, reply in pairs
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
    """For each message whose reply it is compared with: half a table away, the next that says something else."""
    return [next(_following_positions(replies, position)) for position in range(len(replies))]


def _following_positions(replies: Sequence[PieceCounts], position: int) -> Iterator[int]:
    size = len(replies)
    for step in range(size):
        other = (position + size // 2 + step) % size
        if replies[other].pieces != replies[position].pieces:
            yield other
    raise ValueError("there are no two different replies")


def area_under_curve(own: Sequence[float], foreign: Sequence[float]) -> float:
    """The area under the ROC curve: the share of all (own, foreign) in which own is higher; a tie counts half."""
    marked = sorted([(score, True) for score in own] + [(score, False) for score in foreign])
    below = higher = 0.0
    for _score, tied in groupby(marked, key=itemgetter(0)):
        marks = [is_own for _value, is_own in tied]
        same = marks.count(False)
        higher += marks.count(True) * (below + same / 2)
        below += same
    return higher / (len(own) * len(foreign))
