import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.states import State
from jieban.cases.models.case import Case
from jieban.registry.models import Person, Post
from jieban.registry.roles import Role


class CaseEvent(models.Model):
    """One thing that was done to a case. Never updated, never deleted: a trigger refuses.

    `body` is canonical JSON: what was decided ("facts"), the case's changed columns ("set"), digests of the
    rows that were written ("rows") and salted commitments of the texts ("texts").
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    action = models.CharField(max_length=20, choices=Action.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    unit = models.ForeignKey("registry.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()  # when it happened
    recorded_at = models.DateTimeField()  # when it was written down
    before = models.CharField(max_length=12, choices=State.choices, blank=True)
    after = models.CharField(max_length=12, choices=State.choices)
    body = models.TextField()
    hash = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=16)

    written: "list[EventText]"  # as queries.history_of brings it

    class Meta:
        ordering = ["case", "seq"]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="event_seq_once")]
        indexes = [
            # What the day's figures count, and of which unit.
            models.Index(
                fields=["action", "at"],
                include=["unit"],
                name="event_of_day",
                condition=Q(action__in=[Action.SIGN, Action.REPORT_RESULT]),
            ),
            # What the auditor seeks by, each in the order in which it was written down.
            models.Index(fields=["-recorded_at", "-id"], name="event_recorded"),
            models.Index(fields=["person", "-recorded_at", "-id"], name="event_person"),
            models.Index(fields=["unit", "-recorded_at", "-id"], name="event_unit"),
            models.Index(fields=["action", "-recorded_at", "-id"], name="event_action"),
        ]

    @property
    def facts(self) -> dict[str, Any]:
        return dict(json.loads(self.body)["facts"])


class EventText(models.Model):
    """A text written in an event: what somebody said, a result, a note. May be erased; the event stays."""

    event = models.ForeignKey(CaseEvent, models.PROTECT, related_name="texts")
    case = models.ForeignKey(Case, models.PROTECT, related_name="event_texts")
    name = models.CharField(max_length=30)
    salt = models.BinaryField(max_length=16)
    text = models.TextField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="event_text_once")]


class Seal(models.Model):
    """A signed statement over all events up to `last_id`: how many, their Merkle root."""

    class Level(models.TextChoices):
        INTERIM = "interim"
        DAY = "day"

    level = models.CharField(max_length=8, choices=Level.choices)
    day = models.DateField()
    first_id = models.BigIntegerField()  # the first id that may belong to it
    last_id = models.BigIntegerField()
    count = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "first_id"], name="seal_once")]


class AccessLog(models.Model):
    """Who looked at whose contact data, when and why: on demand, or with the caller on the line."""

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
    """Somebody looked at more contact data within an hour than is usual; once for each person and hour."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    hour = models.DateTimeField()  # in which it was seen: its beginning
    at = models.DateTimeField()  # when it was seen first
    count = models.PositiveIntegerField()  # looks within the hour before the last one
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
