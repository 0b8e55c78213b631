"""Models trained on the district's own cases, and the log of which one was in use when."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class TrainedModel(models.Model):
    """Trained model, with its score on later cases that it had not seen."""

    class Kind(models.TextChoices):
        CATEGORY = "category", _("分类")
        CALIBRATION = "calibration", _("把握")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    version = models.CharField(_("版本"), max_length=12)
    # Serialized by jieban/language/text/model_file.py; empty if it was not better, or too old for a rollback.
    content = models.BinaryField(null=True)
    trained_at = models.DateTimeField(_("训练时间"))
    learned_until_at = models.DateTimeField()  # receipt of the newest case in the training data
    case_count = models.PositiveIntegerField(_("学习件数"))
    class_count = models.PositiveIntegerField(_("分类数"))  # of a calibration: kinds of readings
    unseen_count = models.PositiveIntegerField(_("测试件数"))
    # On unseen cases: macro-F1 for categories; for a calibration the Brier score, of which less is better.
    mark = models.FloatField(_("得分"))
    compared_with = models.CharField(max_length=20)  # version in use at that time
    compared_mark = models.FloatField()
    cold_mark = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="trained_model_once")]

    def __str__(self) -> str:
        return self.version


class ModelUse(models.Model):
    """Period in which a model was in use, and who set it; without a model the cold start was in use."""

    class Why(models.TextChoices):
        BETTER = "better", _("测试更好")
        ROLLED_BACK = "rolled_back", _("人工退回")

    kind = models.CharField(max_length=12, choices=TrainedModel.Kind.choices)
    model = models.ForeignKey(TrainedModel, models.PROTECT, null=True, related_name="uses")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=12, choices=Why.choices)
    by = models.CharField(max_length=60, blank=True)  # user of the command; empty for the nightly run

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(until_at=None), name="model_live_once"),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="model_use_forward"
            ),
        ]
