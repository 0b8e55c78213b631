"""What an operator reads to every caller (通话用语): each wording is a row, with whose it is and since when."""

from django.db import models


class CallScript(models.Model):
    """A wording that holds from a moment until the next one; never changed, never deleted."""

    text = models.TextField()
    at = models.DateTimeField()
    person = models.ForeignKey("registry.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="call_script_newest")]
