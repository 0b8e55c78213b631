from django.db import models
from django.db.models import Q

from jieban.cases.models.case import Case
from jieban.registry.models import Person


class Call(models.Model):
    """A telephone call as the telephone system tells of it; the number is sealed."""

    # The telephone system's own name for the call; it tells of the same call several times.
    call_id = models.CharField(max_length=80, unique=True)
    operator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    phone = models.BinaryField(default=b"")
    told_at = models.DateTimeField()  # when it was first heard of
    ringing_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What was received in it.
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="calls")

    class Meta:
        indexes = [
            models.Index(
                fields=["operator", "-told_at"], name="call_waiting", condition=Q(ended_at=None, case=None)
            ),
            models.Index(fields=["case"], name="call_case", condition=Q(case__isnull=False)),
            models.Index(fields=["told_at"], name="call_told"),
        ]
