"""Training of the linear classifier, from a few labelled messages and many unlabelled ones.

scikit-learn is loaded only when training begins: loading takes seconds. What was tried and did
not help is in docs/decisions/0009-classification.md.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from jieban.base.errors import Invalid
from jieban.base.translation import gettext as _
from jieban.language.classify.classifier import Classifier, softmax
from jieban.language.classify.classifier_evaluation import LabelledMessage
from jieban.language.text.features import (
    FeatureCounts,
    FeatureSpace,
    Floats,
    MessageContent,
    count_features,
    fit_space,
)
from jieban.language.text.lexicon import Lexicon
from jieban.language.text.sparse import SparseMatrix, sparse_matrix

FEWEST_CLASSES = 2
FOLDS = 5  # of the calibration; fewer where the smallest class has fewer messages
SHARPNESSES = np.geomspace(0.5, 20, 40)
PLAIN_SHARPNESS = 3.0  # where there are too few messages to calibrate
REQUIRED_PRECISION = 0.95  # share of the sure answers that should be right
LEAST_THRESHOLD = 0.5
SEED = 20190101
COST = 1.0

Matrix = NDArray[np.floating]


def train(
    labelled: Sequence[LabelledMessage], unlabelled: Sequence[MessageContent], lexicon: Lexicon
) -> Classifier:
    """Trains a classifier for the labels that occur. Unlabelled messages add words and document frequencies.

    Raises Invalid when there are fewer than two classes.
    """
    classes = sorted({row.label for row in labelled})
    if len(classes) < FEWEST_CLASSES:
        raise Invalid(_("训练至少需要两个类别的留言，请检查分类一列。"))
    counts = [count_features(row.message, lexicon) for row in labelled]
    space = fit_space([*counts, *(count_features(message, lexicon) for message in unlabelled)], lexicon)
    rows = feature_matrix(space, counts)
    truth = np.array([classes.index(row.label) for row in labelled])
    weights, bias = fit_weights(rows, truth, len(classes))
    sharpness, sure_from = _calibrate(rows, truth, len(classes))
    return Classifier(space, tuple(classes), weights, bias, sharpness, sure_from)


def feature_matrix(space: FeatureSpace, counts: Iterable[FeatureCounts]) -> SparseMatrix:
    """Feature matrix: m messages x n features."""
    rows = [space.of_counts(row) for row in counts]
    ends = np.cumsum([0, *(len(numbers) for numbers, _ in rows)])
    numbers = np.concatenate([numbers for numbers, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return sparse_matrix((values, numbers, ends), (len(rows), space.size))


def fit_weights(rows: SparseMatrix, truth: NDArray[np.int_], classes: int) -> tuple[Floats, Floats]:
    """Weights of n features x k classes, one against the rest, each class counting the same."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=COST, class_weight="balanced", random_state=SEED).fit(rows, truth)
    weights, bias = machine.coef_, machine.intercept_
    if classes == FEWEST_CLASSES:  # scikit-learn gives one row for two classes
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return np.ascontiguousarray(weights.T, np.float32), bias.astype(np.float32)


def _calibrate(rows: SparseMatrix, truth: NDArray[np.int_], classes: int) -> tuple[float, float]:
    """Calibration: sharpness of the softmax, and the threshold from which an answer is sure.

    Fitted on each message while it was held out of the training.
    """
    from sklearn.model_selection import StratifiedKFold

    folds = min(FOLDS, int(np.bincount(truth).min()))
    if folds < 2:
        return PLAIN_SHARPNESS, 1.0
    points = np.zeros((len(truth), classes), np.float32)
    for known, held_out in StratifiedKFold(folds, shuffle=True, random_state=SEED).split(truth, truth):
        weights, bias = fit_weights(rows[known], truth[known], classes)
        points[held_out] = rows[held_out] @ weights + bias
    losses = [log_loss(softmax(points * sharpness), truth) for sharpness in SHARPNESSES]
    sharpness = float(SHARPNESSES[int(np.argmin(losses))])
    return sharpness, threshold(softmax(points * sharpness), truth)


def log_loss(confidences: Matrix, truth: NDArray[np.int_]) -> float:
    """Log loss: the mean of -ln(share of the right class)."""
    return float(-np.log(confidences[np.arange(len(truth)), truth] + 1e-9).mean())


def threshold(confidences: Matrix, truth: NDArray[np.int_]) -> float:
    """Threshold: the lowest confidence above which REQUIRED_PRECISION of the answers are right."""
    order = np.argsort(-confidences.max(axis=1), kind="stable")
    right = (confidences.argmax(axis=1) == truth)[order]
    good = np.flatnonzero(np.cumsum(right) / np.arange(1, len(right) + 1) >= REQUIRED_PRECISION)
    if not len(good):
        return 1.0
    return max(LEAST_THRESHOLD, float(confidences.max(axis=1)[order][good[-1]]))
