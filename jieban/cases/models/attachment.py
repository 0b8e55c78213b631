"""The table of attachments."""

from django.db import models

from jieban.cases.models.case import Case
from jieban.registry.models import Document


class Attachment(Document):
    """A photograph or paper of a case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    round = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["case"], name="attachment_case")]
