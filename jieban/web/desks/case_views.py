"""Views of one case: its page, its actions, its contact data and its attachments."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieban.base.clock import now
from jieban.cases.flow.action import Action
from jieban.cases.lists import case_detail, contact_reads
from jieban.cases.lists.queues import Queue, queue_cases
from jieban.cases.reception import drafts
from jieban.registry.identity.posts import Actor
from jieban.registry.roles import REQUESTER_ROLES, Right, roles_with
from jieban.web.case import action_entries, case_page
from jieban.web.case.action_forms import ActForm
from jieban.web.desks import desk_views
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.page_models import RequesterCard
from jieban.web.public import following_views


@for_roles(roles_with(Right.CASES))
@require_GET
def case(request: ActorRequest, number: str) -> HttpResponse:
    """View of a case: its timeline, and the actions that this post may take now."""
    found = case_detail.get_case_detail(number, request.actor)
    if request.actor.role in REQUESTER_ROLES:
        return following_views.case_page(request, found, request.actor, now())
    return render(request, "case/case.html", case_page.page_context(found, request.actor, now()))


@for_roles(roles_with(Right.CASES))
@require_http_methods(["GET", "POST"])
def act(request: ActorRequest, number: str, name: str) -> HttpResponse:
    """View of an action: its form, or the action itself; from a desk it goes on with the next case there."""
    actor, at = request.actor, now()
    queue = desk_views.queue_of(request.GET.get("desk", ""), actor)
    do, found = action_entries.action_by_name(name), case_detail.get_case_detail(number, actor)
    if request.method == "GET":
        template = "case/act_form.html" if request.htmx and not request.htmx.boosted else "case/act.html"
        offered = action_entries.action_with_form(do, found, actor, at, queue.value if queue else "")
        return render(request, template, {"act": offered, "case": found, "now": at})
    before = [case.number for case in queue_cases(actor, queue, at)] if queue else []
    failed = action_entries.perform(request, do, found, actor, at)
    if failed is not None:
        return _page_with_errors(request, number, (do, failed[0]), queue, failed[1])
    _add_messages(request, do, number, actor, at)
    return redirect(
        desk_views.url_after_decision(actor, queue, number, before, at)
        if queue
        else action_entries.url_after_action(found, actor)
    )


def _page_with_errors(
    request: ActorRequest, number: str, failed: tuple[Action, ActForm], queue: Queue | None, status: int
) -> HttpResponse:
    """The page from which the form was sent, with its errors and the values that were typed."""
    actor, at = request.actor, now()
    if queue:
        return render(
            request,
            "desks/desk.html",
            desk_views.context(actor, at, queue, number, "", failed),
            status=status,
        )
    context = case_page.page_context(case_detail.get_case_detail(number, actor), actor, at, failed)
    return render(request, "case/case.html", context, status=status)


def _add_messages(request: HttpRequest, do: Action, number: str, actor: Actor, at: datetime) -> None:
    """Success messages for this case and the ticked similar cases; the draft of the page is deleted."""
    if actor.person_id is not None and request.POST.get("key"):
        drafts.delete_draft(actor.person_id, request.POST["key"])
    done, refused = action_entries.perform_on_others(request, do, actor, at)
    if done:
        words = _("已记录：%(action)s。同时处理相近诉求 %(count)d 件。")
        messages.success(request, words % {"action": do.label, "count": len(done)})
    else:
        messages.success(request, _("已记录：%s。") % do.label)
    for reason in refused:
        messages.warning(request, _("没有一并处理 %s") % reason)


@for_roles(roles_with(Right.CASES))
@require_POST
def contact(request: ActorRequest, number: str) -> HttpResponse:
    """View of the requester's contact data in full; the reason is written into the access log first."""
    actor, at = request.actor, now()
    found = case_detail.get_case_detail(number, actor)
    contact_data = contact_reads.reveal_contact(found, actor, reason=request.POST.get("reason", ""), at=at)
    card = RequesterCard(contact_data.name, contact_data.phone, contact_data.address, shown=True)
    if request.htmx:
        return render(request, "case/requester.html", {"requester": card})
    context = case_page.page_context(found, actor, at) | {"requester": card}
    return render(request, "case/case.html", context)
