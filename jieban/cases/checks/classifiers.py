"""Classification of a text into categories, by the model in use or the cold start."""

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
BETWEEN_NAMES = " / "  # separator in the path of a category
# Any text: it makes everything that is lazy at first use load.
WARMUP_MESSAGE = MessageContent("", "小区停水了，暖气不热")

_lock = threading.Lock()
# The last model of this process; None for one that cannot be loaded.
_model_cache: dict[int, CombinedClassifier | None] = {}


@dataclass(frozen=True, slots=True)
class VersionedAnswer:
    """Result of a classification, with the version of the model or cold start."""

    answer: ClassifierResult
    version: str


def classify(message: MessageContent, of: tuple[CategoryPath, ...]) -> VersionedAnswer:
    """The best three of these categories, by the model in use."""
    return classify_with(message, of, live_model())


def classify_with(
    message: MessageContent, of: tuple[CategoryPath, ...], model: CombinedClassifier | None
) -> VersionedAnswer:
    """The best three of these categories, by this model, or by the cold start (None)."""
    if model is not None:
        # A model has its own copy of the lexicon, so that a changed word list does not change it.
        return VersionedAnswer(
            model.answer(message, cached_tree(of, model.learned.space.lexicon)), model.version
        )
    cold = cached_tree(of, categories())
    return VersionedAnswer(cold.answer(message), cold.version)


def selectable_categories(on: date) -> dict[str, int]:
    """Ids of the categories of the third level valid on day `on`, by their paths. One query."""
    return dict(Category.objects.filter(holds_on(on), level=3).values_list("path", "pk"))


def leaves(paths: Iterable[str]) -> tuple[CategoryPath, ...]:
    """Splits category paths into the names of each level."""
    return tuple(sorted(tuple(path.split(BETWEEN_NAMES)) for path in paths))


def live_model() -> CombinedClassifier | None:
    """The model in use, cached; None for the cold start, also when the model cannot be loaded."""
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
    """Warm-up: loads what is needed to classify on day `on`, so that the first operator of the day does not wait.

    Returns the version in use.
    """
    district_gazetteer.gazetteer(on)
    return classify(WARMUP_MESSAGE, leaves(selectable_categories(on))).version
