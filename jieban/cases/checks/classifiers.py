"""The category of a text by what the district has learned, else by the cold start; the one door to both."""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from jieban.cases.checks import district_gazetteer, model_store
from jieban.cases.models import TrainedModel
from jieban.language.classify.category_tree import cached_tree
from jieban.language.classify.classifier import ClassifierResult
from jieban.language.classify.combined_classifier import CombinedClassifier, deserialize
from jieban.language.text.features import MessageContent
from jieban.language.text.lexicon import CategoryPath, categories
from jieban.language.text.model_file import BadModel
from jieban.registry.models import Category, holds_on

log = logging.getLogger("jieban.classifiers")

CATEGORY = TrainedModel.Kind.CATEGORY
BETWEEN_NAMES = " / "  # in the path of a category
WARMUP_MESSAGE = MessageContent(
    "", "小区停水了，暖气不热"
)  # any words: what is prepared at the first use is prepared then

_lock = threading.Lock()
_model_cache: dict[
    int, CombinedClassifier | None
] = {}  # the last model of this process; None for one that cannot be used


@dataclass(frozen=True, slots=True)
class VersionedAnswer:
    """What a text was said to be about, and which model or cold start said so."""

    answer: ClassifierResult
    version: str


def classify(message: MessageContent, of: tuple[CategoryPath, ...]) -> VersionedAnswer:
    """The best three of these categories, by what is in use now."""
    return classify_with(message, of, live_model())


def classify_with(
    message: MessageContent, of: tuple[CategoryPath, ...], model: CombinedClassifier | None
) -> VersionedAnswer:
    """The answer of this model, or of the cold start, among these categories."""
    if model is not None:
        # A model has its own copy of the lexicon: a changed list changes no model that is in use.
        return VersionedAnswer(
            model.answer(message, cached_tree(of, model.learned.space.lexicon)), model.version
        )
    cold = cached_tree(of, categories())
    return VersionedAnswer(cold.answer(message), cold.version)


def selectable_categories(on: date) -> dict[str, int]:
    """The categories of the third level that may be chosen on day `on`: their keys by their paths. One query."""
    return dict(Category.objects.filter(holds_on(on), level=3).values_list("path", "pk"))


def leaves(paths: Iterable[str]) -> tuple[CategoryPath, ...]:
    """Categories by their paths, each by the names from the first level."""
    return tuple(sorted(tuple(path.split(BETWEEN_NAMES)) for path in paths))


def live_model() -> CombinedClassifier | None:
    """The model in use; None for the cold start, also where the model cannot be read."""
    model_id = model_store.model_in_use(CATEGORY).model_id
    if model_id is None:
        return None
    with _lock:
        if model_id not in _model_cache:
            _model_cache.clear()
            _model_cache[model_id] = _load_model(model_id)
        return _model_cache[model_id]


def _load_model(model_id: int) -> CombinedClassifier | None:
    try:
        return deserialize(model_store.model_content(model_id), f"{model_id}")
    except BadModel as error:
        log.error("分类改用词表冷启动：%s", error)
        return None


def warm(on: date) -> str:
    """Reads what answers on day `on` are made of, so that the first operator of the day does not wait.

    Returns the version of what answers.
    """
    district_gazetteer.gazetteer(on)
    return classify(WARMUP_MESSAGE, leaves(selectable_categories(on))).version
