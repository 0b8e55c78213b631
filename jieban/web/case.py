"""One case: its page, the actions on it, who asked, and what was attached."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jieban.base.clock import now
from jieban.cases import queries
from jieban.web import acts, record
from jieban.web.shown import Requester


@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The case with its course and what this post may do now."""
    found = queries.case_of(number, request.actor)  # type: ignore[attr-defined]
    return render(request, "web/case.html", record.context(found, request.actor, now()))  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """The form of an action, or the action itself."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    do, found = acts.named(name), queries.case_of(number, actor)
    if request.method == "GET":
        template = "web/parts/act_form.html" if request.htmx else "web/act.html"  # type: ignore[attr-defined]
        return render(request, template, {"act": acts.one(do, found, actor, at), "case": found, "now": at})
    failed = acts.perform(request, do, found, actor, at)
    if failed is None:
        messages.success(request, _("已记录：%s。") % do.label)
        return redirect(acts.after(found, actor))
    form, status = failed
    again = queries.case_of(number, actor)
    return render(request, "web/case.html", record.context(again, actor, at, (do, form)), status=status)


@require_POST
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """Who asked, in full, after the reason has been written into the access log."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    found = queries.case_of(number, actor)
    seen = queries.reveal_contact(found, actor, reason=request.POST.get("reason", ""), at=at)
    shown = Requester(seen.name, seen.phone, seen.address, shown=True)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "web/parts/requester.html", {"requester": shown})
    context = record.context(found, actor, at) | {"requester": shown}
    return render(request, "web/case.html", context)


@require_GET
def attachment(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A photograph or paper of the case, to be saved, never to be run."""
    found = queries.case_of(number, request.actor)  # type: ignore[attr-defined]
    kept = queries.attachment_of(found, pk, request.actor)  # type: ignore[attr-defined]
    answer = HttpResponse(kept.content, content_type=kept.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{kept.name}"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
