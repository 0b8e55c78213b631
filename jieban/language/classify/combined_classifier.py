"""A category of three levels by both: what confirmed messages taught, and the tree with its lexicon.

What both hold likely counts most: the shares are multiplied, those of the tree with a weight that was learned on
messages left out. A category too rare to be learned is found by the tree alone. Measured in
docs/decisions/0015-learning-nightly.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from jieban.language.classify import classifier
from jieban.language.classify.category_tree import Tree
from jieban.language.classify.classifier import (
    BEST,
    SHOWN_WORDS,
    Answer,
    Classifier,
    Guess,
    softmax,
)
from jieban.language.text import model_file
from jieban.language.text.features import Floats, Ints, Message
from jieban.language.text.lexicon import BETWEEN, Path3

KIND = "combined"
REST = ""  # the class of all messages whose category is too rare to be learned
OF_TREE = 0.02  # of its share, what the tree gives a category that the learned part has never seen
LEAST, LEAST_OF_TREE = 1e-4, 1e-3  # shares that nothing falls below, so that one part alone rules nothing out

Shares = NDArray[np.float64]  # m messages x n categories


@dataclass(frozen=True)
class Combined:
    """What was learned, and how it is joined with a tree.

    `learned`: its classes are categories by full path, and REST. `lean`: weight of the tree. `sharpness`: points
    times it, through softmax, are the confidence. `threshold`: below it, unsure.
    """

    learned: Classifier
    lean: float
    sharpness: float
    threshold: float
    version: str = ""

    def answer(self, message: Message, tree: Tree) -> Answer:
        """The best three of the tree's categories; none where neither part knows a word of the message."""
        features = self.learned.space.features(message)
        said = tree.shares(message)
        if not tree.leaves or not (len(features[0]) or said):
            return Answer((), False, ())
        confidences = self.learned.confidences(features)[None]
        points = joined(self.learned.classes, tree.leaves, confidences, as_row(said, tree.leaves), self.lean)
        found = softmax(points[0] * self.sharpness)
        order = np.argsort(-found, kind="stable")[:BEST].tolist()
        guesses = tuple(Guess(BETWEEN.join(tree.leaves[place]), float(found[place])) for place in order)
        learned = self._because(features, guesses[0].label)
        because = tuple(dict.fromkeys((*learned, *tree.because(message, tree.leaves[order[0]]))))[
            :SHOWN_WORDS
        ]
        return Answer(guesses, guesses[0].confidence >= self.threshold, because)

    def _because(self, features: tuple[Ints, Floats], label: str) -> tuple[str, ...]:
        """What led the learned part there; nothing for a category that it has not learned."""
        classes = self.learned.classes
        return self.learned.because(features, classes.index(label)) if label in classes else ()


def as_row(said: Mapping[Path3, float], leaves: Sequence[Path3]) -> Shares:
    return np.array([[said.get(leaf, 0.0) for leaf in leaves]])


def joined(
    classes: Sequence[str], leaves: Sequence[Path3], confidences: Shares, said: Shares, lean: float
) -> Shares:
    """Points of each category, from the confidences of the learned classes and the shares of the tree."""
    learned = _spread(classes, leaves, confidences, said)
    points: Shares = np.log(learned + OF_TREE * said + LEAST) + lean * np.log(said + LEAST_OF_TREE)
    return points


def _spread(classes: Sequence[str], leaves: Sequence[Path3], confidences: Shares, said: Shares) -> Shares:
    """The learned confidences over the tree's categories: REST goes to those not learned, as the tree shares it out.

    A class that the tree does not have any more is left out.
    """
    numbers = {BETWEEN.join(leaf): number for number, leaf in enumerate(leaves)}
    learned = [(place, numbers[label]) for place, label in enumerate(classes) if label in numbers]
    found: Shares = np.zeros_like(said)
    found[:, [number for _, number in learned]] = confidences[:, [place for place, _ in learned]]
    if REST in classes:
        of_rare = said.copy()
        of_rare[:, [number for _, number in learned]] = 0.0
        whole = of_rare.sum(axis=1, keepdims=True)
        rest = confidences[:, [classes.index(REST)]]
        found += rest * np.divide(of_rare, whole, out=np.zeros_like(of_rare), where=whole > 0)
    return found


def written(model: Combined, told: Mapping[str, object]) -> tuple[str, bytes]:
    """The model's version and its bytes; `told` is for people who look into the header."""
    header, arrays = classifier.parts(model.learned, told)
    of_both = {"lean": model.lean, "sure": model.threshold, "joined_sharpness": model.sharpness}
    return model_file.written(KIND, header | of_both, arrays)


def opened(content: bytes, name: str) -> Combined:
    """The model in these bytes; `name` is how sentences call it. Raises BadModel."""
    file = model_file.opened(BytesIO(content), KIND, name)
    learned = replace(classifier.of_file(file, name), version="")
    try:
        figures = [float(file.header[key]) for key in ("lean", "joined_sharpness", "sure")]
    except (KeyError, ValueError, TypeError) as error:
        raise model_file.BadModel(f"模型文件 {name} 的内容不完整，请重新训练或换一个文件。") from error
    if not np.isfinite(figures).all():
        raise model_file.BadModel(f"模型文件 {name} 的内容不完整，请重新训练或换一个文件。")
    lean, sharpness, threshold = figures
    return Combined(learned, lean, sharpness, threshold, file.version)
