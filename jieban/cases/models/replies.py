from django.db import models
from django.utils.translation import gettext_lazy as _

from jieban.cases.models.case import Case
from jieban.registry.models import Unit


class ResultMark(models.Model):
    """A mark of the result that a unit reported last in a case: by equal marks a copied result is found."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    value = models.BigIntegerField(_("指纹"))

    class Meta:
        # The newest results with the mark first.
        indexes = [models.Index(fields=["unit", "value", "-id"], name="result_mark_value")]
