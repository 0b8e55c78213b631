from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.states import State
from jieban.cases.models.case import Case
from jieban.registry.models import LedgerEvent, LedgerText, Person, Post


class CaseEvent(LedgerEvent):
    """Event: one action on a case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    action = models.CharField(max_length=20, choices=Action.choices)
    before = models.CharField(max_length=12, choices=State.choices, blank=True)
    after = models.CharField(max_length=12, choices=State.choices)

    written: "list[EventText]"  # set by `history_of`

    class Meta:
        ordering = ["case", "seq"]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="event_seq_once")]
        indexes = [
            # For the day's figures, per unit.
            models.Index(
                fields=["action", "at"],
                include=["unit"],
                name="event_of_day",
                condition=Q(action__in=[Action.SIGN, Action.REPORT_RESULT]),
            ),
            # For the auditor's search, in the order of recording.
            models.Index(fields=["-recorded_at", "-id"], name="event_recorded"),
            models.Index(fields=["person", "-recorded_at", "-id"], name="event_person"),
            models.Index(fields=["unit", "-recorded_at", "-id"], name="event_unit"),
            models.Index(fields=["action", "-recorded_at", "-id"], name="event_action"),
        ]


class EventText(LedgerText):
    """Text written with an event of a case."""

    event = models.ForeignKey(CaseEvent, models.PROTECT, related_name="texts")
    case = models.ForeignKey(Case, models.PROTECT, related_name="event_texts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="event_text_once")]


class AccessLog(models.Model):
    """Log of views of contact data: who, when and why; on demand, or with the caller on the line."""

    class How(models.TextChoices):
        REVEAL = "reveal", _("查看联系方式")
        CALL = "call", _("来电号码查询")

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    how = models.CharField(max_length=8, choices=How.choices, default=How.REVEAL, db_default=How.REVEAL)
    reason = models.CharField(max_length=200)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_at"),
            models.Index(fields=["person", "-at"], name="access_person"),
            models.Index(fields=["case", "-at"], name="access_case"),
        ]


class UnmaskAlert(models.Model):
    """Alert: a person viewed more contact data within an hour than is usual; one per person and hour."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    hour = models.DateTimeField()  # start of the hour
    at = models.DateTimeField()  # first detection
    count = models.PositiveIntegerField()  # views within the hour before the last one
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "hour"], name="unmask_alert_once"),
            models.CheckConstraint(
                condition=models.Q(looked_at=None, looked_by=None, note="")
                | (models.Q(looked_at__isnull=False, looked_by__isnull=False) & ~models.Q(note="")),
                name="unmask_alert_note",
            ),
        ]
        indexes = [models.Index(fields=["id"], name="unmask_alert_open", condition=models.Q(looked_at=None))]
