"""Following a case: found by number and telephone, or in the account; and the requester's actions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieban.base import vault
from jieban.base.clock import now
from jieban.base.downloads import file_response
from jieban.base.errors import Invalid, NotFound, Refused, WrongState
from jieban.base.masking import mask_phone
from jieban.cases import actions
from jieban.cases.flow.action import Action
from jieban.cases.lists import attachment_reads, case_detail, case_list
from jieban.cases.models import Case, CaseDetail
from jieban.cases.reception import public_submissions
from jieban.registry.identity import posts
from jieban.registry.identity.posts import Actor
from jieban.web.page.forms import PageForm
from jieban.web.page.page_language import in_chinese, in_chosen_language
from jieban.web.public import forms as f
from jieban.web.public import public_timeline, visitor
from jieban.web.public.submission_views import check_code, code_page
from jieban.web.public.visitor import open_page, sent


@open_page
@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """View: asks for number and telephone; the answer is the same whether or not they belong together."""
    at = now()
    form = f.FollowForm(sent(request))
    if request.method == "GET" and visitor.requester_or_none(request, at):
        return redirect("public-mine")
    if request.method == "POST" and form.is_valid() and _send_code(request, form, at):
        return redirect("public-follow-code")
    context = {"title": _("查询进度"), "form": form, "can_prove": visitor.can_send_codes()}
    return render(request, "public/follow.html", context, status=422 if form.errors else 200)


def _send_code(request: HttpRequest, form: f.FollowForm, at: datetime) -> bool:
    phone = form.cleaned_data["phone"]
    owner = posts.resident_by_phone(vault.blind_index(phone))
    try:
        visitor.send_code(request, phone, at, really=case_detail.is_known(form.cleaned_data["number"], owner))
    except Refused as refused:
        form.refuse(refused.fields, refused.message)
        return False
    return True


@open_page
@require_http_methods(["GET", "POST"])
def follow_code(request: HttpRequest) -> HttpResponse:
    """View: asks for the code; then shows all cases of this telephone."""
    form = f.PhoneCodeForm(sent(request))
    if request.method == "POST" and check_code(request, form):
        return redirect("public-mine")
    return code_page(request, form, "public-follow")


@open_page
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Action view: ends the access by telephone."""
    visitor.drop_proof(request)
    return redirect("public-home")


@open_page
@require_GET
def my_cases(request: HttpRequest) -> HttpResponse:
    """View of the requester's cases, the newest first."""
    at = now()
    actor = visitor.requester_or_none(request, at)
    if actor is None:
        return redirect("public-follow")
    return own_cases(request, actor, at)


def own_cases(request: HttpRequest, actor: Actor, at: datetime) -> HttpResponse:
    """Renders the list, for a telephone or an account."""
    page = case_list.list_cases(actor, case_list.CaseFilter(), after=request.GET.get("after", ""), size=20)
    rows = [(case, *public_timeline.status_sentence(case, at)) for case in page.cases]
    next_url = f"?after={page.next}" if page.next else ""
    context = {"title": _("我的诉求"), "rows": rows, "next_url": next_url, "now": at}
    return render(request, "public/mine.html", context | _phone_context(request, at))


def _phone_context(request: HttpRequest, at: datetime) -> dict[str, Any]:
    return {"by_phone": mask_phone(visitor.proven_phone(request, at))}


@open_page
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """View of a case: who does what until when, and what the requester can do."""
    at = now()
    if visitor.requester_or_none(request, at) is None:
        return redirect("public-follow")
    actor = visitor.require_requester(request, at)
    return case_page(request, case_detail.get_case_detail(number, actor), actor, at)


@in_chosen_language
def case_page(request: HttpRequest, found: CaseDetail, actor: Actor, at: datetime) -> HttpResponse:
    """Renders the page of a case, for a telephone or an account."""
    context = public_timeline.page_context(found, actor, at) | _phone_context(request, at)
    return render(request, "public/public_case.html", context)


@open_page
@require_GET
def attachment(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """File view of an attachment of the own case; always a download, so that a browser runs nothing in it."""
    actor = visitor.require_requester(request, now())
    document = attachment_reads.attachment_of(case_detail.get_case_detail(number, actor), pk, actor)
    return file_response(document.content, document.media_type, document.name, harmless=False)


@dataclass(frozen=True, slots=True)
class RequesterAction:
    """An action of the requester: its form, its texts, and the function that performs it."""

    do: Action
    form: type[PageForm]
    title: str | Promise
    lead: str | Promise
    button: str | Promise
    perform: Callable[[Case, Actor, datetime, dict[str, Any]], Any]
    done: str | Promise


@transaction.atomic
def _supplement(case: Case, actor: Actor, at: datetime, sent: dict[str, Any]) -> None:
    """Saves text and photographs in one transaction."""
    photos = [(photo.name, photo.read()) for photo in sent["photos"][: public_submissions.MOST_PHOTOS]]
    if photos:
        actions.attach_all(case.pk, actor=actor, at=at, files=photos)
    if sent["text"]:
        actions.supplement(case.pk, actor=actor, at=at, text=sent["text"])


def _rate(case: Case, actor: Actor, at: datetime, sent: dict[str, Any]) -> None:
    actions.visit_back(case.pk, actor=actor, at=at, reached=True, **sent)


def _reopen(case: Case, actor: Actor, at: datetime, sent: dict[str, Any]) -> None:
    actions.reopen(case.pk, actor=actor, at=at, text=sent["text"])


def _remind(case: Case, actor: Actor, at: datetime, sent: dict[str, Any]) -> None:
    with in_chinese():
        unworded = _("诉求人催办。")
    actions.remind(case.pk, actor=actor, at=at, text=sent["text"] or unworded)


def _withdraw(case: Case, actor: Actor, at: datetime, sent: dict[str, Any]) -> None:
    actions.withdraw(case.pk, actor=actor, at=at, reason=sent["reason"])


REQUESTER_ACTIONS = {
    "supplement": RequesterAction(
        Action.SUPPLEMENT,
        f.SupplementForm,
        gettext_lazy("补充情况或照片"),
        gettext_lazy("补充的内容会交给承办单位。"),
        gettext_lazy("补充"),
        _supplement,
        gettext_lazy("补充的情况已经记下，并告诉承办单位。"),
    ),
    "rate": RequesterAction(
        Action.VISIT_BACK,
        f.RatingForm,
        gettext_lazy("请您评价"),
        gettext_lazy("照实评价就好，哪一题都可以不回答。"),
        gettext_lazy("提交评价"),
        _rate,
        gettext_lazy("您的评价已经记下。"),
    ),
    "still-wrong": RequesterAction(
        Action.VISIT_BACK,
        f.RatingForm,
        gettext_lazy("还没解决"),
        gettext_lazy("请告诉我们哪里没解决，工作人员会据此决定是否重新办理。"),
        gettext_lazy("提交"),
        _rate,
        gettext_lazy("已经记下：问题还没解决。"),
    ),
    "reopen": RequesterAction(
        Action.REOPEN,
        f.ReopenRequestForm,
        gettext_lazy("要求重新办理"),
        gettext_lazy("写清还有什么没解决，会重新交给承办单位。"),
        gettext_lazy("要求重新办理"),
        _reopen,
        gettext_lazy("已重新办理，时限从现在重新计算。"),
    ),
    "remind": RequesterAction(
        Action.REMIND,
        f.RemindForm,
        gettext_lazy("催一催"),
        gettext_lazy("承办单位会马上收到提醒。一天可以催一次。"),
        gettext_lazy("催一催"),
        _remind,
        gettext_lazy("已经催办。"),
    ),
    "withdraw": RequesterAction(
        Action.WITHDRAW,
        f.WithdrawRequestForm,
        gettext_lazy("确定要撤回吗"),
        gettext_lazy("撤回后不再办理。还没解决的，请不要撤回。"),
        gettext_lazy("确定撤回"),
        _withdraw,
        gettext_lazy("已撤回。"),
    ),
}


@open_page
@require_http_methods(["GET", "POST"])
def requester_action(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """View of an action of the requester: its form, or the action itself."""
    at = now()
    actor = visitor.require_requester(request, at)
    found, entry = case_detail.get_case_detail(number, actor), REQUESTER_ACTIONS.get(name)
    if entry is None:
        raise NotFound(_("没有这一项。请回到这件诉求重新选择。"))
    actions.admit(found, entry.do, actor=actor, at=at)
    if request.method == "GET":
        initial = {"solved": "no"} if name == "still-wrong" else None
        return _act_page(request, found, entry, entry.form(initial=initial))
    form = entry.form(request.POST, request.FILES)
    if not form.is_valid() or not _perform(form, entry, found, actor, at):
        return _act_page(request, found, entry, form)
    messages.success(request, str(entry.done))
    return redirect("public-case", found.number)


def _perform(form: PageForm, entry: RequesterAction, case: Case, actor: Actor, at: datetime) -> bool:
    """Performs the action. Returns whether it was done; else the form has the errors."""
    try:
        entry.perform(case, actor, at, form.cleaned_data)
    except (Invalid, WrongState) as refused:
        form.refuse(refused.fields, refused.message)
        return False
    return True


def _act_page(request: HttpRequest, case: Case, entry: RequesterAction, form: PageForm) -> HttpResponse:
    context = {
        "title": entry.title, "lead": entry.lead, "button": entry.button, "case": case, "form": form,
        "multipart": form.is_multipart(),
    }  # fmt: skip
    return render(request, "public/public_act.html", context, status=422 if form.errors else 200)
