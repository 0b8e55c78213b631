"""Models of responsibility: assignments, involvement, disputes, whistles."""

from django.db import models
from django.db.models import Q

from jieban.cases.flow.enums import Relation, SettleOutcome, WhistleKind
from jieban.cases.models.case import Case
from jieban.registry.models import Unit


class Assignment(models.Model):
    """Responsibility of a unit in a case, from its start to its end."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments")
    relation = models.CharField(max_length=12, choices=Relation.choices)
    handed_down_by = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    assigned_at = models.DateTimeField()
    sign_due_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_late = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    # After a settlement the unit may not dispute again.
    settled = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_merge = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(relation=Relation.LEAD, ended_at=None), name="one_active_lead"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(relation=Relation.NEXT_LEAD, ended_at=None),
                name="one_next_lead",
            ),
            models.UniqueConstraint(
                fields=["case", "unit"],
                condition=Q(ended_at=None) & ~Q(relation=Relation.NEXT_LEAD),
                name="unit_once_in_case",
            ),
        ]
        indexes = [
            models.Index(fields=["unit"], name="assignment_active", condition=Q(ended_at=None)),
            models.Index(
                fields=["unit", "assigned_at"], name="assignment_led", condition=Q(relation=Relation.LEAD)
            ),
        ]


class Involvement(models.Model):
    """Access of a unit to a case on whose path it is. Rows are only added.

    `open` mirrors the state of the case and is set by a trigger, so that a unit's few open cases have their own partial
    index.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="involvements")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    open = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "unit"], name="involved_once")]
        indexes = [
            models.Index(fields=["unit", "-received_at", "-case"], name="involvement_list"),
            models.Index(
                fields=["unit", "-received_at", "-case"], condition=Q(open=True), name="involvement_open"
            ),
        ]


class Dispute(models.Model):
    """Dispute by a lead that it is not competent (退单), until its settlement (裁定)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="disputes")
    assignment = models.OneToOneField(Assignment, models.PROTECT)
    proposed = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=SettleOutcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(settled_at=None), name="one_open_dispute")
        ]


class Whistle(models.Model):
    """Whistle: a street calls departments to the spot (吹哨)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="whistles")
    kind = models.CharField(max_length=10, choices=WhistleKind.choices)
    street = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    meet_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case"], name="whistle_case")]


class WhistleCall(models.Model):
    """Call to one department by a whistle, and its arrival (报到)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="whistle_calls")
    whistle = models.ForeignKey(Whistle, models.PROTECT, related_name="calls")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    arrived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["whistle", "unit"], name="called_once")]
        indexes = [models.Index(fields=["unit"], name="whistle_open", condition=Q(arrived_at=None))]
