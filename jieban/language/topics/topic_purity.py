"""Purity check of clusters: splits a group that is not one matter at one place.

Groups are merged by overall similarity, which equal names or equal words alone can cause: many cases of one community
share only their names, and the same complaint comes from a hundred estates in the same words. Such a group is
clustered again, more strictly, until each part is pure.
"""

from collections.abc import Collection, Sequence

import numpy as np

from jieban.language.text.sparse import SparseMatrix
from jieban.language.topics.topic_grouping import (
    LEAST_ALIKE,
    LabelledMembers,
    cluster,
    similar_pairs,
)
from jieban.language.topics.topic_vectors import MessageVectors

LEAST_MATTER = 0.10  # mean cosine of matter within a group; measured, see docs/decisions/0010
LEAST_NAMES = 0.25  # mean cosine of names among those whose subject names something
# Messages of one registered place all share its name; there the limit is higher.
LEAST_MATTER_PLACED = 0.25
LEAST_SAME_PLACE = 0.30
STRICTER = 1.3  # factor of the limit each time a group is split
STRICTEST = 0.9
MOST_COMPARED = 500  # members of a group over which means are computed


def split_impure(
    groups: Sequence[LabelledMembers], found: MessageVectors, known: Collection[int] = ()
) -> list[LabelledMembers]:
    """Splits the groups that are not one matter at one place. Members that are `known` stay in their group; others
    leave it when they are not similar enough to those.
    """
    pure: list[LabelledMembers] = []
    for label, members in groups:
        if not label:
            pure += [("", part) for part in _split(members, found, LEAST_ALIKE * STRICTER)]
            continue
        old = [member for member in members if member in known] or members
        stays = [
            member for member in members if member in known or is_coherent([*old, member], found, of=member)
        ]
        pure.append((label, stays))
        pure += [("", [member]) for member in members if member not in stays]
    return pure


def is_coherent(members: Sequence[int], found: MessageVectors, of: int | None = None) -> bool:
    """Whether the members are one matter at one place, by the mean over all pairs, or over those with `of`."""
    if len(members) < 2:
        return True
    placed = found.placed[np.array(members)].nnz * 2 > len(members)
    matter = 0.3 * _mean(found.matter[0], members, of) + 0.7 * _mean(found.matter[1], members, of)
    if matter < (LEAST_MATTER_PLACED if placed else LEAST_MATTER):
        return False
    if placed and _mean(found.placed, members, of) < LEAST_SAME_PLACE:
        return False
    named = [member for member in members if found.named[member]]
    if 2 * len(named) < len(members) or len(named) < 2 or (of is not None and of not in named):
        return True
    return _mean(found.names, named, of) >= LEAST_NAMES


def _split(members: list[int], found: MessageVectors, least: float) -> list[list[int]]:
    if least > STRICTEST:
        return [[member] for member in members]
    if is_coherent(members, found):
        return [members]
    within = found.of(members)
    parts = [
        [members[at] for at in part] for _, part in cluster(similar_pairs(within), len(members), least=least)
    ]
    return [smaller for part in parts for smaller in _split(part, found, least * STRICTER)]


def _mean(matrix: SparseMatrix, members: Sequence[int], of: int | None) -> float:
    """Mean cosine over all pairs of different members, or of all the others with `of`."""
    if of is not None:
        others = matrix[np.array([member for member in members if member != of][:MOST_COMPARED])]
        return float(np.asarray((others @ matrix[of].T).toarray()).mean())
    rows = matrix[np.array(members[:MOST_COMPARED])]
    count = rows.shape[0]
    total = np.asarray(rows.sum(axis=0)).ravel()
    own = float(rows.multiply(rows).sum())
    return float(total @ total - own) / float(count * (count - 1))
