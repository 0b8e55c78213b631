"""Queries of a case's attachments: their list, and the bytes of one."""

from django.utils.translation import gettext as _

from jieban.base.errors import NotFound
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.cases.access import rules
from jieban.cases.lists.case_detail import _rows_of_case
from jieban.cases.models import Attachment, Case
from jieban.registry.documents.document_reads import DocumentContent, content_of, small_copy_of
from jieban.registry.identity.posts import Actor


def attachments_of(case: Case, actor: Actor) -> list[Attachment]:
    """Attachments of a case in their order, each with its file row; one query."""
    return _rows_of_case(_ATTACHMENTS, case) if rules.may_see_text(actor) else []


_ATTACHMENTS = Prepared(
    lambda: Attachment.objects.filter(case=Param("case")).select_related("file").order_by("id")
)


def attachment_of(case: Case, pk: int, actor: Actor, *, small: bool = False) -> DocumentContent:
    """Bytes of an attachment, or of its thumbnail (`small`).

    Raises NotFound, also when the actor may not read the text of the case, or the file was erased.
    """
    row = case.attachments.filter(pk=pk).select_related("file").first()
    content = None
    if row is not None and rules.may_see_text(actor):
        content = (small_copy_of if small else content_of)(row, f"{case.number}-{row.pk}")
    if content is None:
        raise NotFound(_("没有这个附件，或者您的岗位不能查看。"))
    return content
