"""The category of a text by what the district has learned, else by the cold start; the one door to both."""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from jieban.cases.checks import district_gazetteer, model_store
from jieban.cases.models import TrainedModel
from jieban.language.classify.category_tree import tree
from jieban.language.classify.classifier import Answer
from jieban.language.classify.combined_classifier import Combined, opened
from jieban.language.text.features import Message
from jieban.language.text.lexicon import Path3, categories
from jieban.language.text.model_file import BadModel
from jieban.registry.models import Category, holds_on

log = logging.getLogger("jieban.classifiers")

CATEGORY = TrainedModel.Kind.CATEGORY
BETWEEN_NAMES = " / "  # in the path of a category
WARMING = Message("", "小区停水了，暖气不热")  # any words: what is prepared at the first use is prepared then

_lock = threading.Lock()
_kept: dict[int, Combined | None] = {}  # the last model of this process; None for one that cannot be used


@dataclass(frozen=True, slots=True)
class Answered:
    """What a text was said to be about, and which model or cold start said so."""

    answer: Answer
    version: str


def answer(message: Message, of: tuple[Path3, ...]) -> Answered:
    """The best three of these categories, by what is in use now."""
    return answered(message, of, live_model())


def answered(message: Message, of: tuple[Path3, ...], model: Combined | None) -> Answered:
    """The answer of this model, or of the cold start, among these categories."""
    if model is not None:
        # A model has its own copy of the lexicon: a changed list changes no model that is in use.
        return Answered(model.answer(message, tree(of, model.learned.space.lexicon)), model.version)
    cold = tree(of, categories())
    return Answered(cold.answer(message), cold.version)


def offered(on: date) -> dict[str, int]:
    """The categories of the third level that may be chosen on day `on`: their keys by their paths. One query."""
    return dict(Category.objects.filter(holds_on(on), level=3).values_list("path", "pk"))


def leaves(paths: Iterable[str]) -> tuple[Path3, ...]:
    """Categories by their paths, each by the names from the first level."""
    return tuple(sorted(tuple(path.split(BETWEEN_NAMES)) for path in paths))


def live_model() -> Combined | None:
    """The model in use; None for the cold start, also where the model cannot be read."""
    model_id = model_store.live(CATEGORY).model_id
    if model_id is None:
        return None
    with _lock:
        if model_id not in _kept:
            _kept.clear()
            _kept[model_id] = _read(model_id)
        return _kept[model_id]


def _read(model_id: int) -> Combined | None:
    try:
        return opened(model_store.content(model_id), f"{model_id}")
    except BadModel as error:
        log.error("分类改用词表冷启动：%s", error)
        return None


def warm(on: date) -> str:
    """Reads what answers on day `on` are made of, so that the first operator of the day does not wait.

    Returns the version of what answers.
    """
    district_gazetteer.gazetteer(on)
    return answer(WARMING, leaves(offered(on))).version
