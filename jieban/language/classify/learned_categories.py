"""Training of the combined classifier from confirmed messages: folds, calibration, weight of the tree.

Only this module and `training.py` need scikit-learn.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from jieban.base.errors import Invalid
from jieban.base.translation import gettext as _
from jieban.language.classify import training
from jieban.language.classify.category_tree import CategoryTree
from jieban.language.classify.classifier import Classifier, ClassifierResult, softmax
from jieban.language.classify.classifier_evaluation import LabelledMessage, score_labels
from jieban.language.classify.combined_classifier import (
    RARE_CLASS,
    CombinedClassifier,
    Shares,
    combine_scores,
    share_vector,
)
from jieban.language.text.features import FEWEST_DOCUMENTS, FeatureCounts, count_features, fit_space
from jieban.language.text.lexicon import PATH_SEPARATOR

FEWEST = 3  # messages that a category needs to be learned; rarer ones are left to the tree
FEWEST_CLASSES = 2
MANY, RAREST_OF_MANY = 5_000, 5  # from so many messages on a word must occur in at least five of them
FOLDS = 5
MOST_HELD_OUT = 3_000  # held-out messages are enough to fit three numbers
LEANS = (0.6, 0.8, 1.0, 1.3)  # never small: repeated messages would teach that the tree is not needed
SHARPNESSES = (0.4, 0.6, 0.8, 1.0, 1.3, 1.7)
UNKNOWN = -3.0  # points of a class without a message outside the fold


def learn(labelled: Sequence[LabelledMessage], tree: CategoryTree) -> CombinedClassifier:
    """Trains on these messages, the oldest first. Raises Invalid where no two categories have FEWEST messages."""
    often = {label for label, count in Counter(row.label for row in labelled).items() if count >= FEWEST}
    if len(often) < FEWEST_CLASSES:
        raise Invalid(_("训练至少需要两个各有数条留言的类别。"))
    labels = [row.label if row.label in often else RARE_CLASS for row in labelled]
    classes = tuple(sorted(set(labels)))
    truth = np.array([classes.index(label) for label in labels])
    rarest = FEWEST_DOCUMENTS if len(labelled) < MANY else RAREST_OF_MANY
    space = fit_space(_counts(labelled, tree), tree.lexicon, rarest)
    rows = training.feature_matrix(space, _counts(labelled, tree))
    weights, bias = training.fit_weights(rows, truth, len(classes))
    held_out, points = _cross_validated_scores(rows, truth, len(classes))
    known = Classifier(space, classes, weights, bias, _sharpness(points, truth[held_out]), 1.0)
    return _tune(known, points, [labelled[number] for number in held_out], tree)


def _counts(labelled: Sequence[LabelledMessage], tree: CategoryTree) -> Iterator[FeatureCounts]:
    """Word counts, computed again each time: those of all messages at once would take the most memory."""
    return (count_features(row.message, tree.lexicon) for row in labelled)


def _cross_validated_scores(
    rows: csr_matrix, truth: NDArray[np.int_], classes: int
) -> tuple[list[int], Shares]:
    """Cross-validation, from the newest fold back: indexes of the messages, and their points while held out.

    A fold is one stretch of time; otherwise messages of the same days, often alike, would be on both sides.
    """
    held_out: list[int] = []
    points: list[Shares] = []
    for fold in reversed(np.array_split(np.arange(len(truth)), FOLDS)):
        known = np.setdiff1d(np.arange(len(truth)), fold)
        there = np.unique(truth[known])
        if len(held_out) >= MOST_HELD_OUT or len(there) < FEWEST_CLASSES:
            break
        weights, bias = training.fit_weights(rows[known], np.searchsorted(there, truth[known]), len(there))
        found = np.full((len(fold), classes), UNKNOWN)
        found[:, there] = rows[fold] @ weights + bias
        held_out += fold.tolist()
        points.append(found)
    return held_out, np.concatenate(points) if points else np.zeros((0, classes))


def _sharpness(points: Shares, truth: NDArray[np.int_]) -> float:
    """Calibration of the learned model: the factor of its points in the softmax."""
    if not len(truth):
        return training.PLAIN_SHARPNESS
    return float(min(training.SHARPNESSES, key=lambda one: training.log_loss(softmax(points * one), truth)))


def _tune(
    known: Classifier, points: Shares, held_out: Sequence[LabelledMessage], tree: CategoryTree
) -> CombinedClassifier:
    """Fits three numbers on held-out messages: weight of the tree, sharpness of both, threshold of a sure answer.

    Only messages whose category is in the tree count.
    """
    numbers = {PATH_SEPARATOR.join(leaf): number for number, leaf in enumerate(tree.leaves)}
    usable = [place for place, row in enumerate(held_out) if row.label in numbers]
    if not usable:
        return CombinedClassifier(known, LEANS[0], 1.0, 1.0)
    truth = np.array([numbers[held_out[place].label] for place in usable])
    tree_shares = np.concatenate(
        [share_vector(tree.shares(held_out[place].message), tree.leaves) for place in usable]
    )
    confidences = softmax(points[usable] * known.sharpness)

    def surprise(pair: tuple[float, float]) -> float:
        lean, sharpness = pair
        return training.log_loss(softmax(by_lean[lean] * sharpness), truth)

    by_lean = {
        lean: combine_scores(known.classes, tree.leaves, confidences, tree_shares, lean) for lean in LEANS
    }
    lean, sharpness = min(product(LEANS, SHARPNESSES), key=surprise)
    return CombinedClassifier(
        known, lean, sharpness, training.threshold(softmax(by_lean[lean] * sharpness), truth)
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """Mark of a model. `f1`: mean over the categories that occur, each counting the same."""

    f1: float
    right: float  # share of the messages


def mark(answers: Sequence[ClassifierResult], labels: Sequence[str]) -> Mark:
    """The mark of these answers: the first guess of each against the person's category."""
    found = [answer.guesses[0].label if answer.guesses else "" for answer in answers]
    measured = score_labels(labels, found, 0.0)
    f1 = [row["f1"] for row in measured.per_class.values() if row["messages"]]
    return Mark(sum(f1) / len(f1), measured.accuracy)
