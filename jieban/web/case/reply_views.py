"""A result while it is being written: what stands out in it, and a draft where a server for drafts is set."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jieban.base.clock import now
from jieban.base.errors import NotAllowed
from jieban.cases.access import offers
from jieban.cases.checks.reply_drafts import draft_of
from jieban.cases.flow.action import Do
from jieban.cases.flow.transitions import LEADS
from jieban.cases.lists import case_detail
from jieban.channels.draft_server import NoDraft
from jieban.web.case import action_entries
from jieban.web.case.action_forms import ReportResult
from jieban.web.page.access import for_roles
from jieban.web.page.fields import LONGEST


@for_roles(LEADS)
@require_POST
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """The sentences about what was typed, or the field with a draft in it; the whole page without a script."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    found = case_detail.case_of(number, actor)
    if Do.REPORT_RESULT not in offers.possible(found, actor):
        raise NotAllowed(_("您的岗位现在不能报结本件。"))
    form = action_entries.ENTRIES[Do.REPORT_RESULT].form(
        case=found, actor=actor, at=at, auto_id=f"{Do.REPORT_RESULT.value}_%s", initial=_typed(request)
    )
    assert isinstance(form, ReportResult)
    if "draft" in request.POST:
        _fill_in(form)
    if request.htmx:  # type: ignore[attr-defined]
        part = "reply" if "draft" in request.POST else "reply_remarks"
        return render(request, f"web/parts/{part}.html", {"form": form})
    shown = action_entries.with_form(Do.REPORT_RESULT, found, form)
    return render(request, "web/act.html", {"act": shown, "case": found, "now": at})


def _typed(request: HttpRequest) -> dict[str, str]:
    return {"text": request.POST.get("text", "")[:LONGEST], "drafted": request.POST.get("drafted", "")}


def _fill_in(form: ReportResult) -> None:
    """Puts the draft after what was typed; what the server could not do is said beside the field."""
    try:
        form.initial["text"] = draft_of(form.case, form.case.words, form.initial["text"])
        form.initial["drafted"] = "yes"
    except NoDraft as refused:
        form.no_draft = refused.message
