"""Writing help for a result: remarks on it while it is typed, and a draft where a draft server is configured."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jieban.base.clock import now
from jieban.base.errors import NotAllowed
from jieban.cases.access import offers
from jieban.cases.checks.reply_drafts import draft_of
from jieban.cases.flow.action import Action
from jieban.cases.flow.transitions import LEAD_ROLES
from jieban.cases.lists import case_detail
from jieban.channels.draft_server import NoDraft
from jieban.web.case import action_entries
from jieban.web.case.action_forms import FORMS, ReportResultForm
from jieban.web.page.access import ActorRequest, for_roles
from jieban.web.page.fields import LONGEST_TEXT


@for_roles(LEAD_ROLES)
@require_POST
def reply(request: ActorRequest, number: str) -> HttpResponse:
    """HTMX view: the remarks on what was typed, or the field with a draft in it; the whole page without a script."""
    actor, at = request.actor, now()
    found = case_detail.get_case_detail(number, actor)
    if not offers.is_possible(Action.REPORT_RESULT, found, actor, at):
        raise NotAllowed(_("您的岗位现在不能报结本件。"))
    form = FORMS[Action.REPORT_RESULT](
        case=found, actor=actor, at=at, auto_id=f"{Action.REPORT_RESULT.value}_%s", initial=_typed(request)
    )
    assert isinstance(form, ReportResultForm)
    if "draft" in request.POST:
        _fill_in(form)
    if request.htmx:
        part = "reply" if "draft" in request.POST else "reply_remarks"
        return render(request, f"case/{part}.html", {"form": form})
    offered = action_entries.action_with_given_form(Action.REPORT_RESULT, found, form)
    return render(request, "case/act.html", {"act": offered, "case": found, "now": at})


def _typed(request: HttpRequest) -> dict[str, str]:
    return {"text": request.POST.get("text", "")[:LONGEST_TEXT], "drafted": request.POST.get("drafted", "")}


def _fill_in(form: ReportResultForm) -> None:
    """Puts the draft into the text field; an error of the draft server is shown beside the field."""
    try:
        form.initial["text"] = draft_of(form.case, form.case.words, form.initial["text"])
        form.initial["drafted"] = "yes"
    except NoDraft as refused:
        form.no_draft = refused.message
