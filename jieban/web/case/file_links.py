"""Attachments on pages: links that hold for ten minutes and for one person in one post, and what they give."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jieban.base.clock import local
from jieban.base.downloads import served
from jieban.base.errors import NotAllowed
from jieban.cases.lists import attachment_reads, case_detail
from jieban.cases.lists.attachment_reads import Kept
from jieban.cases.models import Attachment, Case
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import EVERY_ROLE
from jieban.web.page.access import for_roles

HOLDS = timedelta(minutes=10)
SIGNER = TimestampSigner(salt="jieban.web.case.file_links")


@dataclass(frozen=True, slots=True)
class ShownFile:
    """An attachment in the list of a page; without `url` it was erased, without `small` it has no small copy."""

    label: str
    alt: str
    url: str
    small: str
    size: int
    at: datetime


def shown(case: Case, actor: Actor) -> list[ShownFile]:
    """The attachments that this post may see, with links made for it now."""
    return [
        _shown(case, row, actor, place)
        for place, row in enumerate(attachment_reads.attachments_of(case, actor), start=1)
    ]


def _shown(case: Case, row: Attachment, actor: Actor, place: int) -> ShownFile:
    label = f"{row.get_kind_display()} {place}"
    file = getattr(row, "file", None)
    alt = _("%(label)s，%(day)s上传") % {"label": label, "day": f"{local(row.at):%m月%d日}"}
    erased: bool = row.erased  # type: ignore[attr-defined]
    url = "" if erased else link("attachment", case.number, row.pk, actor)
    small = link("attachment-small", case.number, row.pk, actor) if file and file.thumb else ""
    return ShownFile(label, alt, url, small, file.size if file else row.size, row.at)


def link(page: str, number: str, pk: int, actor: Actor) -> str:
    """An address that only this person in this post may open, for ten minutes."""
    said = _said(page, number, pk, actor)
    mark = SIGNER.sign(said)[len(said) + 1 :]
    return f"{reverse(page, args=[number, pk])}?{urlencode({'mark': mark})}"


def _said(page: str, number: str, pk: int, actor: Actor) -> str:
    return f"{page} {number} {pk} {actor.person_id} {actor.post_id}"


def check(request: HttpRequest, page: str, number: str, pk: int, actor: Actor) -> None:
    """Raises NotAllowed when the link is old, was made for somebody else, or was put together by hand."""
    try:
        SIGNER.unsign(f"{_said(page, number, pk, actor)}:{request.GET.get('mark', '')}", max_age=HOLDS)
    except BadSignature:
        raise NotAllowed(
            _("这个链接已失效。请重新打开这件诉求，再从附件中查看。"), code="link_expired"
        ) from None


@for_roles(EVERY_ROLE)
@require_GET
def attachment(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A photograph, paper or recording: photographs to be seen, everything else to be saved."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_detail.case_of(number, actor)
    check(request, "attachment", number, pk, actor)
    return _given(attachment_reads.attachment_of(found, pk, actor))


@for_roles(EVERY_ROLE)
@require_GET
def small(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The small copy of a photograph."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_detail.case_of(number, actor)
    check(request, "attachment-small", number, pk, actor)
    return _given(attachment_reads.attachment_of(found, pk, actor, small=True))


def _given(kept: Kept) -> HttpResponse:
    return served(kept.content, kept.media_type, kept.name, harmless=kept.harmless)
