"""What the public brings in without an account, and the cases that everybody may see and support."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.models.case import Case
from jieban.channels.message_types import Language
from jieban.registry.models import Person


class Publication(models.Model):
    """A case shown to everybody, in the office's own words without anything personal."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="publication")
    title = models.CharField(_("标题"), max_length=60)
    summary = models.TextField(_("简介"))
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    supporters = models.PositiveIntegerField(default=0)
    # What title and summary are found by.
    search = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["-id"], name="publication_shown", condition=Q(ended_at=None)),
            GinIndex(fields=["search"], name="publication_search"),
        ]


class Support(models.Model):
    """Somebody has the same trouble as a public case tells; the number is sealed, and counted once."""

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
    """A concern that somebody without an account is writing, sealed; once sent, the number of its case."""

    key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    sealed = models.BinaryField()
    number = models.CharField(max_length=24, blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="submission_at")]


class SubmissionPhoto(models.Model):
    """A photograph that belongs to it, sealed."""

    submission = models.ForeignKey(PublicSubmission, models.CASCADE, related_name="photos")
    size = models.PositiveIntegerField()
    sealed = models.BinaryField()
