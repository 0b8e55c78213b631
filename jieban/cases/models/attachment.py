"""Tables of attachments and where their bytes lie."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.cases.models.case import Case
from jieban.registry.models import Person, Unit


class Attachment(models.Model):
    """A photograph or paper. The bytes are sealed; the digest of the original is in the history."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("照片")
        DOCUMENT = "document", _("文件")
        AUDIO = "audio", _("录音")
        VIDEO = "video", _("录像")

    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    round = models.PositiveIntegerField(default=0)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case"], name="attachment_case")]


class AttachmentFile(models.Model):
    """Where the sealed file lies outside of the database, and its small copy. Erased with the personal data.

    Size and digest are those of what was kept, not of what was brought. A width says that it is a picture which
    was written anew here.
    """

    attachment = models.OneToOneField(Attachment, models.PROTECT, primary_key=True, related_name="file")
    name = models.CharField(max_length=100, unique=True)
    thumb = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["thumb"], name="attachment_thumb", condition=~Q(thumb=""))]


class AttachmentBody(models.Model):
    """The sealed bytes of an attachment from before files; `move-files` takes them out of the database."""

    attachment = models.OneToOneField(Attachment, models.PROTECT, primary_key=True, related_name="body")
    sealed = models.BinaryField()
