from django.db import models

from jieban.cases.flow.action import Action
from jieban.cases.models.case import Case
from jieban.registry.models import Person


class SentItem(models.Model):
    """What somebody's phone sent under a key of its own; the same key never does the same thing twice."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)
    taken_at = models.DateTimeField()  # when it was taken down
    sent_at = models.DateTimeField()  # when it came in

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="sent_once")]
