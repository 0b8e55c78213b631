"""Tables of announced working days and holidays, by the State Council's yearly notice or by the district."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """Day that a notice makes a working day (调休上班) or a day off (放假); it overrides the library."""

    day = models.DateField(_("日期"), unique=True)
    is_workday = models.BooleanField(_("上班"))
    name = models.CharField(_("节日"), max_length=40)
    # The number of the State Council's notice, or of the district's.
    notice = models.CharField(_("依据文号"), max_length=100)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(notice=""), name="calendar_day_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class CalendarYear(models.Model):
    """Year whose holidays are announced and loaded; due times in it are final."""

    year = models.PositiveSmallIntegerField(_("年份"), unique=True)
    notice = models.CharField(_("依据文号"), max_length=100)
    # The file that the days were read from.
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        ordering = ["year"]

    def __str__(self) -> str:
        return f"{self.year} {self.notice}"
