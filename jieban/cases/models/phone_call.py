"""Models of the telephone desk: calls, leases of calls, drafts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.models.case import Case
from jieban.registry.models import Person


class Call(models.Model):
    """Call reported by the telephone system (来电); the number is sealed, and deleted after a day without a case."""

    class Stage(models.TextChoices):
        RINGING = "ringing", _("振铃")
        ANSWERED = "answered", _("通话中")
        ENDED = "ended", _("已挂断")

    call_id = models.CharField(max_length=100, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    number = models.BinaryField(default=b"")
    rang_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField()
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="calls")

    class Meta:
        indexes = [
            models.Index(fields=["person", "-told_at"], name="call_person"),
            models.Index(fields=["told_at"], name="call_number_kept", condition=~Q(number=b"")),
        ]


class Draft(models.Model):
    """Draft of a concern that somebody is writing; sealed, deleted within a day."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    at = models.DateTimeField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="draft_once")]


class CallLease(models.Model):
    """Lease of a case to a caller while they telephone; nobody else gets the case meanwhile."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="call_lease")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    until = models.DateTimeField()
    # Reason for a call outside of the calling hours.
    reason = models.CharField(max_length=200, blank=True)
