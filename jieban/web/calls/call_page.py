"""Views of the call page: shown with a draft or a caller's number, and sent."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from jieban.base.errors import Invalid, Refused
from jieban.cases import actions
from jieban.cases.actions import Received
from jieban.cases.flow.states import State
from jieban.cases.reception import drafts, telephone
from jieban.registry.administration import call_script
from jieban.registry.identity.posts import Actor
from jieban.web.calls import call_panel
from jieban.web.calls.call_form import JOIN_PREFIX, SERVICES, CallForm
from jieban.web.calls.intake_form import new_key
from jieban.web.office import duty_views
from jieban.web.page.access import ActorRequest


def empty_page(request: ActorRequest, at: datetime) -> HttpResponse:
    """The page for a new call, with the number from the telephone system, or with the draft that was not sent."""
    actor = request.actor
    call = request.GET.get("call", "")
    initial: dict[str, Any] = {"key": new_key()}
    draft = None
    if call.isdecimal() and len(call) < 19 and actor.person_id is not None:
        initial |= {"call": call, "phone": telephone.number_of(int(call), actor.person_id, at)}
    elif actor.person_id is not None:
        draft = drafts.newest_draft(actor.person_id, at)
    if draft:
        # Another tab may still write the draft: this page continues it under its own key.
        initial |= {name: value for name, value in draft[0].items() if name != "key"}
        initial["resumed"] = draft[0].get("key", "")
    return _page(request, CallForm(actor=actor, at=at, initial=initial), 200, at, draft and draft[1])


def submit_page(request: ActorRequest, at: datetime) -> HttpResponse:
    """Receives the case; errors are shown beside their fields, and no input is lost."""
    actor = request.actor
    form, then = CallForm(request.POST, actor=actor, at=at), request.POST.get("then", "")
    if not form.is_valid():
        return _page(request, form, Invalid.status, at)
    proposals = call_panel.proposals_from_fields(
        form.data, *call_panel.similar_and_earlier(form.data, actor, at), at
    )
    try:
        received = actions.receive_call(
            form.concern(actor), form.outcome(then), proposals, actor=actor, at=at
        )
    except Refused as refused:
        form.refuse(refused.fields, refused.message)
        if refused.message not in {*refused.fields.values(), *form.non_field_errors()}:
            form.add_error(None, refused.message)
        return _page(request, form, refused.status, at)
    _finish(form, received, actor)
    messages.success(request, _success_message(received, then) % received.case.number)
    return redirect("case", received.case.number)


def _finish(form: CallForm, received: Received, actor: Actor) -> None:
    """Deletes the draft, and links the telephone system's call to the case."""
    if actor.person_id is None:
        return
    for key in {form.cleaned_data["key"], form.cleaned_data["resumed"]} - {""}:
        drafts.delete_draft(actor.person_id, key)
    if form.cleaned_data["call"].isdecimal():
        telephone.link_case(int(form.cleaned_data["call"]), actor.person_id, received.case)


def _success_message(received: Received, then: str) -> str:
    texts = {
        State.ANSWERED: _("已受理并当场答复，单号 %s。"),
        State.DECLINED: _("已受理并移交紧急服务，已报告值班领导，单号 %s。"),
        State.MERGED: _("已受理并并入相近诉求，办结后一并回访，单号 %s。"),
    }
    acted = then.startswith(JOIN_PREFIX) or then in {"answer", "hand_over"}
    state = State(received.case.state)
    return texts[state] if acted and state in texts else _("已受理，单号 %s。")


def _page(
    request: ActorRequest, form: CallForm, status: int, at: datetime, kept_at: datetime | None = None
) -> HttpResponse:
    fields = {name: str(form[name].value() or "") for name in form.fields}
    context = {
        "title": _("登记诉求"),
        "form": form,
        "full_fields": ["text", "where", "category", "nature", "urgency", "subject"],
        "kept_at": kept_at,
        "script": call_script.current(),
        "called": any(fields[f"at_{service}"] for service in SERVICES)
        or "hand_over" in request.POST.get("then", ""),
    }
    sidebar = call_panel.sidebar_context(fields, request.actor, at)
    context["duty"] = duty_views.desk_duty(request.actor, at)
    return render(request, "calls/call.html", context | sidebar, status=status)
