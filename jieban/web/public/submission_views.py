"""Submitting a case without an account: three short steps, a summary to check, and the case number."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local_date, now
from jieban.base.errors import Invalid, Refused
from jieban.base.masking import mask_phone, normalize_phone
from jieban.cases.flow.states import CaseKind
from jieban.cases.lists import case_detail, publications
from jieban.cases.models import Case
from jieban.cases.reception import public_submissions
from jieban.registry.identity.attempts import RateLimit, record_attempt
from jieban.registry.models import Place
from jieban.web.page import choices
from jieban.web.page.page_language import chosen_language
from jieban.web.page.time_words import due_words
from jieban.web.public import visitor
from jieban.web.public.forms import PhoneCodeForm, WhatForm, WhereForm, WhoForm
from jieban.web.public.visitor import open_page, sent

COOKIE = "submission"
BEGIN_ALLOWANCE = RateLimit("submission.begin", 60, timedelta(hours=1))
PHOTO_ALLOWANCE = RateLimit("submission.photo", 200, timedelta(hours=1))
SEND_ALLOWANCE = RateLimit("submission.sent", 30, timedelta(hours=1))
PHONE_ALLOWANCE = RateLimit("submission.phone", 10, timedelta(days=1))


def _cookie_key(request: HttpRequest) -> str:
    return str(request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=24 * 3600) or "")


def _with_cookie(answer: HttpResponse, key: str) -> HttpResponse:
    answer.set_signed_cookie(
        COOKIE, key, salt=COOKIE, max_age=24 * 3600, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


@open_page
@require_http_methods(["GET", "POST"])
def what_step(request: HttpRequest) -> HttpResponse:
    """View of step 1: what happened, with photographs. After a submission it begins a new one."""
    at, key = now(), _cookie_key(request)
    if public_submissions.case_number(key, at):
        key = ""
    draft = public_submissions.draft_fields(key, at)
    kind = request.POST.get("kind") or request.GET.get("kind") or draft.get("kind") or CaseKind.APPEAL
    kind = CaseKind.ENTERPRISE if kind == CaseKind.ENTERPRISE else CaseKind.APPEAL
    if request.method == "GET":
        return _what_page(request, WhatForm(initial=draft), kind, key, at)
    form = WhatForm(request.POST, request.FILES)
    fresh = key if draft else secrets.token_urlsafe(24)
    if form.is_valid() and _save_what(
        request, form, fresh, {"text": form.cleaned_data["text"], "kind": kind}, at
    ):
        text = form.cleaned_data["text"]
        return _with_cookie(
            redirect("public-likes" if publications.similar_publications(text) else "public-where"), fresh
        )
    answer = _what_page(request, form, kind, fresh, at, Invalid.status)
    return _with_cookie(answer, fresh) if public_submissions.draft_fields(fresh, at) else answer


def _save_what(request: HttpRequest, form: WhatForm, key: str, draft: dict[str, str], at: datetime) -> bool:
    """Saves the draft with its photographs; the form shows errors, and what is valid is saved all the same."""
    visitor.count_attempt(request, BEGIN_ALLOWANCE, at)
    public_submissions.save_draft(key, draft, at)
    for photo in form.cleaned_data["photos"]:
        visitor.count_attempt(request, PHOTO_ALLOWANCE, at)
        try:
            public_submissions.add_photo(key, photo.read(), at)
        except Invalid as refused:
            form.add_error("photos", refused.message)
    return form.is_valid()


def _what_page(
    request: HttpRequest, form: WhatForm, kind: str, key: str, at: datetime, status: int = 200
) -> HttpResponse:
    context = {
        "title": _("反映问题"), "step": 1, "form": form, "kind": kind, "enterprise": kind == CaseKind.ENTERPRISE,
        "photos": public_submissions.photos(key, at), "multipart": True,
    }  # fmt: skip
    return render(request, "public/what.html", context, status=status)


@open_page
@require_http_methods(["POST"])
def drop_photo(request: HttpRequest) -> HttpResponse:
    """Action view: removes a photograph from the draft."""
    pk = request.POST.get("photo", "")
    public_submissions.drop_photo(_cookie_key(request), int(pk) if pk.isdecimal() and len(pk) < 19 else 0)
    return redirect("public-new")


@open_page
@require_GET
def similar_step(request: HttpRequest) -> HttpResponse:
    """View of similar published cases, to support one instead of submitting."""
    draft = public_submissions.draft_fields(_cookie_key(request), now())
    rows = publications.similar_publications(draft.get("text", ""))
    if not rows:
        return redirect("public-where" if draft else "public-new")
    return render(
        request, "public/public_likes.html", {"title": _("也许有人已经反映过"), "rows": rows, "now": now()}
    )


@open_page
@require_http_methods(["GET", "POST"])
def where_step(request: HttpRequest) -> HttpResponse:
    """View of step 2: where it is, as far as known."""
    at, key = now(), _cookie_key(request)
    draft = public_submissions.draft_fields(key, at)
    if not draft or public_submissions.case_number(key, at):
        return redirect("public-new")
    places = choices.places(local_date(at))
    form = WhereForm(sent(request), initial=draft, places=places)
    if request.method == "POST" and form.is_valid():
        values = {name: "" if value is None else str(value) for name, value in form.cleaned_data.items()}
        public_submissions.save_draft(key, values, at)
        return redirect("public-who")
    context = {"title": _("在什么地方"), "step": 2, "form": form, "tiles": settings.MAP_TILES}
    return render(request, "public/where.html", context, status=422 if form.errors else 200)


@open_page
@require_http_methods(["GET", "POST"])
def who_step(request: HttpRequest) -> HttpResponse:
    """View of step 3: how to reach the requester. A new telephone number is verified, where codes can be sent."""
    at, key = now(), _cookie_key(request)
    draft = public_submissions.draft_fields(key, at)
    if not draft or public_submissions.case_number(key, at):
        return redirect("public-new")
    form = WhoForm(sent(request), initial=draft | {"hidden": draft.get("hidden") == "yes"})
    if request.method == "POST" and form.is_valid():
        public_submissions.save_draft(key, _who_fields(form.cleaned_data), at)
        return _after_who(request, form, at)
    return _who_page(request, form)


def _who_fields(values: dict[str, Any]) -> dict[str, str]:
    return {
        "anonymous": values["anonymous"], "phone": normalize_phone(values["phone"]), "name": values["name"],
        "hidden": "yes" if values["hidden"] else "no",
    }  # fmt: skip


def _after_who(request: HttpRequest, form: WhoForm, at: datetime) -> HttpResponse:
    fields = _who_fields(form.cleaned_data)
    if not _needs_code(request, fields, at):
        return redirect("public-check")
    try:
        visitor.send_code(request, fields["phone"], at)
    except Refused as refused:
        form.add_error("phone", refused.message)
        return _who_page(request, form)
    return redirect("public-code")


def _needs_code(request: HttpRequest, draft: dict[str, str], at: datetime) -> bool:
    """Whether the telephone number must still be verified by a code."""
    named = draft.get("anonymous") != "yes"
    return named and visitor.can_send_codes() and visitor.proven_phone(request, at) != draft.get("phone", "")


def _who_page(request: HttpRequest, form: WhoForm) -> HttpResponse:
    context = {"title": _("怎么联系您"), "step": 3, "form": form, "can_prove": visitor.can_send_codes()}
    return render(request, "public/who.html", context, status=422 if form.errors else 200)


@open_page
@require_http_methods(["GET", "POST"])
def code_step(request: HttpRequest) -> HttpResponse:
    """View: asks for the code that was sent."""
    form = PhoneCodeForm(sent(request))
    if request.method == "POST" and check_code(request, form):
        return redirect("public-check")
    return code_page(request, form, "public-who")


def check_code(request: HttpRequest, form: PhoneCodeForm) -> bool:
    """Whether the code was right; else the form has the error."""
    if not form.is_valid():
        return False
    try:
        visitor.prove_phone(request, form.cleaned_data["code"], now())
    except Refused as refused:
        form.refuse({"code": refused.message}, refused.message)
        return False
    return True


def code_page(request: HttpRequest, form: forms.Form, back: str) -> HttpResponse:
    """Renders the page that asks for a code; `back` is the URL name of the page on which another can be sent."""
    phone = mask_phone(visitor.pending_phone(request))
    context = {"title": _("填写验证码"), "form": form, "phone": phone, "back": back}
    return render(request, "public/code.html", context, status=422 if form.errors else 200)


@open_page
@require_http_methods(["GET", "POST"])
def check_step(request: HttpRequest) -> HttpResponse:
    """View of the summary to check and send; sent twice it makes one case."""
    at, key = now(), _cookie_key(request)
    draft = public_submissions.draft_fields(key, at)
    if public_submissions.case_number(key, at):
        return redirect("public-filed")
    if not draft.get("anonymous") or _needs_code(request, draft, at):
        return redirect("public-who" if draft else "public-new")
    if request.method == "GET":
        return _check_page(request, draft, key, at)
    try:
        sent = _send(request, draft, key, at)
    except Invalid as refused:
        return _check_page(request, draft, key, at, [refused.message, *refused.fields.values()])
    request.session["public.refused"] = list(sent.refused)
    return redirect("public-filed")


def _send(
    request: HttpRequest, draft: dict[str, str], key: str, at: datetime
) -> public_submissions.SubmissionResult:
    """Counts the attempt, then receives the case. Raises TooManyAttempts, Invalid."""
    visitor.count_attempt(request, SEND_ALLOWANCE, at)
    if draft["anonymous"] != "yes":
        record_attempt(PHONE_ALLOWANCE, draft["phone"], at)
    known = visitor.requester_or_none(request, at)
    return public_submissions.submit(key, known=known, at=at, language=chosen_language(request))


def _check_page(
    request: HttpRequest, draft: dict[str, str], key: str, at: datetime, wrong: list[str] | None = None
) -> HttpResponse:
    place = Place.objects.filter(pk=draft["place"]).first() if draft.get("place") else None
    context = {
        "title": _("请核对"), "said": draft, "place": place, "photos": len(public_submissions.photos(key, at)),
        "nameless": draft.get("anonymous") == "yes", "hidden": draft.get("hidden") == "yes", "wrong": wrong,
        "phone": draft.get("phone", ""), "enterprise": draft.get("kind") == CaseKind.ENTERPRISE,
    }  # fmt: skip
    return render(request, "public/check.html", context, status=422 if wrong else 200)


def _can_follow(request: HttpRequest, number: str, at: datetime) -> bool:
    actor = visitor.requester_or_none(request, at)
    return actor is not None and case_detail.is_known(number, actor)


@open_page
@require_GET
def confirmation(request: HttpRequest) -> HttpResponse:
    """View of the confirmation: the case number in large type, and what happens by when."""
    at = now()
    number = public_submissions.case_number(_cookie_key(request), at)
    if not number:
        return redirect("public-new")
    case = Case.objects.get(number=number)
    context = {
        "title": _("已受理"), "number": number, "case": case, "now": at,
        "refused": request.session.get("public.refused"),
        "finish": due_words(case.finish_due_at, at) if case.finish_due_at else "",
        "can_follow": _can_follow(request, number, at), "can_prove": visitor.can_send_codes(),
    }  # fmt: skip
    return render(request, "public/filed.html", context)
