"""Models of what the platform read in the texts of cases and of results."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.states import Nature, Urgency
from jieban.cases.models.case import Case
from jieban.registry.models import Category, Place, Unit


class Reading(models.Model):
    """Proposals for a case when it came in (系统建议); the decisions of people are in the case itself.

    An empty field means no proposal. The versions name the model: one for the category, one for the rest.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="reading")
    at = models.DateTimeField()
    category_version = models.CharField(_("分类版本"), max_length=40, blank=True)
    words_version = models.CharField(_("词表版本"), max_length=40)

    category = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("分类")
    )
    # Options between which a person had to choose, the likeliest first; empty if there was only one.
    category_among = ArrayField(models.BigIntegerField(), default=list)
    category_confidence = models.FloatField(null=True)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("地点")
    )
    place_among = ArrayField(models.BigIntegerField(), default=list)
    nature = models.CharField(_("性质"), max_length=12, choices=Nature.choices, blank=True)
    urgency = models.CharField(_("紧急程度"), max_length=10, choices=Urgency.choices, blank=True)
    sensitive = models.BooleanField(_("敏感"), default=False)
    grade = models.CharField(_("难易"), max_length=10, choices=Category.Grade.choices, blank=True)
    is_property = models.BooleanField(_("涉物业服务"), default=False)
    # For each field read by key words: how it was read (`way`), the confidence (`share`), whether that is a prior
    # (`prior`), and for an unsure one the options with their shares (`among`).
    certainty = models.JSONField(default=dict)
    certainty_version = models.CharField(_("把握版本"), max_length=12, blank=True)
    # Pieces of the text that led to each field; erased with the text.
    words = models.JSONField(default=dict)
    # An operator saw the proposals during the call.
    shown = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(category_confidence=None)
                | Q(category_confidence__gte=0, category_confidence__lte=1),
                name="reading_confidence_share",
            )
        ]


class CertaintyBand(models.Model):
    """Calibration result of one night: for proposals in one band of confidence, how many people kept (把握与采用).

    Rows are never changed.
    """

    at = models.DateTimeField(_("统计时间"))
    field = models.CharField(max_length=12)
    low = models.PositiveSmallIntegerField()  # lower bound of the band, in tenths
    proposed = models.PositiveIntegerField(_("件数"))
    accepted = models.PositiveIntegerField(_("采用"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["at", "field", "low"], name="certainty_band_once"),
            models.CheckConstraint(condition=Q(accepted__lte=F("proposed")), name="certainty_band_share"),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.low}"


class ResultMark(models.Model):
    """Fingerprint of the result that a unit last reported in a case; copied results share fingerprints."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    value = models.BigIntegerField(_("指纹"))

    class Meta:
        # For the newest results with the mark.
        indexes = [models.Index(fields=["unit", "value", "-id"], name="result_mark_value")]
