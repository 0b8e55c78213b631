"""Nightly training of the category classifier on confirmed cases, activated only when it is better.

Trained on all but the newest confirmed cases, and measured on the newest (temporal hold-out), because a model is
used for future cases.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.enums import TextChoices

from jieban.base.clock import local_date
from jieban.cases.checks import classifiers, model_store
from jieban.cases.checks.model_store import LearnedModel
from jieban.cases.flow.action import Action
from jieban.cases.flow.states import State
from jieban.cases.models import Case, CaseEvent
from jieban.language.classify import combined_classifier, learned_categories
from jieban.language.classify.category_tree import cached_tree
from jieban.language.classify.classifier import ClassifierResult
from jieban.language.classify.classifier_evaluation import LabelledMessage
from jieban.language.classify.combined_classifier import CombinedClassifier
from jieban.language.text.features import MessageContent, truncate
from jieban.language.text.lexicon import PATH_SEPARATOR, CategoryPath, categories
from jieban.language.text.personal_data import mask_text
from jieban.registry.roles import Role

MOST_CASES = 20_000  # the newest; their texts are 10 MB
BATCH = 500
FEWEST_CASES = 250
FEWEST_UNSEEN = 50
UNSEEN_SHARE = 5  # one in so many, the newest, is held out
MARGIN = 0.01  # of macro-F1, by which a new model must be better
_LOCK = 7_110_111
# States in which somebody has looked at the case and kept its category; declined and withdrawn cases are left out.
CONFIRMED = (
    State.DISPATCHED, State.HANDLING, State.ON_ACCOUNT, State.REPORTED, State.CLOSED, State.ANSWERED,
)  # fmt: skip
CONFIRMING_ACTIONS = (Action.DISPATCH, Action.ANSWER_NOW, Action.RECLASSIFY)


class LearningOutcome(TextChoices):
    LIVE = "live"
    NOT_BETTER = "not_better"
    HELD = "held"
    SAME = "same"
    TOO_FEW = "too_few"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class LearningRun:
    """Result of a run: numbers of training and of held-out cases, and the marks."""

    what: LearningOutcome
    case_count: int = 0
    unseen_count: int = 0
    learned: LearnedModel | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _ConfirmedCase:
    """Confirmed case: time of receipt, and the labelled message."""

    at: datetime
    row: LabelledMessage


def learn(at: datetime) -> LearningRun:
    """The nightly run; idempotent. Nothing is written before all is measured, so that it may be killed anywhere."""
    with learning_lock() as first:
        return _train(at) if first else LearningRun(LearningOutcome.BUSY)


def _train(at: datetime) -> LearningRun:
    begun = time.perf_counter()
    leaves = classifiers.leaves(classifiers.selectable_categories(local_date(at)))
    live = model_store.model_in_use(classifiers.CATEGORY)
    known, unseen = _split_unseen(_confirmed_cases(at, leaves), live)
    if len(known) + len(unseen) < FEWEST_CASES or len(unseen) < FEWEST_UNSEEN:
        return LearningRun(LearningOutcome.TOO_FEW, len(known), len(unseen))
    new = learned_categories.learn([case.row for case in known], cached_tree(leaves, categories()))
    version, content = combined_classifier.serialize(new, {"cases": len(known)})
    if model_store.is_known(classifiers.CATEGORY, version):
        return LearningRun(LearningOutcome.SAME, len(known), len(unseen))
    marks = _marks(new, leaves, [case.row for case in unseen])
    classes = len(new.learned.classes)
    learned = LearnedModel(version, content, known[-1].at, len(known), classes, len(unseen), *marks)
    better = learned.mark >= learned.compared_mark + MARGIN
    what = activate_if_better(classifiers.CATEGORY, learned, live, at, better=better)
    return LearningRun(what, len(known), len(unseen), learned, time.perf_counter() - begun)


def _confirmed_cases(at: datetime, leaves: Sequence[CategoryPath]) -> list[_ConfirmedCase]:
    """The newest cases with a category that a person confirmed and that may be chosen today, the oldest first.

    Sensitive cases are left out, and persons in the texts are masked, because a model contains words.
    """
    chosen = {PATH_SEPARATOR.join(leaf) for leaf in leaves}
    rows = _cases(at).values_list("received_at", "category__path", "words__text")
    found = [
        _ConfirmedCase(received_at, LabelledMessage(MessageContent("", mask_text(truncate(text))), label))
        for received_at, path, text in rows[:MOST_CASES].iterator(chunk_size=BATCH)
        if (label := path.replace(classifiers.BETWEEN_NAMES, PATH_SEPARATOR)) in chosen and text
    ]
    return found[::-1]


def _cases(at: datetime) -> QuerySet[Case]:
    by_a_person = CaseEvent.objects.filter(case=OuterRef("pk"), action__in=CONFIRMING_ACTIONS).exclude(
        role=Role.SYSTEM
    )
    return (
        Case.objects.filter(Exists(by_a_person), state__in=CONFIRMED, received_at__lte=at, sensitive=False)
        .filter(category__level=3, category__valid_to=None, words__erased_at=None)
        .order_by("-received_at", "-pk")
    )


def _split_unseen(
    confirmed: Sequence[_ConfirmedCase], live: model_store.ModelInUse
) -> tuple[Sequence[_ConfirmedCase], Sequence[_ConfirmedCase]]:
    """Training cases and held-out cases; the latter are also later than the training of the model in use."""
    border = len(confirmed) - len(confirmed) // UNSEEN_SHARE
    known, later = confirmed[:border], confirmed[border:]
    until = live.learned_until_at
    return known, [one for one in later if until is None or one.at > until]


def _marks(
    new: CombinedClassifier, leaves: tuple[CategoryPath, ...], unseen: Sequence[LabelledMessage]
) -> tuple[float, str, float, float]:
    """Marks of the new model, of the model in use (with its version) and of the cold start, on the same cases."""
    in_use = classifiers.live_model()

    def by(model: CombinedClassifier | None) -> Callable[[MessageContent], ClassifierResult]:
        return lambda message: classifiers.classify_with(message, leaves, model).answer

    cold = _f1(by(None), unseen)
    compared_with = classifiers.classify_with(unseen[0].message, leaves, in_use).version
    return _f1(by(new), unseen), compared_with, _f1(by(in_use), unseen) if in_use else cold, cold


def _f1(answer: Callable[[MessageContent], ClassifierResult], unseen: Sequence[LabelledMessage]) -> float:
    return learned_categories.mark([answer(row.message) for row in unseen], [row.label for row in unseen]).f1


def activate_if_better(
    kind: str, learned: LearnedModel, live: model_store.ModelInUse, at: datetime, *, better: bool
) -> LearningOutcome:
    """Activates the model instead of `live` when it is better, but not soon after a person's rollback."""
    on_hold = model_store.is_on_hold(kind, at)
    instead_of = live if better and not on_hold else None
    if model_store.add_model(kind, learned, instead_of=instead_of, at=at):
        return LearningOutcome.LIVE
    return LearningOutcome.HELD if better else LearningOutcome.NOT_BETTER


@contextmanager
def learning_lock() -> Iterator[bool]:
    """Advisory lock against a second run; True for its holder. Released when the process is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        first = bool(cursor.fetchone()[0])
    try:
        yield first
    finally:
        if first:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
