from django.db import models

from jieban.cases.flow.action import Action
from jieban.cases.models.case import Case
from jieban.registry.models import Person


class SentItem(models.Model):
    """Item that a phone sent under its own key, stored so that a repeat has no effect."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)
    taken_at = models.DateTimeField()  # time of the record
    sent_at = models.DateTimeField()  # time of receipt

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="sent_once")]
