"""Signed links to attachments, valid for ten minutes, for one person in one post; and the views that serve them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jieban.base.clock import local
from jieban.base.downloads import file_response
from jieban.base.errors import NotAllowed
from jieban.cases.lists import attachment_reads, case_detail
from jieban.cases.models import Attachment, Case
from jieban.registry.documents.document_reads import DocumentContent
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import Right, roles_with
from jieban.web.page.access import ActorRequest, for_roles

LINK_LIFETIME = timedelta(minutes=10)
SIGNER = TimestampSigner(salt="jieban.web.case.file_links")


@dataclass(frozen=True, slots=True)
class AttachmentItem:
    """Page model of an attachment; `url` is empty when it was erased, `small` when it has no small copy."""

    label: str
    alt: str
    url: str
    small: str
    size: int
    at: datetime


def attachment_items(case: Case, actor: Actor) -> list[AttachmentItem]:
    """The attachments that this post may see, with links signed now."""
    return [
        _attachment_item(case, row, actor, place)
        for place, row in enumerate(attachment_reads.attachments_of(case, actor), start=1)
    ]


def _attachment_item(case: Case, row: Attachment, actor: Actor, place: int) -> AttachmentItem:
    label = f"{row.get_kind_display()} {place}"
    at = local(row.at)
    alt = _("%(label)s，%(month)02d月%(day)02d日上传") % {"label": label, "month": at.month, "day": at.day}
    url = "" if row.erased else signed_link("attachment", case.number, row.pk, actor)
    small = signed_link("attachment-small", case.number, row.pk, actor) if row.file.thumb else ""
    return AttachmentItem(label, alt, url, small, row.size, row.at)


def signed_link(page: str, number: str, pk: int, actor: Actor) -> str:
    """Signed URL that only this person in this post may open, for ten minutes."""
    payload = _signed_payload(page, number, pk, actor)
    mark = SIGNER.sign(payload)[len(payload) + 1 :]
    return f"{reverse(page, args=[number, pk])}?{urlencode({'mark': mark})}"


def _signed_payload(page: str, number: str, pk: int, actor: Actor) -> str:
    return f"{page} {number} {pk} {actor.person_id} {actor.post_id}"


def check_link(request: HttpRequest, page: str, number: str, pk: int, actor: Actor) -> None:
    """Raises NotAllowed when the link has expired, was made for somebody else, or has a wrong signature."""
    try:
        SIGNER.unsign(
            f"{_signed_payload(page, number, pk, actor)}:{request.GET.get('mark', '')}", max_age=LINK_LIFETIME
        )
    except BadSignature:
        raise NotAllowed(
            _("这个链接已失效。请重新打开这件诉求，再从附件中查看。"), code="link_expired"
        ) from None


@for_roles(roles_with(Right.CASES))
@require_GET
def attachment(request: ActorRequest, number: str, pk: int) -> HttpResponse:
    """File view of a photograph, document or recording: photographs are displayed, all else is downloaded."""
    actor = request.actor
    found = case_detail.get_case_detail(number, actor)
    check_link(request, "attachment", number, pk, actor)
    return _file_response(attachment_reads.attachment_of(found, pk, actor))


@for_roles(roles_with(Right.CASES))
@require_GET
def small(request: ActorRequest, number: str, pk: int) -> HttpResponse:
    """File view of the small copy of a photograph."""
    actor = request.actor
    found = case_detail.get_case_detail(number, actor)
    check_link(request, "attachment-small", number, pk, actor)
    return _file_response(attachment_reads.attachment_of(found, pk, actor, small=True))


def _file_response(document: DocumentContent) -> HttpResponse:
    return file_response(document.content, document.media_type, document.name, harmless=document.harmless)
