"""Combined classifier: the learned model and the category tree with its lexicon, multiplied.

A category counts most where both give it a high share; the weight of the tree is learned on held-out messages. A
category too rare to be learned is found by the tree alone. Measured in docs/decisions/0015-learning-nightly.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from jieban.base.translation import gettext as _
from jieban.language.classify import classifier
from jieban.language.classify.category_tree import CategoryTree
from jieban.language.classify.classifier import (
    MOST_GUESSES,
    SHOWN_WORDS,
    Classifier,
    ClassifierResult,
    Guess,
    softmax,
)
from jieban.language.text import model_file
from jieban.language.text.features import Floats, Ints, MessageContent
from jieban.language.text.lexicon import PATH_SEPARATOR, CategoryPath

KIND = "combined"
RARE_CLASS = ""  # the class of all messages whose category is too rare to be learned
TREE_SHARE = 0.02  # part of the tree's share that also reaches categories which the model has never seen
# Lower bounds of the shares, so that no part alone rules a category out.
SMALLEST_SHARE, SMALLEST_TREE_SHARE = 1e-4, 1e-3

Shares = NDArray[np.float64]  # m messages x n categories


@dataclass(frozen=True)
class CombinedClassifier:
    """Classifier that combines a learned model with a category tree.

    `learned`: its classes are categories by full path, and RARE_CLASS. `lean`: weight of the tree. The confidence is
    softmax(sharpness x points). `threshold`: below it, unsure.
    """

    learned: Classifier
    lean: float
    sharpness: float
    threshold: float
    version: str = ""

    def answer(self, message: MessageContent, tree: CategoryTree) -> ClassifierResult:
        """The best three of the tree's categories; none where neither part knows a word of the message."""
        features = self.learned.space.features(message)
        tree_shares = tree.shares(message)
        if not tree.leaves or not (len(features[0]) or tree_shares):
            return ClassifierResult((), False, ())
        confidences = self.learned.confidences(features)[None]
        points = combine_scores(
            self.learned.classes, tree.leaves, confidences, share_vector(tree_shares, tree.leaves), self.lean
        )
        found = softmax(points[0] * self.sharpness)
        order = np.argsort(-found, kind="stable")[:MOST_GUESSES].tolist()
        guesses = tuple(
            Guess(PATH_SEPARATOR.join(tree.leaves[place]), float(found[place])) for place in order
        )
        learned = self._because(features, guesses[0].label)
        because = tuple(dict.fromkeys((*learned, *tree.because(message, tree.leaves[order[0]]))))[
            :SHOWN_WORDS
        ]
        return ClassifierResult(guesses, guesses[0].confidence >= self.threshold, because)

    def _because(self, features: tuple[Ints, Floats], label: str) -> tuple[str, ...]:
        """Words that led the learned model there; empty for a category that it has not learned."""
        classes = self.learned.classes
        return self.learned.because(features, classes.index(label)) if label in classes else ()


def share_vector(shares: Mapping[CategoryPath, float], leaves: Sequence[CategoryPath]) -> Shares:
    return np.array([[shares.get(leaf, 0.0) for leaf in leaves]])


def combine_scores(
    classes: Sequence[str],
    leaves: Sequence[CategoryPath],
    confidences: Shares,
    tree_shares: Shares,
    lean: float,
) -> Shares:
    """Points of each category, from the confidences of the learned classes and the shares of the tree."""
    learned = _spread_over_tree(classes, leaves, confidences, tree_shares)
    points: Shares = np.log(learned + TREE_SHARE * tree_shares + SMALLEST_SHARE) + lean * np.log(
        tree_shares + SMALLEST_TREE_SHARE
    )
    return points


def _spread_over_tree(
    classes: Sequence[str], leaves: Sequence[CategoryPath], confidences: Shares, tree_shares: Shares
) -> Shares:
    """Learned confidences over the tree's categories; RARE_CLASS is divided among those not learned, by tree share.

    A class that the tree no longer has is left out.
    """
    numbers = {PATH_SEPARATOR.join(leaf): number for number, leaf in enumerate(leaves)}
    learned = [(place, numbers[label]) for place, label in enumerate(classes) if label in numbers]
    found: Shares = np.zeros_like(tree_shares)
    found[:, [number for _, number in learned]] = confidences[:, [place for place, _ in learned]]
    if RARE_CLASS in classes:
        of_rare = tree_shares.copy()
        of_rare[:, [number for _, number in learned]] = 0.0
        whole = of_rare.sum(axis=1, keepdims=True)
        rest = confidences[:, [classes.index(RARE_CLASS)]]
        found += rest * np.divide(of_rare, whole, out=np.zeros_like(of_rare), where=whole > 0)
    return found


def serialize(model: CombinedClassifier, notes: Mapping[str, object]) -> tuple[str, bytes]:
    """Version and bytes of the model; `notes` go into the header, for people who look into the file."""
    header, arrays = classifier.to_parts(model.learned, notes)
    of_both = {"lean": model.lean, "sure": model.threshold, "joined_sharpness": model.sharpness}
    return model_file.serialize(KIND, header | of_both, arrays)


def deserialize(content: bytes, name: str) -> CombinedClassifier:
    """The model in these bytes; `name` is how sentences call it. Raises BadModel."""
    file = model_file.deserialize(BytesIO(content), KIND, name)
    learned = replace(classifier.from_file(file, name), version="")
    try:
        figures = [float(file.header[key]) for key in ("lean", "joined_sharpness", "sure")]
    except (KeyError, ValueError, TypeError) as error:
        raise model_file.BadModel(
            _("模型文件 %(name)s 的内容不完整，请重新训练或换一个文件。") % {"name": name}
        ) from error
    if not np.isfinite(figures).all():
        raise model_file.BadModel(
            _("模型文件 %(name)s 的内容不完整，请重新训练或换一个文件。") % {"name": name}
        )
    lean, sharpness, threshold = figures
    return CombinedClassifier(learned, lean, sharpness, threshold, file.version)
