"""Table of the call script (通话用语): one row per wording, with its author and first day."""

from django.db import models


class CallScript(models.Model):
    """Wording that is valid from an instant until the next one; append-only."""

    text = models.TextField()
    at = models.DateTimeField()
    person = models.ForeignKey("registry.Person", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="call_script_newest")]
