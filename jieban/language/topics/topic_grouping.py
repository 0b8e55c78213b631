"""Agglomerative clustering (average linkage) of messages about the same matter at the same place."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from jieban.language.text.sparse import SparseMatrix, scale_rows, sparse_matrix
from jieban.language.topics.topic_vectors import MessageVectors

LEAST_ALIKE = 0.17  # average similarity from which two groups are merged; measured, see docs/decisions/0010
FLOOR = 0.05  # a lower similarity counts as 0
OTHER_DISTRICT = 0.7  # factor of the similarity when the two name different districts
OTHER_PLACE = 0.6  # the same for the registered places of their cases
OTHER_KIND = 0.2  # factor when their categories differ from the first level on
BLOCK_ROWS = 256  # rows compared with all others at a time
# Names, matter, whole: cosines of centres from which two groups are merged.
CENTRES_ALIKE = (0.35, 0.18, 0.25)
KINDS_ALIKE = 0.8  # cosine of the categories from which two groups may be merged
LikenessMatrix: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"
LabelledMembers = tuple[str, list[int]]


def similar_pairs(found: MessageVectors) -> Iterator[tuple[int, int, float]]:
    """Similar pairs of messages, each once, with their similarity (0 to 1).

    Where both subjects have a name: the geometric mean of the similarity of the names' sounds and of the matter
    without names, so that the same words about another estate are another matter, and another matter of the same
    estate too. Otherwise also the similarity as a whole. Different districts and places lower it, and so do
    categories, the more the higher the level at which they differ.
    """
    count = found.names.shape[0]
    others = [matrix.T.tocsc() for matrix in _feature_matrices(found)]
    for start in range(0, count, BLOCK_ROWS):
        rows = slice(start, min(start + BLOCK_ROWS, count))
        near = _likeness(found, others, rows)
        for row, column in zip(*np.nonzero(near > FLOOR), strict=True):
            if start + row < column:
                yield start + int(row), int(column), float(near[row, column])


def _likeness(found: MessageVectors, others: list[object], rows: slice) -> LikenessMatrix:
    names, short, long, head, text, district, place, levels = (
        np.asarray((matrix[rows] @ other).toarray())
        for matrix, other in zip(_feature_matrices(found), others, strict=True)
    )
    matter = 0.3 * short + 0.7 * long
    both = np.sqrt(np.maximum(names * matter, 0))
    whole = np.maximum(0.5 * head + 0.5 * text, 0.8 * matter)
    near = np.where(np.outer(found.named[rows], found.named), both, np.maximum(both, whole))
    near = near * _agreement(found.district, rows, district, OTHER_DISTRICT)
    near = near * _agreement(found.placed, rows, place, OTHER_PLACE)
    return near * _category_agreement(found.kind, rows, levels)


def _agreement(flags: SparseMatrix, rows: slice, shared: LikenessMatrix, other: float) -> LikenessMatrix:
    """Factor: `other` where both have a flag and share none, else 1."""
    tells = np.asarray(flags.sum(axis=1)).ravel() > 0
    differ = np.outer(tells[rows], tells) & (shared == 0)
    factor: LikenessMatrix = np.where(differ, np.float32(other), np.float32(1))
    return factor


def _category_agreement(kind: SparseMatrix, rows: slice, levels: LikenessMatrix) -> LikenessMatrix:
    """Factor from OTHER_KIND, where categories differ at the first level, to 1 where they are equal or unknown."""
    depth = np.asarray(kind.sum(axis=1)).ravel()
    least = np.minimum.outer(depth[rows], depth)
    share = np.divide(levels, least, out=np.ones_like(levels), where=least > 0)
    factor: LikenessMatrix = OTHER_KIND + (1 - OTHER_KIND) * share**3
    return factor


def _feature_matrices(found: MessageVectors) -> tuple[SparseMatrix, ...]:
    return (found.names, *found.matter, *found.whole, found.district, found.placed, found.kind)


@dataclass
class _Clusters:
    """Clusters under construction: members, and for each neighbouring cluster the sum of all similarities."""

    members: dict[int, list[int]]
    label: dict[int, str]
    barred: dict[int, set[str]]
    near: dict[int, dict[int, float]] = field(default_factory=dict)

    def average(self, one: int, other: int) -> float:
        return self.near[one][other] / (len(self.members[one]) * len(self.members[other]))

    def may_join(self, one: int, other: int) -> bool:
        first, second = self.label.get(one, ""), self.label.get(other, "")
        if first and second:
            return False
        return first not in self.barred.get(other, ()) and second not in self.barred.get(one, ())

    def join(self, one: int, other: int) -> None:
        """Merges the second into the first."""
        self.members[one] += self.members.pop(other)
        if label := self.label.pop(other, ""):
            self.label[one] = label
        if barred := self.barred.pop(other, None):
            self.barred.setdefault(one, set()).update(barred)
        for neighbour, total in self.near.pop(other).items():
            self.near[neighbour].pop(other)
            if neighbour != one:
                self.near[one][neighbour] = self.near[one].get(neighbour, 0.0) + total
                self.near[neighbour][one] = self.near[one][neighbour]


def cluster(
    pairs: Iterator[tuple[int, int, float]],
    count: int,
    *,
    known: Mapping[int, str] | None = None,
    barred: Mapping[int, set[str]] | None = None,
    least: float = LEAST_ALIKE,
) -> list[tuple[str, list[int]]]:
    """Clusters `count` messages: for each group the label of a known one or "", and its members; also groups of one.

    The two groups with the highest average similarity are merged, as long as it is high enough. Messages that
    `known` labels keep their label, groups of two labels are never merged, and a message that is `barred` from a
    label never joins it. Ties are decided by position, so the same input gives the same groups.
    """
    groups = _initial_clusters(count, known or {}, barred or {})
    home = {member: group for group, members in groups.members.items() for member in members}
    for one, other, likeness in pairs:
        first, second = home[one], home[other]
        if first != second:
            for here, there in ((first, second), (second, first)):
                groups.near[here][there] = groups.near[here].get(there, 0.0) + likeness
    _merge_clusters(groups, least)
    return [
        (groups.label.get(group, ""), sorted(members)) for group, members in sorted(groups.members.items())
    ]


def _initial_clusters(count: int, known: Mapping[int, str], barred: Mapping[int, set[str]]) -> _Clusters:
    first: dict[str, int] = {}
    members: dict[int, list[int]] = {}
    for at in range(count):
        group = first.setdefault(known[at], at) if at in known else at
        members.setdefault(group, []).append(at)
    free = {at: set(labels) for at, labels in barred.items() if at not in known}
    return _Clusters(
        members, {at: label for label, at in first.items()}, free, {group: {} for group in members}
    )


def _merge_clusters(groups: _Clusters, least: float) -> None:
    waiting = [
        (-groups.average(one, other), one, other)
        for one, others in groups.near.items()
        for other in others
        if one < other and groups.average(one, other) >= least
    ]
    heapq.heapify(waiting)
    while waiting:
        likeness, one, other = heapq.heappop(waiting)
        there = one in groups.members and other in groups.near.get(one, ())
        if not there or -groups.average(one, other) != likeness or not groups.may_join(one, other):
            continue
        groups.join(one, other)
        for neighbour in sorted(groups.near[one]):
            average = groups.average(one, neighbour)
            if average >= least:
                heapq.heappush(waiting, (-average, min(one, neighbour), max(one, neighbour)))


def merge_by_centres(
    groups: Sequence[LabelledMembers], found: MessageVectors, barred: Mapping[int, set[str]] | None = None
) -> list[LabelledMembers]:
    """Merges groups with similar centres: names, matter and whole.

    Two short messages about the same matter may share no word; the centre of a group has the words of all its
    members. Groups of two labels or of different districts stay apart, and so does a group with a message that is
    barred from the other's label.
    """
    if not groups:
        return []
    rows = [at for at, (_, members) in enumerate(groups) for _ in members]
    columns = [member for _, members in groups for member in members]
    sums = sparse_matrix((np.ones(len(rows), "f4"), (rows, columns)), (len(groups), len(rows)))
    names, matter, head, text, district, place, kind = (
        _unit(sums @ matrix)
        for matrix in (found.names, found.matter[1], *found.whole, found.district, found.placed, found.kind)
    )
    pairs = _similar_centres(names, matter, (head, text))
    parent = list(range(len(groups)))
    labels = [label for label, _ in groups]
    refuses = [
        set().union(*((barred or {}).get(member, set()) for member in members)) for _, members in groups
    ]
    for _, one, other in sorted(pairs):
        first, second = _root(parent, one), _root(parent, other)
        apart = any(_share_nothing(flags, one, other) for flags in (district, place))
        apart = apart or not _similar_category(kind, one, other)
        meet = (
            labels[first]
            and labels[second]
            or {labels[first], labels[second]} & (refuses[first] | refuses[second])
        )
        if first != second and not apart and not meet:
            first, second = min(first, second), max(first, second)
            parent[second] = first
            labels[first], refuses[first] = labels[first] or labels[second], refuses[first] | refuses[second]
    together: dict[int, list[int]] = {}
    for at, (_, members) in enumerate(groups):
        together.setdefault(_root(parent, at), []).extend(members)
    return [(labels[root], sorted(members)) for root, members in sorted(together.items())]


def _share_nothing(flags: SparseMatrix, one: int, other: int) -> bool:
    return bool(flags[one].nnz and flags[other].nnz and not (flags[one] @ flags[other].T).nnz)


def _similar_category(kind: SparseMatrix, one: int, other: int) -> bool:
    """Whether two groups have mostly the same category, or the category of one is unknown."""
    if not kind[one].nnz or not kind[other].nnz:
        return True
    return float((kind[one] @ kind[other].T).toarray()[0, 0]) >= KINDS_ALIKE


def _similar_centres(
    names: SparseMatrix, matter: SparseMatrix, whole: tuple[SparseMatrix, SparseMatrix]
) -> list[tuple[float, int, int]]:
    """Pairs of groups whose centres are similar in all three, the most similar first when sorted."""
    found: list[tuple[float, int, int]] = []
    for start in range(0, names.shape[0], BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        where = _dense(names, rows)
        what = _dense(matter, rows)
        both = 0.5 * (_dense(whole[0], rows) + _dense(whole[1], rows))
        alike_in_all = (where >= CENTRES_ALIKE[0]) & (what >= CENTRES_ALIKE[1]) & (both >= CENTRES_ALIKE[2])
        for row, column in zip(*np.nonzero(alike_in_all), strict=True):
            if start + row < column:
                found.append((-float(where[row, column] * what[row, column]), start + int(row), int(column)))
    return found


def _dense(matrix: SparseMatrix, rows: slice) -> np.ndarray:
    return np.asarray((matrix[rows] @ matrix.T).toarray())


def _unit(matrix: SparseMatrix) -> SparseMatrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return scale_rows(matrix, 1 / np.where(lengths > 0, lengths, 1))


def _root(parent: list[int], at: int) -> int:
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at
