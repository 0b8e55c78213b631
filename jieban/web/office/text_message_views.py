"""Text messages that a person must decide about: unknown whether they were sent, or given up."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jieban.base.clock import now
from jieban.channels import outbox, sms
from jieban.registry.roles import Right, roles_with
from jieban.web.page.access import ActorRequest, for_roles, person_id_of

DECIDERS = roles_with(Right.TEXT_MESSAGES)
MOST_LISTED = 100


@for_roles(DECIDERS)
@require_http_methods(["GET", "POST"])
def decide(request: ActorRequest) -> HttpResponse:
    """View of these messages, the oldest first; each is marked as sent, or sent again."""
    at = now()
    if request.method == "POST":
        sent, key = request.POST.get("do") == "sent", request.POST.get("message", "")
        outbox.resolve_doubtful_sms(
            int(key) if key.isdecimal() and len(key) < 19 else 0,
            sent=sent,
            person_id=person_id_of(request),
            at=at,
        )
        messages.success(request, _("已记为发出。") if sent else _("已重新排队发送。"))
        return redirect("text-messages")
    context = {"title": _("短信核对"), "rows": sms.unsettled(at)[:MOST_LISTED], "now": at}
    return render(request, "office/text_messages.html", context)
