"""Attachments of a case as a post may read them: the list, and the bytes of one."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from jieban.base import filestore, vault
from jieban.base.errors import NotFound
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.cases.access import rules
from jieban.cases.lists.case_detail import _rows_of_case
from jieban.cases.models import Attachment, AttachmentBody, Case
from jieban.registry.identity.posts import Actor


@dataclass(frozen=True, slots=True)
class AttachmentContent:
    """An attachment; the name tells nothing of whoever brought it. `harmless`: a picture written anew here."""

    name: str
    media_type: str
    content: bytes
    harmless: bool = False


EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf", "audio/mpeg": "mp3", "audio/wav": "wav",
    "audio/mp4": "m4a", "audio/aac": "aac", "video/mp4": "mp4", "video/quicktime": "mov",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
}  # fmt: skip


def attachments_of(case: Case, actor: Actor) -> list[Attachment]:
    """What was brought, in order; `file` is where it lies, `erased` when it lies nowhere any more. One query."""
    if not rules.may_see_text(actor):
        return []
    found: list[Attachment] = _rows_of_case(_ATTACHMENTS, case)
    for row in found:
        row.erased = not (row.in_rows or hasattr(row, "file"))  # type: ignore[attr-defined]
    return found


_ATTACHMENTS = Prepared(
    lambda: (
        Attachment.objects.filter(case=Param("case"))
        .select_related("file")
        .annotate(in_rows=Exists(AttachmentBody.objects.filter(pk=OuterRef("pk"))))
        .order_by("id")
    )
)


def attachment_of(case: Case, pk: int, actor: Actor, *, small: bool = False) -> AttachmentContent:
    """The bytes of an attachment, or of its small copy.

    Raises NotFound, also where the post may not see what was said or it was erased.
    """
    row = case.attachments.filter(pk=pk).select_related("file", "body").first()
    file = getattr(row, "file", None)
    gone = row is None or not (file or hasattr(row, "body")) or (small and not (file and file.thumb))
    if row is None or gone or not rules.may_see_text(actor):
        raise NotFound(_("没有这个附件，或者您的岗位不能查看。"))
    name = f"{case.number}-{row.pk}"
    if file and small:
        return AttachmentContent(f"{name}-small.jpg", "image/jpeg", filestore.read(file.thumb), harmless=True)
    content = filestore.read(file.name) if file else unseal_body(row.body)
    harmless = file is not None and file.width is not None
    return AttachmentContent(
        f"{name}.{EXTENSIONS.get(row.media_type, 'bin')}", row.media_type, content, harmless
    )


def unseal_body(body: AttachmentBody) -> bytes:
    """The bytes of an attachment from before files."""
    return vault.unseal(body.sealed, "attachment").encode("latin-1")
