"""Tables of documents: an abstract one for what is attached to an entity, and where the bytes of all lie."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jieban.registry.models.person import Person
from jieban.registry.models.place import Unit


class DocumentFile(models.Model):
    """Where the sealed bytes of a document lie outside of the database, and its small copy.

    It lies nowhere any more when it was erased. A width says that it is a picture which was written anew here.
    """

    # None after an erasure, or while the bytes are in a DocumentBody.
    name = models.CharField(max_length=100, null=True, unique=True)
    thumb = models.CharField(max_length=100, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(name=None, thumb=""), name="document_file_erased"
            )
        ]
        indexes = [models.Index(fields=["thumb"], name="document_thumb", condition=~Q(thumb=""))]


class DocumentBody(models.Model):
    """The sealed bytes of a document from before files; `move-files` takes them out of the database."""

    file = models.OneToOneField(DocumentFile, models.PROTECT, primary_key=True, related_name="body")
    sealed = models.BinaryField()


class Document(models.Model):
    """A photograph, paper, recording or film. A subclass adds the foreign key to what it is attached to.

    It is a row of that entity's ledger: the history so answers for both digests, and for which file it is.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("照片")
        DOCUMENT = "document", _("文件")
        AUDIO = "audio", _("录音")
        VIDEO = "video", _("录像")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()  # of what is stored
    sha256 = models.CharField(max_length=64)  # of what was brought
    stored_sha256 = models.CharField(max_length=64)  # of what is stored: it may have been cleaned
    at = models.DateTimeField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    file = models.OneToOneField(DocumentFile, models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    @property
    def erased(self) -> bool:
        return self.file.erased_at is not None
