"""Evaluation of a classifier: precision, recall and F1 against the categories that people chose."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jieban.language.classify.classifier import Classifier
from jieban.language.text.features import MessageContent


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """A message and the category that a person gave it."""

    message: MessageContent
    label: str


@dataclass(frozen=True)
class ClassifierScores:
    """Scores of a classifier. `macro_f1`: mean of the classes' F1, each counting the same.

    `per_class`: precision, recall, F1 and number of messages of each class that occurs in either column.
    """

    macro_f1: float
    accuracy: float
    per_class: dict[str, dict[str, float]]
    texts_per_second: float


def measure(model: Classifier, labelled: Sequence[LabelledMessage]) -> ClassifierScores:
    """Classifies the messages one by one, as at the desk, and scores the result against people's categories."""
    model.best(labelled[0].message)  # loads what is loaded lazily, which would count as speed
    begun = time.perf_counter()
    found = [model.best(row.message) for row in labelled]
    seconds = time.perf_counter() - begun
    return score_labels([row.label for row in labelled], found, len(found) / seconds)


def score_labels(truth: Sequence[str], found: Sequence[str], texts_per_second: float) -> ClassifierScores:
    """Precision, recall and F1 of each class, and their mean. A class without a hit has F1 0."""
    right = Counter(chosen for chosen, got in zip(truth, found, strict=True) if chosen == got)
    chosen, got = Counter(truth), Counter(found)
    per_class = {}
    for label in sorted(chosen | got):
        precision = right[label] / got[label] if got[label] else 0.0
        recall = right[label] / chosen[label] if chosen[label] else 0.0
        f1 = 2 * right[label] / (chosen[label] + got[label])
        per_class[label] = {"precision": precision, "recall": recall, "f1": f1, "messages": chosen[label]}
    mean = sum(row["f1"] for row in per_class.values()) / len(per_class)
    return ClassifierScores(mean, sum(right.values()) / len(truth), per_class, texts_per_second)
