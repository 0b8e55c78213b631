"""Model of attachments."""

from django.db import models

from jieban.cases.models.case import Case
from jieban.registry.models import Document


class Attachment(Document):
    """Photograph, paper or recording of a case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    round = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["case"], name="attachment_case")]
