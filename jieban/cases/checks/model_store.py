"""Model store: trained models with their scores; the better one is put in use, and a person can roll it back.

At most one model of a kind is in use; without one the cold start is. A change applies at once in every process.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid
from jieban.cases.models import ModelUse, TrainedModel
from jieban.language.classify import calibration, combined_classifier

KEPT_MODELS = 5  # models available for a rollback
HOLD_PERIOD = timedelta(days=7)  # after a rollback, during which no new model is put in use
COLD_START = "cold-start"  # its name in commands
_LOCK = 7_110_110
ModelKind = TrainedModel.Kind
UseReason = ModelUse.Why
# Deserializers by kind; they raise an error for damaged bytes.
LOADERS: Mapping[str, Callable[[bytes, str], object]] = {
    ModelKind.CATEGORY: combined_classifier.deserialize,
    ModelKind.CALIBRATION: calibration.deserialize,
}


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """Model in use, or the cold start (without `model_id`)."""

    model_id: int | None
    version: str
    learned_until_at: datetime | None


@dataclass(frozen=True, slots=True)
class LearnedModel:
    """Newly trained model, with its score and those of the model in use and the cold start on the same unseen cases."""

    version: str
    content: bytes
    learned_until_at: datetime
    case_count: int
    class_count: int
    unseen_count: int
    mark: float
    compared_with: str
    compared_mark: float
    cold_mark: float


def model_in_use(kind: str) -> ModelInUse:
    """The model of this kind in use; one query."""
    found = (
        ModelUse.objects.filter(kind=kind, until_at=None)
        .values_list("model_id", "model__version", "model__learned_until_at")
        .first()
    )
    model_id, version, until = found or (None, "", None)
    return ModelInUse(model_id, version or "", until)


def model_content(model_id: int) -> bytes:
    """Bytes of a model; empty if they are no longer stored."""
    found = TrainedModel.objects.values_list("content", flat=True).get(pk=model_id)
    return bytes(found or b"")


@transaction.atomic
def add_model(kind: str, learned: LearnedModel, *, instead_of: ModelInUse | None, at: datetime) -> bool:
    """Stores a new model; puts it in use in place of the compared one, if given.

    Returns whether it is in use: not if a person has put another one in use meanwhile.
    """
    _lock()
    used = instead_of is not None and model_in_use(kind).model_id == instead_of.model_id
    values = asdict(learned) | {"content": learned.content if used else None}
    model = TrainedModel.objects.create(kind=kind, trained_at=at, **values)
    if used:
        _start_use(kind, model, at, UseReason.BETTER, "")
        _drop_old_content(kind)
    return used


def is_known(kind: str, version: str) -> bool:
    """Whether a model of this version is stored."""
    return TrainedModel.objects.filter(kind=kind, version=version).exists()


def is_on_hold(kind: str, at: datetime) -> bool:
    """Whether a person rolled back a model within HOLD_PERIOD."""
    return ModelUse.objects.filter(
        kind=kind, until_at=None, why=UseReason.ROLLED_BACK, from_at__gt=at - HOLD_PERIOD
    ).exists()


@transaction.atomic
def roll_back(kind: str, *, to: str = "", by: str, at: datetime) -> ModelInUse:
    """Puts the previous model, the one of this version, or the cold start in use again. Raises Invalid."""
    _lock()
    now = model_in_use(kind)
    model = _find_model(kind, to) if to else _previous_model(kind, now)
    if now.model_id == (model.pk if model else None):
        raise Invalid(_("现在使用的就是它，没有改变。python -m jieban models 列出全部模型。"))
    if model is not None:
        LOADERS[kind](bytes(model.content or b""), model.version)
    _start_use(kind, model, at, UseReason.ROLLED_BACK, by)
    return model_in_use(kind)


def models_and_uses(kind: str) -> tuple[list[TrainedModel], list[ModelUse]]:
    """All models without their bytes, and all periods of use, the newest first; two queries."""
    models = TrainedModel.objects.filter(kind=kind).defer("content").order_by("-pk")
    uses = ModelUse.objects.filter(kind=kind).select_related("model").defer("model__content")
    return list(models), list(uses.order_by("-pk"))


def _find_model(kind: str, version: str) -> TrainedModel | None:
    if version == COLD_START:
        return None
    model = TrainedModel.objects.filter(kind=kind, version=version).exclude(content=None).first()
    if model is None:
        raise Invalid(_("没有版本 %s，或它已不再保留。python -m jieban models 列出可用的版本。") % version)
    return model


def _previous_model(kind: str, now: ModelInUse) -> TrainedModel | None:
    """The last stored model before the one in use; None (the cold start) before the first."""
    stored = TrainedModel.objects.filter(kind=kind, pk__lt=now.model_id or 0).exclude(content=None)
    return stored.order_by("-pk").first()


def _start_use(kind: str, model: TrainedModel | None, at: datetime, why: str, by: str) -> None:
    ModelUse.objects.filter(kind=kind, until_at=None).update(until_at=at)
    ModelUse.objects.create(kind=kind, model=model, from_at=at, why=why, by=by[:60])


def _drop_old_content(kind: str) -> None:
    """Deletes the bytes of models that were in use long ago; their scores stay."""
    newest: list[int] = []
    for pk in ModelUse.objects.filter(kind=kind).order_by("-pk").values_list("model_id", flat=True):
        if pk is not None and pk not in newest:
            newest.append(pk)
    TrainedModel.objects.filter(kind=kind).exclude(content=None).exclude(pk__in=newest[:KEPT_MODELS]).update(
        content=None
    )


def _lock() -> None:
    """Locks the model in use against concurrent changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
