"""Published cases that everybody may read, and how to support one."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base import vault
from jieban.base.clock import local_date, now
from jieban.base.errors import NotFound, Refused
from jieban.base.masking import mask_phone
from jieban.cases import actions
from jieban.cases.lists import publications
from jieban.cases.models import Publication
from jieban.registry.identity import posts
from jieban.registry.identity.attempts import RateLimit
from jieban.web.page import choices
from jieban.web.page.page_language import chosen_language
from jieban.web.public import public_timeline, visitor
from jieban.web.public.forms import PhoneCodeForm, PhoneForm, SupportForm
from jieban.web.public.submission_views import check_code, code_page
from jieban.web.public.visitor import open_page, sent

SUPPORT_ALLOWANCE = RateLimit("support", 60, timedelta(hours=1))
LONGEST_SEARCH = 60


@open_page
@require_GET
def publication_list(request: HttpRequest) -> HttpResponse:
    """View of the published cases, by street and search words."""
    street, q = request.GET.get("street", ""), request.GET.get("q", "").replace("\0", "")[:LONGEST_SEARCH]
    after = request.GET.get("after", "")
    page = publications.publication_page(
        street.replace("\0", ""), q, int(after) if after.isdecimal() and len(after) < 19 else None
    )
    more = urlencode({"street": street, "q": q, "after": page.next or ""})
    context = {
        "title": _("大家都关心的事"), "rows": page.rows, "q": q, "street": street,
        "streets": choices.streets(local_date(now())), "next_url": f"?{more}" if page.next else "",
    }  # fmt: skip
    return render(request, "public/open_list.html", context)


def _publication_or_404(pk: int) -> Publication:
    row = publications.get_publication(pk)
    if row is None:
        raise NotFound(_("这件诉求没有公开，或者已经撤下。"))
    return row


@open_page
@require_GET
def publication_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """View of one published case: its status, and the number of supporters."""
    row, at = _publication_or_404(pk), now()
    context = {
        "title": row.title, "row": row, "closed": row.case.closed_at is not None, "now": at,
        "who": _status_text(row, at), "can_prove": visitor.can_send_codes(),
    }  # fmt: skip
    return render(request, "public/open_case.html", context)


def _status_text(row: Publication, at: datetime) -> str:
    """Status in words: who does what; without what is meant for the requester alone."""
    if row.case.state == "reported":
        lead = row.case.lead.name if row.case.lead else ""
        return _("%s说已经办完，正在回访。") % lead
    return public_timeline.status_sentence(row.case, at)[0]


@open_page
@require_http_methods(["GET", "POST"])
def support(request: HttpRequest, pk: int) -> HttpResponse:
    """View: supports a case; the telephone is verified first, and counts once."""
    row, at = _publication_or_404(pk), now()
    phone = visitor.proven_phone(request, at)
    if not phone:
        return _phone_page(request, pk, row, at)
    form = SupportForm(sent(request))
    if request.method == "POST" and form.is_valid():
        visitor.count_attempt(request, SUPPORT_ALLOWANCE, at)
        try:
            _support(request, row, phone, form.cleaned_data["text"], at)
        except Refused as refused:
            form.refuse({}, refused.message)
        else:
            messages.success(request, _("已记下您的支持。这件事结案时会发短信告诉您。"))
            return redirect("public-open-case", pk)
    context = {"title": _("我也遇到了"), "row": row, "form": form, "phone": mask_phone(phone)}
    return render(request, "public/support.html", context, status=422 if form.errors else 200)


def _support(request: HttpRequest, row: Publication, phone: str, text: str, at: datetime) -> None:
    actor, language = posts.resident_by_phone(vault.blind_index(phone)), chosen_language(request)
    actions.support(row.case_id, actor=actor, at=at, phone=phone, text=text, language=language)


def _phone_page(request: HttpRequest, pk: int, row: Publication, at: datetime) -> HttpResponse:
    form = PhoneForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            visitor.send_code(request, form.cleaned_data["phone"], at)
        except Refused as refused:
            form.refuse(refused.fields, refused.message)
        else:
            return redirect("public-support-code", pk)
    context = {"title": _("我也遇到了"), "row": row, "form": form, "can_prove": visitor.can_send_codes()}
    return render(request, "public/support_phone.html", context, status=422 if form.errors else 200)


@open_page
@require_http_methods(["GET", "POST"])
def support_code(request: HttpRequest, pk: int) -> HttpResponse:
    """View: asks for the code, then goes back to the supported case."""
    form = PhoneCodeForm(sent(request))
    if request.method == "POST" and check_code(request, form):
        return redirect("public-support", pk)
    return code_page(request, form, "public-open")
