"""The caller's list and the page of one call: three questions, or nobody answered."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jieban.base.clock import local, now
from jieban.base.errors import Missing, NotAllowed, WrongState
from jieban.cases import actions, queries
from jieban.cases.flow import Contacted, Do, Satisfied, Solved, may_ever
from jieban.cases.models import Case, VisitBack
from jieban.cases.rules import REQUESTERS
from jieban.registry.models import Role
from jieban.registry.posts import Actor
from jieban.web import record
from jieban.web.access import for_roles
from jieban.web.act_forms import one_of, text
from jieban.web.forms import PageForm
from jieban.web.shown import Step
from jieban.web.words import due_words


class Answers(PageForm):
    """The three questions; a refusal to answer is an answer too."""

    contacted = one_of(gettext_lazy("承办单位是否在时限内联系过您"), Contacted.choices)
    solved = one_of(gettext_lazy("问题是否已经解决"), Solved.choices)
    satisfied = one_of(gettext_lazy("对办理过程和结果是否满意"), Satisfied.choices)
    remark = text(gettext_lazy("来电人怎么说"), required=False)


@for_roles({Role.CALLER})
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Whom to call next: the earliest limit first."""
    if not may_ever(Do.VISIT_BACK, request.actor.role) or request.actor.role in REQUESTERS:  # type: ignore[attr-defined]
        raise NotAllowed(_("您的岗位不办理回访。"))
    after = request.GET.get("after", "")
    page = queries.to_visit_back(request.actor, after=after)  # type: ignore[attr-defined]
    context = {
        "now": now(),
        "title": _("待回访"),
        "cases": page.cases,
        "next_url": f"?after={page.next}" if page.next else "",
        "first_url": reverse("visit-backs") if after else "",
    }
    return render(request, "web/visit_back_list.html", context)


@for_roles(REQUESTERS | {Role.CALLER})
@require_http_methods(["GET", "POST"])
def visit_back(request: HttpRequest, number: str) -> HttpResponse:
    """One call: what was asked, what was done, and the answers."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    found = queries.case_of(number, actor)
    if Do.VISIT_BACK not in queries.possible(found, actor):
        raise NotAllowed(_("您的岗位现在不能回访本件。"))
    if request.method == "GET":
        return _page(request, found, Answers(), 200)
    reached = request.POST.get("reached") != "no"
    form, status = _record(request, found, actor, at, reached)
    if status:
        return _page(request, found, form, status)
    messages.success(request, _("已记录回访。") if reached else _("已记录：无人接听。"))
    return redirect(reverse("case", args=[number]) if actor.role in REQUESTERS else reverse("visit-backs"))


def _record(
    request: HttpRequest, case: Case, actor: Actor, at: datetime, reached: bool
) -> tuple[Answers, int]:
    """Records the call. The form, and the status of what did not fit: 0 when all did."""
    form = Answers(request.POST)
    if reached and not form.is_valid():
        return form, Missing.status
    try:
        answers = form.cleaned_data if reached else {}
        actions.visit_back(case.pk, actor=actor, at=at, reached=reached, **answers)
    except (Missing, WrongState) as refused:
        if not form.is_valid():
            form.errors.clear()
        form.refuse(refused.fields, refused.message)
        return form, refused.status
    return form, 0


def _page(request: HttpRequest, case: Case, form: Answers, status: int) -> HttpResponse:
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    context = {
        "now": at,
        "title": _("回访：%s") % case.subject,
        "case": case,
        "own": actor.role in REQUESTERS,
        "first_line": _until(case, at),
        "received_words": f"{local(case.received_at).month}月{local(case.received_at).day}日",
        "said": case.words.text,
        "result": queries.result_of(case) or _("承办单位还没有报结。"),
        "requester": record.requester_of(case, actor),
        "form": form,
        "attempts": [_attempt(call) for call in queries.attempts_of(case)],
    }
    return render(request, "web/visit_back.html", context, status=status)


def _until(case: Case, at: datetime) -> str:
    if case.visit_back_due_at is None:
        return _("请打给诉求人，问清三个问题。")
    if case.visit_back_due_at <= at:
        return _("回访时限已到，请尽快打给诉求人，问清三个问题。")
    return _("请在%s 前打给诉求人，问清三个问题。") % due_words(case.visit_back_due_at, at)


def _attempt(call: VisitBack) -> Step:
    who = call.person.name if call.person else ""
    return Step(call.at, who, _("回访"), text=_("已接通") if call.reached else _("无人接听"))
