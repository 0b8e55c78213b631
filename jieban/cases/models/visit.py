"""Models of visits, visit-backs, requests for more time, orders and followers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.enums import (
    AccountReason,
    Contacted,
    RequestKind,
    Satisfied,
    Solved,
    TakeOverBy,
    VisitKind,
    VisitWay,
)
from jieban.cases.models.case import Case
from jieban.registry.models import Person, Unit


class Visit(models.Model):
    """One of the three visits to the requester (三见面)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=10, choices=VisitKind.choices)
    way = models.CharField(max_length=10, choices=VisitWay.choices)
    at = models.DateTimeField()
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    # The round of the visit: those before an earlier report do not count for the next.
    round = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["case"], name="visit_case")]


class VisitBack(models.Model):
    """Call after the unit's report, or an attempt at one. Answers are empty for an attempt."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="visit_backs")
    round = models.PositiveIntegerField()
    at = models.DateTimeField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    by_requester = models.BooleanField(default=False)
    reached = models.BooleanField()
    contacted = models.CharField(max_length=10, choices=Contacted.choices, blank=True)
    solved = models.CharField(max_length=10, choices=Solved.choices, blank=True)
    satisfied = models.CharField(max_length=10, choices=Satisfied.choices, blank=True)
    # For patrol cases: the check on the spot (核查) and its photograph.
    check_passed = models.BooleanField(null=True, blank=True)
    # The lead that the answers are about.
    lead = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    # Number of the recording in the telephone system; null without one.
    recording = models.CharField(_("录音编号"), max_length=60, null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["case"], name="visit_back_case"),
            models.Index(fields=["lead", "at"], name="visit_back_lead"),
            models.Index(fields=["at"], name="visit_back_at"),
        ]


class Request(models.Model):
    """Request of a unit for more time, or for the account; decided by a supervisor."""

    Kind = RequestKind

    case = models.ForeignKey(Case, models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    new_due_at = models.DateTimeField(null=True, blank=True)
    old_due_at = models.DateTimeField(null=True, blank=True)
    reason_code = models.CharField(max_length=12, choices=AccountReason.choices, blank=True)
    responsible = models.CharField(max_length=60, blank=True)
    review_on = models.DateField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    granted = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(decided_at=None), name="one_pending_request")
        ]


class Order(models.Model):
    """Order to a unit: reminder, supervision, escalation or take-over (催办, 督办, 提级, 提办)."""

    class Kind(models.TextChoices):
        REMIND = "remind", _("催办")
        SUPERVISE = "supervise", _("督办")
        ESCALATE = "escalate", _("提级")
        TAKE_OVER = "take_over", _("提办")

    case = models.ForeignKey(Case, models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    body = models.CharField(max_length=12, choices=TakeOverBy.choices, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case"], name="order_case")]


class AlsoNotified(models.Model):
    """Follower: another caller about a running case, who gets its text messages; number and name are sealed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="also_told")
    at = models.DateTimeField()
    phone_index = models.BinaryField(max_length=16)
    phone = models.BinaryField()
    name = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "phone_index"], name="also_told_once")]
