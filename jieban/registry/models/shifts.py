"""Tables of the duty roster (值班表): shifts, duties outside office hours, and hand-over notes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jieban.registry.models.dated import Dated


class DutyRole(models.TextChoices):
    """Role of somebody on duty."""

    OPERATOR = "operator", _("值班话务")
    DISPATCHER = "dispatcher", _("值班派单")
    LEADER = "leader", _("值班领导")
    STAFF = "staff", _("值班人员")


class ShiftKind(Dated):
    """Daily shift: 白班 08:00 to 20:00, 夜班 20:00 to 08:00 of the next morning; dated."""

    name = models.CharField(_("班次"), max_length=20)
    starts = models.TimeField(_("开始"))
    # Not later than `starts`: the shift ends on the next day.
    ends = models.TimeField(_("结束"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(valid_to=None), name="shift_kind_open_once")
        ]

    def __str__(self) -> str:
        return self.name


class Duty(models.Model):
    """Duty of a person for a unit, from the first instant up to but not including the last."""

    unit = models.ForeignKey("registry.Unit", models.PROTECT, related_name="duties")
    role = models.CharField(_("值班岗位"), max_length=10, choices=DutyRole.choices)
    shift = models.ForeignKey(ShiftKind, models.PROTECT, related_name="+")
    person = models.ForeignKey("registry.Person", models.PROTECT, related_name="duties")
    post = models.ForeignKey("registry.Post", models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    phone = models.CharField(_("值班电话"), max_length=30, blank=True)  # an office's, never a private one

    class Meta:
        indexes = [models.Index(fields=["unit", "ends_at"], name="duty_unit")]
        constraints = [
            models.UniqueConstraint(fields=["person", "starts_at"], name="duty_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_forward"),
        ]


class HandOver(models.Model):
    """Hand-over note (交班记录) of a shift; it may be changed until the next shift has confirmed it (签收)."""

    duty = models.OneToOneField(Duty, models.PROTECT, related_name="hand_over")
    unit = models.ForeignKey("registry.Unit", models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=DutyRole.choices)
    written_at = models.DateTimeField()
    open_matters = models.TextField(_("未了事项"))
    watch = models.TextField(_("需要留意"), blank=True)
    cases = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    confirmed_by = models.ForeignKey("registry.Person", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "role"], name="hand_over_unread", condition=Q(confirmed_at=None)),
            models.Index(fields=["unit", "-written_at"], name="hand_over_course"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="hand_over_confirmed",
            )
        ]
