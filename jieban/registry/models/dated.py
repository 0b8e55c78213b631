"""Base model of rows with a period of validity."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Dated(models.Model):
    """Row with a period of validity. `valid_to` is the first day on which it is not valid."""

    valid_from = models.DateField(_("生效日"))
    valid_to = models.DateField(_("失效日"), null=True, blank=True)

    class Meta:
        abstract = True


def holds_on(day: Any, prefix: str = "") -> Q:
    """Condition: a dated row is valid on `day`."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": day})
    )


def holds(row: Dated, on: date) -> bool:
    """Whether a dated row is valid on a day."""
    return row.valid_from <= on and (row.valid_to is None or on < row.valid_to)
