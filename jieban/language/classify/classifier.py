"""A trained linear classifier: loaded from a file and used at the desk, without scikit-learn."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jieban.base.translation import gettext as _
from jieban.language.text import model_file
from jieban.language.text.features import BLOCKS, FeatureSpace, Floats, Ints, MessageContent
from jieban.language.text.lexicon import PATH_SEPARATOR, Lexicon

KIND = "classifier"
SHOWN_WORDS = 5  # words shown as the reason of an answer
MOST_GUESSES = 3  # categories proposed when it is unsure


@dataclass(frozen=True, slots=True)
class Guess:
    """A category with its confidence: of the answers with this confidence, that share is right."""

    label: str
    confidence: float

    @property
    def path(self) -> tuple[str, ...]:
        """Its name and those of the levels above, from the first level down."""
        return tuple(self.label.split(PATH_SEPARATOR))


@dataclass(frozen=True, slots=True)
class ClassifierResult:
    """Result of a classifier: the best three categories, the best first; `sure` when the first is enough.

    `because`: the words that speak most for the first, the strongest first.
    """

    guesses: tuple[Guess, ...]
    sure: bool
    because: tuple[str, ...]


@dataclass(frozen=True)
class Classifier:
    """Linear classifier: weights of n features x k classes, and the calibration of its points.

    The confidence is softmax(sharpness x points). `threshold`: below it, unsure.
    """

    space: FeatureSpace
    classes: tuple[str, ...]
    weights: Floats
    bias: Floats
    sharpness: float
    threshold: float
    version: str = ""

    def points(self, features: tuple[Ints, Floats]) -> Floats:
        """Points: one number per class, the highest for the best."""
        numbers, values = features
        found: Floats = values @ self.weights[numbers] + self.bias
        return found

    def confidences(self, features: tuple[Ints, Floats]) -> NDArray[np.float64]:
        return softmax(self.points(features) * self.sharpness)

    def best(self, message: MessageContent) -> str:
        """The label of the best class, for measuring many texts."""
        return self.classes[int(self.points(self.space.features(message)).argmax())]

    def answer(self, message: MessageContent) -> ClassifierResult:
        """Classifies the message. Without any known word: unsure, the most frequent classes, and no words as reason."""
        features = self.space.features(message)
        confidences = self.confidences(features)
        order = np.argsort(-confidences, kind="stable")[:MOST_GUESSES]
        guesses = tuple(Guess(self.classes[place], float(confidences[place])) for place in order)
        sure = len(features[0]) > 0 and guesses[0].confidence >= self.threshold
        return ClassifierResult(guesses, sure, self.because(features, int(order[0])))

    def because(self, features: tuple[Ints, Floats], best: int) -> tuple[str, ...]:
        """The words that speak most for the class of this number, the strongest first."""
        numbers, values = features
        weights = self.weights[numbers]
        share = values * (weights[:, best] - weights.mean(axis=1))
        names = self.space.names
        points: dict[str, float] = {}
        # A word is a feature of two blocks at most, and categories are features that are no words.
        for place in np.argsort(-share, kind="stable")[: 4 * SHOWN_WORDS].tolist():
            word = names.get(int(numbers[place]))
            if word is not None and share[place] > 0:
                points[word] = points.get(word, 0.0) + float(share[place])
        return tuple(sorted(points, key=lambda word: -points[word])[:SHOWN_WORDS])


def softmax(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Softmax: shares that add up to 1, along the last axis."""
    raised = np.exp(points.astype(np.float64) - points.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def save(model: Classifier, path: Path, notes: Mapping[str, object]) -> str:
    """Writes the model and returns its version; `notes` go into the header, for people who look into the file."""
    return model_file.write(path, KIND, *to_parts(model, notes))


def to_parts(
    model: Classifier, notes: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, model_file.Array]]:
    """Header and arrays of a file that holds the model."""
    space = model.space
    header = {
        **notes, "classes": list(model.classes), "sharpness": model.sharpness, "threshold": model.threshold,
        "blocks": BLOCKS, "features": space.size,
    }  # fmt: skip
    arrays = {
        "weights": model.weights, "bias": model.bias, "rarity": space.rarity,
        **{f"{block}_words": model_file.words_to_array(list(space.numbers[block])) for block in BLOCKS},
        "lexicon": model_file.words_to_array(_lexicon_lines(space.lexicon)),
    }  # fmt: skip
    return header, arrays


def load(path: Path) -> Classifier:
    """Loads a model. Raises BadModel with a sentence that says what to do."""
    return from_file(model_file.read(path, KIND), str(path))


def from_file(file: model_file.ModelFile, path: str) -> Classifier:
    """The model in the parts of a file; `path` names it in messages. Raises BadModel."""
    try:
        return _classifier(file)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise model_file.BadModel(
            _("模型文件 %(path)s 的内容不完整，请重新训练或换一个文件。") % {"path": path}
        ) from error


def _classifier(file: model_file.ModelFile) -> Classifier:
    arrays, header = file.arrays, file.header
    numbers: dict[str, dict[str, int]] = {}
    size = 0
    for block in BLOCKS:
        words = model_file.array_to_words(arrays[f"{block}_words"])
        numbers[block] = {word: size + place for place, word in enumerate(words)}
        size += len(words)
    classes = tuple(header["classes"])
    weights, bias, rarity = (arrays[name].astype(np.float32) for name in ("weights", "bias", "rarity"))
    shapes = (weights.shape, bias.shape, rarity.shape)
    finite = all(np.isfinite(array).all() for array in (weights, bias, rarity))
    if shapes != ((size, len(classes)), (len(classes),), (size,)) or header["blocks"] != BLOCKS or not finite:
        raise ValueError
    space = FeatureSpace(_lexicon(model_file.array_to_words(arrays["lexicon"])), numbers, rarity, size)
    sharpness, threshold = float(header["sharpness"]), float(header["threshold"])
    if not (math.isfinite(sharpness) and math.isfinite(threshold)):
        raise ValueError
    return Classifier(space, classes, weights, bias, sharpness, threshold, file.version)


def _lexicon_lines(lexicon: Lexicon) -> list[str]:
    return [f"{PATH_SEPARATOR.join(path)}\t{';'.join(terms)}" for path, terms in lexicon.entries.items()]


def _lexicon(lines: Sequence[str]) -> Lexicon:
    pairs = (line.split("\t") for line in lines)
    return Lexicon({tuple(path.split(PATH_SEPARATOR)): tuple(terms.split(";")) for path, terms in pairs})
