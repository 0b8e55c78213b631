"""Models of public cases and their supporters, and of submissions without an account."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.models.case import Case
from jieban.channels.message_types import Language
from jieban.registry.models import Person


class Publication(models.Model):
    """Public version of a case, in the office's own words without personal data."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="publication")
    title = models.CharField(_("标题"), max_length=60)
    summary = models.TextField(_("简介"))
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    supporters = models.PositiveIntegerField(default=0)
    # Search tokens of title and summary.
    search = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["-id"], name="publication_shown", condition=Q(ended_at=None)),
            GinIndex(fields=["search"], name="publication_search"),
        ]


class Support(models.Model):
    """Supporter of a public case with the same problem; one per phone number, which is sealed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="supports")
    phone_index = models.BinaryField(max_length=16)
    phone = models.BinaryField()
    language = models.CharField(max_length=10, choices=Language.choices, default=Language.CHINESE)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "phone_index"], condition=~Q(phone_index=b""), name="support_once_a_phone"
            ),
            models.UniqueConstraint(
                fields=["case", "person"],
                condition=Q(person__isnull=False),
                name="support_once_a_person",
            ),
        ]


class PublicSubmission(models.Model):
    """Submission by somebody without an account, sealed; once sent, it has the number of its case."""

    key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    sealed = models.BinaryField()
    number = models.CharField(max_length=24, blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="submission_at")]


class SubmissionPhoto(models.Model):
    """Photograph of a public submission, sealed."""

    submission = models.ForeignKey(PublicSubmission, models.CASCADE, related_name="photos")
    size = models.PositiveIntegerField()
    sealed = models.BinaryField()
