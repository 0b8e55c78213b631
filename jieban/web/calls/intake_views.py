"""Intake page: one page for a new case, the requester's words first. Calls have their own page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jieban.base.clock import now
from jieban.base.errors import Invalid
from jieban.cases import actions
from jieban.cases.flow.transitions import RECEIVING_ROLES
from jieban.registry.roles import Right
from jieban.web.calls import call_page
from jieban.web.calls.intake_form import NewCaseForm, new_key
from jieban.web.page.access import ActorRequest, for_roles


@for_roles(RECEIVING_ROLES)
@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """View of the intake page; sent twice it makes one case."""
    actor, at = request.actor, now()
    if Right.TAKE_CALLS in actor.profile.rights:
        answer = call_page.submit_page if request.method == "POST" else call_page.empty_page
        return answer(request, at)
    if request.method == "GET":
        return _page(request, NewCaseForm(actor=actor, at=at, initial={"key": new_key()}), 200)
    form = NewCaseForm(request.POST, request.FILES, actor=actor, at=at)
    if not form.is_valid():
        return _page(request, form, Invalid.status)
    try:
        papers = form.cleaned_data["papers"]
        received = actions.receive_with_files(form.concern(actor), actor=actor, at=at, files=papers)
    except Invalid as refused:
        form.refuse(refused.fields, refused.message)
        return _page(request, form, refused.status)
    messages.success(request, _("已受理，单号 %s。") % received.case.number)
    return redirect("case", received.case.number)


def _page(request: HttpRequest, form: NewCaseForm, status: int) -> HttpResponse:
    context = {
        "title": _("登记诉求"),
        "form": form,
        "full_fields": ["kind", "text", "subject", "papers", "nature", "urgency"],
        "multipart": True,
        "button": _("受理"),
        "now": now(),
    }
    return render(request, "calls/case_new.html", context, status=status)
